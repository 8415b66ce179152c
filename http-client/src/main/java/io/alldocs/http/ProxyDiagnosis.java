package io.alldocs.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Properties;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Selects the proxy for an address, provides its credentials and diagnoses failures that a proxy caused. HTTP clients
 * report the status of a refused tunnel only as text, so this class sends an additional CONNECT to read it. Safe for
 * concurrent use.
 */
public final class ProxyDiagnosis {

    /**
     * Authentication schemes that the JDK does not use for tunnels; {@code Basic} according to its
     * {@code conf/net.properties} (JDK-8168839).
     */
    static final String DISABLED_SCHEMES = "jdk.http.auth.tunneling.disabledSchemes";

    private static final Pattern STATUS_LINE = Pattern.compile("HTTP/1\\.[01] (\\d{3})(?: .*)?");
    private static final int LONGEST_LINE = 8192;

    /** The npm configuration's proxies; null if the JVM's selector decides. */
    private final @Nullable Proxies proxies;

    private final @Nullable ProxySelector selector;
    private final Duration patience;
    private final boolean dropsPasswords;
    private final Map<Proxies.HttpProxy, ProxyLogin> logins = new ConcurrentHashMap<>();

    /**
     * @param proxies null if {@code selector} decides
     * @param selector null for the JVM's
     * @param patience timeout for connecting, and timeout for receiving the status
     * @param jdksTunnels whether the JDK's client opens the tunnels, which may drop passwords
     */
    ProxyDiagnosis(
            @Nullable Proxies proxies, @Nullable ProxySelector selector, Duration patience, boolean jdksTunnels) {
        this.proxies = proxies;
        this.selector = selector;
        this.patience = patience;
        this.dropsPasswords =
                jdksTunnels && proxies != null && !proxies.secrets().isEmpty() && dropsPasswords();
    }

    /** Returns the configured selector; empty if the JVM's selector decides. */
    Optional<ProxySelector> chosen() {
        return Optional.ofNullable(proxies != null ? proxies : selector);
    }

    /** Returns the selector that chooses the proxy for an address. */
    public ProxySelector selector() {
        ProxySelector deciding = proxies != null ? proxies : selector != null ? selector : ProxySelector.getDefault();
        return deciding == null ? ProxySelector.of(null) : deciding;
    }

    /**
     * Returns the value of the Proxy-Authorization header for the proxy of {@code uri}, null for none. It belongs to
     * the CONNECT for an https address, else to the request itself.
     *
     * @throws IOException if the JDK's client would drop it; nothing is sent then
     */
    public @Nullable String authorization(URI uri) throws IOException {
        Proxies.HttpProxy proxy = proxies == null ? null : proxies.of(uri);
        if (proxy == null || proxy.authorization() == null) {
            return null;
        }
        if (dropsPasswords && isTunnelled(uri)) {
            throw ProxyException.passwordDropped(proxy.toString());
        }
        return proxy.authorization();
    }

    /**
     * Begins a request that may need the password of the proxy of {@code uri}. Until the proxy has accepted the
     * password once, this method waits for the result of any other request in progress.
     *
     * @return the request, which the caller closes when the headers of the response have arrived or the request has
     *     failed
     * @throws IOException if the proxy has refused the password within the last 10 minutes, or the JDK's client would
     *     drop it; nothing is sent then
     */
    public Use use(URI uri) throws IOException, InterruptedException {
        Proxies.HttpProxy proxy = proxies == null ? null : proxies.of(uri);
        if (proxy == null || proxy.authorization() == null) {
            return Use.WITHOUT_PASSWORD;
        }
        String authorization = authorization(uri);
        ProxyLogin login = login(proxy);
        return new Use(login, authorization, login.begin());
    }

    private ProxyLogin login(Proxies.HttpProxy proxy) {
        return logins.computeIfAbsent(proxy, unused -> new ProxyLogin(patience, System::nanoTime));
    }

    private Optional<ProxyLogin> loginFor(URI uri) {
        Proxies.HttpProxy proxy = proxies == null ? null : proxies.of(uri);
        return proxy == null || proxy.authorization() == null ? Optional.empty() : Optional.of(login(proxy));
    }

    /** One request that may go through a proxy with a password. */
    public static final class Use implements AutoCloseable {
        private static final Use WITHOUT_PASSWORD = new Use(null, null, false);

        private final @Nullable ProxyLogin login;
        private final @Nullable String authorization;
        private final boolean isAwaited;

        private Use(@Nullable ProxyLogin login, @Nullable String authorization, boolean isAwaited) {
            this.login = login;
            this.authorization = authorization;
            this.isAwaited = isAwaited;
        }

        /** Returns the value of the Proxy-Authorization header; null for none. */
        public @Nullable String authorization() {
            return authorization;
        }

        /** Records that the proxy let the request pass. */
        public void accepted() {
            if (login != null) {
                login.accepted();
            }
        }

        @Override
        public void close() {
            if (isAwaited && login != null) {
                login.end();
            }
        }
    }

