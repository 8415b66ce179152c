package io.alldocs.http;

import io.alldocs.spi.NpmHosts;
import java.net.URI;
import java.util.Locale;
import java.util.regex.Pattern;

/** Scheme, host and port: the unit to which rates, pauses and credentials apply. */
final class Origins {

    private static final int MAX_PORT = 65_535;
    private static final Pattern IPV4_LOOPBACK = Pattern.compile("127(\\.\\d{1,3}){3}");

    private Origins() {}

    /** Returns {@code scheme://host:port} in lower case; the port is always included. */
    static String of(URI uri) {
        String scheme = scheme(uri);
        return scheme + "://" + host(uri) + ":" + port(uri);
    }

    static boolean same(URI a, URI b) {
        return of(a).equals(of(b));
    }

    static String scheme(URI uri) {
        return uri.getScheme().toLowerCase(Locale.ROOT);
    }

    static String host(URI uri) {
        return uri.getHost().toLowerCase(Locale.ROOT);
    }

    /**
     * Returns the host, with the port unless it is the scheme's default: the form in which npm writes the names of its
     * settings.
     */
    static String authority(URI uri) {
        int port = port(uri);
        return port == defaultPort(uri) ? host(uri) : host(uri) + ":" + port;
    }

    static boolean isNpmRegistry(URI uri) {
        return isNpmRegistryHost(authority(uri));
    }

    /** @param authority lower-case host, with the port unless it is the scheme's default */
    static boolean isNpmRegistryHost(String authority) {
        return NpmHosts.isRegistry(authority);
    }

    /** Returns whether {@code uri} is on the host of the npm registry or its replica. */
    static boolean isNpm(URI uri) {
        return NpmHosts.isNpm(host(uri));
    }

    /**
     * Returns whether secrets may be sent to {@code uri}: it is an https address, or an http address on this machine.
     */
    static boolean isSafe(URI uri) {
        return "https".equalsIgnoreCase(uri.getScheme())
                || ("http".equalsIgnoreCase(uri.getScheme()) && isLoopback(uri));
    }

    /** Returns whether {@code uri} is on this machine, by name or number. Makes no DNS query. */
    static boolean isLoopback(URI uri) {
        String host = host(uri);
        return host.equals("localhost")
                || host.endsWith(".localhost")
                || host.equals("[::1]")
                || IPV4_LOOPBACK.matcher(host).matches();
    }

    /**
     * @throws IllegalArgumentException if no request can be sent to {@code uri}; the message contains no user
     *     information
     */
    static void requireHttp(URI uri) {
        String scheme = uri.getScheme();
        if (scheme == null || !(scheme.equalsIgnoreCase("http") || scheme.equalsIgnoreCase("https"))) {
            throw new IllegalArgumentException("Not an http or https address: " + Redaction.uri(uri) + ".");
        }
        if (uri.getHost() == null) {
            throw new IllegalArgumentException("The address has no host: " + Redaction.uri(uri) + ".");
        }
        if (uri.getPort() > MAX_PORT) {
            throw new IllegalArgumentException(
                    "The address has a port above " + MAX_PORT + ": " + Redaction.uri(uri) + ".");
        }
        if (uri.getRawUserInfo() != null) {
            throw new IllegalArgumentException("The address contains user information: " + Redaction.uri(uri)
                    + ". Pass the credentials to the client instead.");
        }
    }

    private static int port(URI uri) {
        return uri.getPort() >= 0 ? uri.getPort() : defaultPort(uri);
    }

    private static int defaultPort(URI uri) {
        return scheme(uri).equals("https") ? 443 : 80;
    }
}
