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
 * Decides which addresses the mirror asks for a tarball. A packument may name those of the registry's own host and of hosts that the owner allowed, wherever
 * they are; a server may redirect to any host besides whose addresses are all public. So nobody who writes a packument or a redirect reaches what only the
 * mirror's machine can reach. Immutable.
 *
 * <p>A host is judged by every address that the JVM resolves it to. The JVM keeps what it resolved for 30 seconds ({@code networkaddress.cache.ttl}), so the
 * connection that follows goes to an address that was judged; {@link TarballProxy} asks again when the answer is there.
 */
final class TarballHosts implements AddressCheck {

    /** Resolves a host, as {@link InetAddress#getAllByName(String)} does. */
    @FunctionalInterface
    interface Resolver {
        InetAddress[] resolve(String host) throws UnknownHostException;
    }

    /** An address that the mirror does not ask. Its message names no more of it than the host. */
    static final class RefusedException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        RefusedException(String message) {
            super(message, null, false, false);
        }
    }

    /**
     * What the <a href="https://url.spec.whatwg.org/#ends-in-a-number-checker">URL standard</a> takes for an IPv4 address. Written otherwise than as four
     * decimal numbers it is not the same one for everybody: of 0177.0.0.1 this JVM makes 177.0.0.1, a proxy perhaps 127.0.0.1.
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
     * Checks a host as an option names it.
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
                "A host of tarballs must be HOST or HOST:PORT, as files.example or files.example:8443, not " + host);
    }

    /** Whether the mirror passes on tarballs of this address: it is the registry's, or its host is allowed by name. */
    boolean isNamed(URI address) {
        return isRegistry(address) || isAllowed(address);
    }

    /** The same host and port; http and https count as the same at their own ports, for many registries behind a proxy write http. */
    private boolean isRegistry(URI address) {
        return host(address).equals(host(registry))
                && (port(address) == port(registry) || (isStandard(address) && isStandard(registry)));
    }

    private boolean isAllowed(URI address) {
        return allowed.contains(host(address) + ':' + port(address))
                || (isStandard(address) && allowed.contains(host(address)));
    }

    /** Whether one of the addresses of the host is not public; false for a host that nobody knows. */
    boolean isInternal(URI address) {
        try {
            return !isPublic(address);
        } catch (UnknownHostException e) {
            return false;
        }
    }

    /** @throws RefusedException if the mirror does not ask {@code address} */
    @Override
    public void check(URI address, boolean redirected) {
        if (isNamed(address)) {
            requireNoApi(address);
            return;
        }
        if (!redirected) {
            throw new RefusedException("The mirror passes on no tarballs of " + host(address)
                    + ": it is neither the registry's host nor one that is allowed (--tarball-host)");
        }
        try {
            if (!isPublic(address)) {
                throw new RefusedException("The mirror does not follow a redirect to " + host(address)
                        + ": it is a loopback, private or link-local address, and not allowed (--tarball-host)");
            }
        } catch (UnknownHostException e) {
            throw new RefusedException("The mirror does not follow a redirect to " + host(address)
                    + ": its address cannot be resolved, so it may be private; allow it with --tarball-host");
        }
    }

    /** What the registry tells of itself and of the owner of a token lies below {@code /-/}; of the name {@code -} alone there are tarballs. */
    private void requireNoApi(URI address) {
        String path = Escapes.resolved(address.getRawPath() == null ? "" : address.getRawPath());
        if (isRegistry(address) && path.startsWith(api) && !path.startsWith(api + "-/")) {
            throw new RefusedException("The mirror passes on no answers of the registry's API as tarballs");
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

    /** As <a href="https://www.iana.org/assignments/iana-ipv4-special-registry/">IANA's registries</a> of special addresses say. */
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
                || (first == 100 && second >= 64 && second < 128) // shared by a provider's customers
                || (first == 169 && second == 254)
                || (first == 172 && second >= 16 && second < 32)
                || (first == 192 && second == 0 && third == 0)
                || (first == 192 && second == 168)
                || (first == 198 && (second == 18 || second == 19)); // benchmarks
        return !special;
    }

    /** Global unicast only; of forms that carry an IPv4 address, that one counts. */
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
            throw new RefusedException("The address of a tarball has no host");
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