    /**
     * Returns the exception for a 407 that the proxy sent; empty if no proxy was used. The password is not used again
     * for a while.
     *
     * @param status of the response
     */
    public Optional<IOException> refusal(URI uri, int status) {
        return proxyFor(uri).map(proxy -> {
            String target = isTunnelled(uri) ? "CONNECT " + target(uri) : Redaction.uri(uri);
            return refused(uri, proxy, status, target, null);
        });
    }

    private ProxyException refused(
            URI uri, InetSocketAddress proxy, int status, String target, @Nullable Throwable cause) {
        ProxyException refusal = ProxyException.refused(shown(proxy), status, target, cause);
        if (status == 407) {
            loginFor(uri).ifPresent(login -> login.refused(refusal));
        }
        return refusal;
    }

    /**
     * Returns {@code failure}, or an exception that explains how a proxy caused it. Only for exchanges without a
     * response. May send one CONNECT, which takes at most twice the connect timeout.
     */
    public IOException explain(URI uri, IOException failure) {
        FailureKind fault = FailureKind.ofException(failure, false);
        Optional<InetSocketAddress> proxy = switch (fault) {
            case RESET, REFUSED, UNKNOWN_HOST, CONNECT_TIMEOUT -> proxyFor(uri);
            default -> Optional.empty();
        };
        if (proxy.isEmpty()) {
            return failure;
        }
        if (fault != FailureKind.RESET) {
            ProxyException unreachable = ProxyException.unreachable(shown(proxy.get()), failure);
            loginFor(uri).ifPresent(login -> login.unreachable(unreachable));
            return unreachable;
        }
        if (!isTunnelled(uri)) {
            return failure;
        }
        OptionalInt status = connect(proxy.get(), uri);
        boolean refused = status.isPresent() && (status.getAsInt() < 200 || status.getAsInt() > 299);
        return refused ? refused(uri, proxy.get(), status.getAsInt(), "CONNECT " + target(uri), failure) : failure;
    }

    private Optional<InetSocketAddress> proxyFor(URI uri) {
        return selector().select(uri).stream()
                .limit(1) // only the first is used
                .filter(proxy -> proxy.type() == Proxy.Type.HTTP)
                .map(Proxy::address)
                .filter(InetSocketAddress.class::isInstance)
                .map(InetSocketAddress.class::cast)
                .findFirst();
    }

    /** Sends one CONNECT and returns its status; empty if none arrived. */
    private OptionalInt connect(InetSocketAddress proxy, URI uri) {
        int millis = (int) Math.min(Integer.MAX_VALUE, patience.toMillis());
        try (Socket socket = new Socket()) {
            socket.connect(
                    proxy.isUnresolved() ? new InetSocketAddress(proxy.getHostString(), proxy.getPort()) : proxy,
                    millis);
            socket.setSoTimeout(millis);
            String authorization = authorization(uri);
            String request = "CONNECT " + target(uri) + " HTTP/1.1\r\nHost: " + target(uri) + "\r\n"
                    + (authorization == null ? "" : "Proxy-Authorization: " + authorization + "\r\n") + "\r\n";
            socket.getOutputStream().write(request.getBytes(ISO_8859_1));
            Matcher line = STATUS_LINE.matcher(firstLine(socket.getInputStream()));
            return line.matches() ? OptionalInt.of(Integer.parseInt(line.group(1))) : OptionalInt.empty();
        } catch (IOException e) {
            return OptionalInt.empty(); // the first failure is more informative
        }
    }

    private static String firstLine(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int b = in.read(); b >= 0 && b != '\n' && line.length() < LONGEST_LINE; b = in.read()) {
            line.append((char) b);
        }
        return line.toString().strip();
    }

    private static boolean isTunnelled(URI uri) {
        return Origins.scheme(uri).equals("https");
    }

    private static String target(URI uri) {
        return Origins.host(uri) + ":" + (uri.getPort() < 0 ? 443 : uri.getPort());
    }

    private static String shown(InetSocketAddress proxy) {
        return proxy.getHostString() + ":" + proxy.getPort();
    }

    /**
     * Returns whether the JDK drops Basic credentials for tunnels, as stated by the property, else by the JDK's file.
     */
    private static boolean dropsPasswords() {
        String schemes = System.getProperty(DISABLED_SCHEMES);
        if (schemes == null) {
            schemes = ofTheJdk();
        }
        for (String scheme : schemes.split(",", -1)) {
            if (scheme.strip().toLowerCase(Locale.ROOT).equals("basic")) {
                return true;
            }
        }
        return false;
    }

    private static String ofTheJdk() {
        Properties properties = new Properties();
        try (InputStream in =
                Files.newInputStream(Path.of(System.getProperty("java.home"), "conf", "net.properties"))) {
            properties.load(in);
        } catch (IOException | IllegalArgumentException e) {
            return "Basic"; // the value in every JDK since 8u111
        }
        return Objects.requireNonNullElse(properties.getProperty(DISABLED_SCHEMES), "");
    }
}
