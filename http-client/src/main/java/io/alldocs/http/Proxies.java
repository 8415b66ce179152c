package io.alldocs.http;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Selects the proxies of the npm configuration as npm does (packages {@code npm-registry-fetch} and
 * {@code @npmcli/agent}). The setting {@code https-proxy}, else {@code proxy}, applies to every address. Without them
 * {@code HTTPS_PROXY} applies, and for http addresses then {@code HTTP_PROXY}, else {@code PROXY}. Connections to hosts
 * of {@code noproxy}, else of {@code NO_PROXY}, are direct. Immutable.
 */
final class Proxies extends ProxySelector {

    /**
     * The scheme is optional, as in curl. Host names of proxies may contain an underscore, which {@link URI} refuses.
     */
    private static final Pattern ADDRESS = Pattern.compile("(?:(?<scheme>[A-Za-z][A-Za-z0-9+.-]*)://)?(?:(?<user>.*)@)?"
            + "(?<host>\\[[0-9A-Fa-f:.]+]|[A-Za-z0-9._-]+)(?::(?<port>\\d{1,5}))?(?:/[^@]*)?");

    private final @Nullable HttpProxy forHttp;
    private final @Nullable HttpProxy forHttps;
    private final List<String> exceptions;

    private Proxies(@Nullable HttpProxy forHttp, @Nullable HttpProxy forHttps, List<String> exceptions) {
        this.forHttp = forHttp;
        this.forHttps = forHttps;
        this.exceptions = exceptions;
    }

    /**
     * One proxy.
     *
     * @param authorization value of the Proxy-Authorization header, null for none
     */
    record HttpProxy(String host, int port, @Nullable String authorization) {
        @Override
        public String toString() {
            return host + ":" + port;
        }
    }

    /**
     * Returns the proxies that {@code settings} name; empty if they name none.
     *
     * @throws IllegalArgumentException for a proxy that this client cannot use; it is never replaced by a direct
     *     connection
     */
    static Optional<Proxies> of(Settings settings) {
        Optional<HttpProxy> forHttps = forHttps(settings).map(Proxies::parsed);
        Optional<HttpProxy> forHttp = forHttp(settings).map(Proxies::parsed);
        if (forHttps.isEmpty() && forHttp.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(new Proxies(forHttp.orElse(null), forHttps.orElse(null), exceptions(settings)));
    }

    /** Returns the setting that applies to https addresses. */
    static Optional<Setting> forHttps(Settings settings) {
        return configured(settings).or(() -> settings.variable("HTTPS_PROXY"));
    }

    /** Returns the setting that applies to http addresses. */
    static Optional<Setting> forHttp(Settings settings) {
        return configured(settings).or(() -> settings.variable("HTTPS_PROXY", "HTTP_PROXY", "PROXY"));
    }

    /** Returns the setting that lists the hosts with direct connections. */
    static Optional<Setting> noProxy(Settings settings) {
        return settings.find("noproxy").or(() -> settings.variable("NO_PROXY"));
    }

    private static Optional<Setting> configured(Settings settings) {
        return settings.find("https-proxy")
                .filter(Proxies::isOn)
                .or(() -> settings.find("proxy").filter(Proxies::isOn));
    }

    /**
     * Returns whether the setting names a proxy. In npm, the value {@code false} means that it does not name one, and
     * that the variables apply.
     */
    private static boolean isOn(Setting setting) {
        return !setting.value().equals("false");
    }

    private static List<String> exceptions(Settings settings) {
        return noProxy(settings).stream()
                .flatMap(setting -> setting.values().stream())
                .flatMap(list -> Stream.of(list.split(",")))
                .map(entry -> entry.strip().toLowerCase(Locale.ROOT).replaceAll("^\\.+|\\.+$", ""))
                .filter(entry -> !entry.isEmpty())
                .toList();
    }

    private static HttpProxy parsed(Setting setting) {
        Matcher address = ADDRESS.matcher(setting.value());
        int port = address.matches() ? port(address.group("port")) : -1;
        if (port < 0) {
            // The value is omitted because it may contain a password.
            throw setting.invalid("is not the address of a proxy, such as http://proxy.example:3128");
        }
        String scheme = address.group("scheme");
        if (scheme != null && !scheme.equalsIgnoreCase("http")) {
            throw setting.invalid("names a proxy with the scheme " + Redaction.excerpt(scheme) + ":, which is not"
                    + " supported. Use an http: proxy");
        }
        return new HttpProxy(
                address.group("host").toLowerCase(Locale.ROOT), port, authorization(address.group("user"), setting));
    }

    private static int port(@Nullable String digits) {
        int port = digits == null ? 80 : Integer.parseInt(digits);
        return port > 0 && port <= 65_535 ? port : -1;
    }

    /** Percent-decodes name and password, as npm does; the password is optional. */
    private static @Nullable String authorization(@Nullable String userInfo, Setting setting) {
        if (userInfo == null || userInfo.isEmpty()) {
            return null;
        }
        int colon = userInfo.indexOf(':');
        try {
            String user = decoded(colon < 0 ? userInfo : userInfo.substring(0, colon));
            return NpmLogins.basic(user, colon < 0 ? "" : decoded(userInfo.substring(colon + 1)));
        } catch (IllegalArgumentException e) {
            // The cause is omitted because its message repeats a part of the secret.
            throw setting.invalid("has a user or password that is not percent-encoded");
        }
    }

    private static String decoded(String text) {
        return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    }

    /** Returns the proxy for {@code uri}; null for a direct connection. */
    @Nullable
    HttpProxy of(URI uri) {
        HttpProxy proxy = Origins.scheme(uri).equals("https") ? forHttps : forHttp;
        return proxy == null || isException(Origins.host(uri)) ? null : proxy;
    }

    private boolean isException(String host) {
        for (String entry : exceptions) {
            if (host.endsWith(entry)
                    && (host.length() == entry.length() || host.charAt(host.length() - entry.length() - 1) == '.')) {
                return true;
            }
        }
        return false;
    }

    /** Returns header values that no message may contain. */
    List<String> secrets() {
        return Stream.of(Optional.ofNullable(forHttp), Optional.ofNullable(forHttps))
                .flatMap(Optional::stream)
                .flatMap(proxy -> Optional.ofNullable(proxy.authorization()).stream())
                .toList();
    }

    @Override
    public List<Proxy> select(URI uri) {
        HttpProxy proxy = of(uri);
        return List.of(
                proxy == null
                        ? Proxy.NO_PROXY
                        : new Proxy(Proxy.Type.HTTP, InetSocketAddress.createUnresolved(proxy.host(), proxy.port())));
    }

    /** Does nothing: the request fails with its own error, and there is no other proxy to try. */
    @Override
    public void connectFailed(URI uri, SocketAddress proxy, IOException failure) {}
}
