package io.alldocs.worker.mirror;

import io.alldocs.http.AddressCheck;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.Collection;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Decides which addresses the mirror may request for a tarball. A packument may name addresses on the registry's own
 * host and on hosts that the operator allowed, in any network. A server may additionally redirect to any host whose
 * addresses are all public. The author of a packument or redirect therefore cannot reach hosts that only the mirror's
 * machine can reach (SSRF). Immutable.
 *
 * <p>A host is checked by every address that the JVM resolves it to. The JVM caches resolved addresses for 30 seconds
 * ({@code networkaddress.cache.ttl}), so the connection that follows uses a checked address. {@link TarballProxy}
 * checks again when the response arrives.
 */
final class TarballHosts implements AddressCheck {

    /** Resolves a host, as {@link InetAddress#getAllByName(String)} does. */
    @FunctionalInterface
    interface Resolver {
        InetAddress[] resolve(String host) throws UnknownHostException;
    }

    /** Thrown for an address that the mirror does not request. The message contains only the host. */
    static final class RefusedException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        RefusedException(String message) {
            super(message, null, false, false);
        }
    }

    /**
     * Hosts that the <a href="https://url.spec.whatwg.org/#ends-in-a-number-checker">URL standard</a> interprets as an
     * IPv4 address. Notations other than four decimal numbers are ambiguous: for 0177.0.0.1 this JVM uses 177.0.0.1,
     * but a proxy may use 127.0.0.1.
     */
    private static final Pattern NUMERIC = Pattern.compile("(.*\\.)?(\\d+|0[xX][0-9a-fA-F]*)\\.?");

    private final URI registry;
    private final Set<String> allowed;
    private final Resolver resolver;
    private final String api;

    /** @param allowed {@code host} for the ports 80 and 443, or {@code host:port} */
    TarballHosts(URI registry, Collection<String> allowed, Resolver resolver) {
        this.registry = registry;
        this.allowed = allowed.stream().map(TarballHosts::normalized).collect(Collectors.toUnmodifiableSet());
        this.resolver = resolver;
        String path = registry.getRawPath();
        this.api = Escapes.resolved(path == null ? "" : path) + "-/";
    }

    /**
     * Checks and normalizes a host from an option.
     *
     * @throws IllegalArgumentException unless it is {@code host} or {@code host:port}
     */
    static String normalized(String host) {
        URI uri;
        try {
            uri = URI.create("http://" + host);
        } catch (IllegalArgumentException e) {
            throw notAHost(host);
        }
        boolean whole = uri.getHost() != null && uri.getRawUserInfo() == null && host.equals(uri.getRawAuthority());
        if (!whole) {
            throw notAHost(host);
        }
        return host.toLowerCase(Locale.ROOT);
    }

    private static IllegalArgumentException notAHost(String host) {
        return new IllegalArgumentException(
                "A tarball host must be HOST or HOST:PORT, such as files.example or files.example:8443, but is "
                        + host);
    }

    /**
     * Returns whether the mirror proxies tarballs of this address: it is the registry's, or its host is explicitly
     * allowed.
     */
    boolean isNamed(URI address) {
        return isRegistry(address) || isAllowed(address);
    }

    /**
     * Returns whether host and port are the registry's. The default ports of http and https are treated as equal,
     * because many registries behind a proxy write http.
     */
    private boolean isRegistry(URI address) {
        return host(address).equals(host(registry))
                && (port(address) == port(registry) || (isStandard(address) && isStandard(registry)));
    }

    private boolean isAllowed(URI address) {
        return allowed.contains(host(address) + ':' + port(address))
                || (isStandard(address) && allowed.contains(host(address)));
    }

    /** Returns whether one of the addresses of the host is not public; false for an unknown host. */
    boolean isInternal(URI address) {
        try {
            return !isPublic(address);
        } catch (UnknownHostException e) {
            return false;
        }
    }

    /** @throws RefusedException if the mirror must not request {@code address} */
    @Override
    public void check(URI address, boolean redirected) {
        if (isNamed(address)) {
            requireNoApi(address);
            return;
        }
        if (!redirected) {
            throw new RefusedException("The mirror does not proxy tarballs from " + host(address)
                    + ": it is neither the host of the registry nor allowed by --tarball-host");
        }
        try {
            if (!isPublic(address)) {
                throw new RefusedException("The mirror does not follow a redirect to " + host(address)
                        + ": it is a loopback, private or link-local address that --tarball-host does not allow");
            }
        } catch (UnknownHostException e) {
            throw new RefusedException("The mirror does not follow a redirect to " + host(address)
                    + ": its address cannot be resolved, so it may be private. Allow it with --tarball-host.");
        }
    }

    /**
     * Rejects paths below {@code /-/}, where the registry exposes data about itself and the token's owner. Only
     * tarballs of the package named {@code -} are allowed there.
     */
    private void requireNoApi(URI address) {
        String path = Escapes.resolved(address.getRawPath() == null ? "" : address.getRawPath());
        if (isRegistry(address) && path.startsWith(api) && !path.startsWith(api + "-/")) {
            throw new RefusedException("The mirror does not proxy responses of the registry's API as tarballs");
        }
    }

    private boolean isPublic(URI address) throws UnknownHostException {
        String host = host(address);
        String name = host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
        InetAddress[] addresses = resolver.resolve(name);
        return Arrays.stream(addresses).allMatch(TarballHosts::isPublic)
                && (!NUMERIC.matcher(name).matches()
                        || addresses[0].getHostAddress().equals(name));
    }

    /**
     * Returns whether an address is public according to <a
     * href="https://www.iana.org/assignments/iana-ipv4-special-registry/">IANA's registries</a> of special addresses.
     */
    static boolean isPublic(InetAddress address) {
        if (address.isAnyLocalAddress()
                || address.isLoopbackAddress()
                || address.isLinkLocalAddress()
                || address.isSiteLocalAddress()
                || address.isMulticastAddress()) {
            return false;
        }
        byte[] octets = address.getAddress();
        return address instanceof Inet6Address ? isPublicIpv6(octets) : isPublicIpv4(octets, 0);
    }

    private static boolean isPublicIpv4(byte[] octets, int start) {
        int first = octets[start] & 0xff;
        int second = octets[start + 1] & 0xff;
        int third = octets[start + 2] & 0xff;
        boolean special = first == 0 // this network
                || first == 10
                || first == 127
                || first >= 224 // multicast, reserved, broadcast
                || (first == 100 && second >= 64 && second < 128) // shared address space of a provider's customers
                || (first == 169 && second == 254)
                || (first == 172 && second >= 16 && second < 32)
                || (first == 192 && second == 0 && third == 0)
                || (first == 192 && second == 168)
                || (first == 198 && (second == 18 || second == 19)); // benchmarking
        return !special;
    }

    /** Accepts global unicast only. For formats that embed an IPv4 address, that address is checked. */
    private static boolean isPublicIpv6(byte[] octets) {
        int first = ((octets[0] & 0xff) << 8) | (octets[1] & 0xff);
        int second = ((octets[2] & 0xff) << 8) | (octets[3] & 0xff);
        if (first == 0x0064 && second == 0xff9b) {
            return isPublicIpv4(octets, 12); // NAT64
        }
        if (first == 0x2002) {
            return isPublicIpv4(octets, 2); // 6to4
        }
        boolean teredo = first == 0x2001 && second == 0;
        return (first & 0xe000) == 0x2000 && !teredo;
    }

    private static String host(URI address) {
        String host = address.getHost();
        if (host == null) {
            throw new RefusedException("The URL of the tarball has no host");
        }
        String lower = host.toLowerCase(Locale.ROOT);
        return lower.endsWith(".") ? lower.substring(0, lower.length() - 1) : lower;
    }

    private static boolean isHttps(URI address) {
        return "https".equalsIgnoreCase(address.getScheme());
    }

    private static int port(URI address) {
        return address.getPort() >= 0 ? address.getPort() : isHttps(address) ? 443 : 80;
    }

    private static boolean isStandard(URI address) {
        return port(address) == (isHttps(address) ? 443 : 80);
    }
}
