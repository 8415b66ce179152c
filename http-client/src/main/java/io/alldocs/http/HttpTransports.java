package io.alldocs.http;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Creates the transport that the environment variable {@value #VARIABLE} names: {@value #JDK}, the default, or the name
 * of a {@link HttpTransportProvider} on the class path. The npm configuration contains the variable, so it applies to
 * every client that is built from one.
 */
public final class HttpTransports {

    /** The environment variable that names a transport. */
    public static final String VARIABLE = "HTTP_TRANSPORT";

    /** Name of {@link JdkTransport}. */
    public static final String JDK = "jdk";

    private static final Map<String, String> ARTIFACTS = Map.of("okhttp", "all-docs-http-okhttp");

    private HttpTransports() {}

    /**
     * Returns a new transport, which the caller must close. Sends nothing.
     *
     * @throws IllegalArgumentException if no transport or more than one has that name. The message lists the available
     *     transports and the artifact to add. Also if the npm configuration names a proxy, certificate or key that
     *     cannot be used
     */
    public static HttpTransport create(TransportOptions options) {
        String name = options.npmConfig().transport().orElse(JDK);
        if (name.equals(JDK)) {
            return JdkTransport.of(options);
        }
        return provider(name).create(options);
    }

    private static HttpTransportProvider provider(String name) {
        List<HttpTransportProvider> found = new ArrayList<>();
        List<Throwable> broken = new ArrayList<>();
        Iterator<HttpTransportProvider> all =
                ServiceLoader.load(HttpTransportProvider.class).iterator();
        boolean more = true;
        while (more) {
            try {
                more = all.hasNext();
                if (more) {
                    found.add(all.next());
                }
            } catch (ServiceConfigurationError | LinkageError e) {
                broken.add(e);
            }
        }
        List<HttpTransportProvider> named =
                found.stream().filter(each -> each.name().equals(name)).toList();
        if (named.size() == 1) {
            return named.get(0);
        }
        IllegalArgumentException problem =
                new IllegalArgumentException(named.isEmpty() ? unknown(name, found, broken) : twice(name, named));
        broken.forEach(problem::addSuppressed);
        throw problem;
    }

    /**
     * Returns a message that lists the available transports and those that can be added, so that the intended name is
     * among them.
     */
    private static String unknown(String name, List<HttpTransportProvider> found, List<Throwable> broken) {
        TreeSet<String> here = new TreeSet<>(List.of(JDK));
        found.forEach(each -> here.add(each.name()));
        String addable = ARTIFACTS.entrySet().stream()
                .filter(each -> !here.contains(each.getKey()))
                .map(each -> " Add io.alldocs:" + each.getValue() + " to the class path to use " + each.getKey() + ".")
                .collect(Collectors.joining());
        String tail = broken.isEmpty()
                ? ""
                : " Could not be loaded: "
                        + broken.stream().map(Throwable::getMessage).toList() + ".";
        return "No HTTP transport for " + VARIABLE + "=" + Redaction.excerpt(name) + "; available: "
                + String.join(", ", here) + "." + addable + tail;
    }

    private static String twice(String name, List<HttpTransportProvider> named) {
        return VARIABLE + "=" + name + " names two HTTP transports: "
                + named.stream().map(each -> each.getClass().getName()).toList() + ". Remove one artifact from the"
                + " class path.";
    }
}
