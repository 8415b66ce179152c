package io.alldocs.worker.mirror;

import io.alldocs.cache.Cache;
import io.alldocs.http.BaseHttpClient;
import io.alldocs.http.NpmConfig;
import io.alldocs.packument.NameFilter;
import io.alldocs.packument.PolicyFile;
import io.alldocs.packument.VersionPolicy;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Collection;
import java.util.Objects;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Configures a {@link MirrorServer}. Reads nothing from the environment of the process. Not thread-safe. */
public final class MirrorServerBuilder {
    private static final URI NPM = URI.create("https://registry.npmjs.com");
    private static final long MOST_MEMORY_BYTES = 64L << 20;

    private @Nullable Cache cache;
    String host = "127.0.0.1";
    int port;
    int maxConnections = 1_024;
    Duration idleTimeout = Duration.ofSeconds(60);
    Duration writeTimeout = Duration.ofSeconds(30);
    Duration drainTimeout = Duration.ofSeconds(10);
    URI registry = NPM;
    NameFilter filter = NameFilter.ALL;
    boolean pullThrough;
    NpmConfig npmConfig = NpmConfig.empty();
    boolean proxyTarballs;
    int transfers = TransferGate.defaultTransfers();
    Set<String> tarballHosts = Set.of();
    TarballHosts.Resolver resolver = InetAddress::getAllByName;

    @Nullable
    BaseHttpClient http;

    Duration absenceLifetime = Duration.ofMinutes(5);
    Duration recheckAfter = Duration.ofSeconds(1);
    Duration clientMaxAge = Duration.ofMinutes(5);
    long memoryBytes = Math.min(MOST_MEMORY_BYTES, Runtime.getRuntime().maxMemory() / 4);

    @Nullable
    URI tarballBase;

    private @Nullable VersionPolicy policy;
    private @Nullable Path policyFile;

    MirrorListener listener = MirrorListener.NONE;

    LongSupplier nanoTime = System::nanoTime;

    MirrorServerBuilder() {}

    /** Sets the cache to serve. It is shared, and not closed by the server. Required. */
    public MirrorServerBuilder cache(Cache cache) {
        this.cache = Objects.requireNonNull(cache, "cache");
        return this;
    }

    Cache cache() {
        return Objects.requireNonNull(cache, "A mirror needs a cache: builder().cache(cache)");
    }

    /**
     * Sets the registry whose packuments are served. Packuments of other registries in the cache are not served.
     * Default: {@code https://registry.npmjs.com}.
     */
    public MirrorServerBuilder registry(URI registry) {
        this.registry = Objects.requireNonNull(registry, "registry");
        return this;
    }

    /**
     * Sets which packages are served. Requests for other packages, including their tarballs, receive 403, which
     * npm's client reports as a security policy. The list of names omits them, and the mirror never requests
     * them. Default: all.
     */
    public MirrorServerBuilder filter(NameFilter filter) {
        this.filter = Objects.requireNonNull(filter, "filter");
        return this;
    }

    /**
     * Sets which versions are served. Packuments in both forms omit the versions that the policy refuses; their
     * tarballs and manifests receive 403 with the reason. Ages are measured by the cache's clock. Replaces
     * {@link #policyFile}. Default: all versions.
     */
    public MirrorServerBuilder policy(VersionPolicy policy) {
        this.policy = Objects.requireNonNull(policy, "policy");
        this.policyFile = null;
        return this;
    }

    /**
     * Like {@link #policy}, but reads the policy from a file in the format of {@link VersionPolicy#parse}. The file
     * is read again when it changes. If the new content is not a valid policy, the last valid one stays in force.
     * The mirror logs a message and increments the metric {@code all_docs_mirror_policy_file_refused_total}.
     * Replaces {@link #policy}.
     */
    public MirrorServerBuilder policyFile(Path file) {
        this.policyFile = Objects.requireNonNull(file, "file");
        this.policy = null;
        return this;
    }

    @Nullable
    MirrorPolicy policy(MirrorListener listener) {
        Clock clock = cache().clock();
        if (policyFile != null) {
            return MirrorPolicy.of(PolicyFile.open(policyFile), clock, listener);
        }
        return policy == null ? null : MirrorPolicy.of(policy, clock, listener);
    }

    /**
     * Enables pull-through: the mirror requests from the registry, without credentials, those documents that are
     * absent or no longer fresh. Default: no requests to the registry.
     */
    public MirrorServerBuilder pullThrough() {
        this.pullThrough = true;
        return this;
    }

    /**
     * Like {@link #pullThrough()}, but with your client and its credentials, limits and retries. The client is
     * shared, and not closed by the server.
     */
    public MirrorServerBuilder pullThrough(BaseHttpClient http) {
        this.http = Objects.requireNonNull(http, "http");
        return pullThrough();
    }

    /**
     * Streams tarballs from the registry instead of redirecting clients to it. Uses the credentials of
     * {@link #npmConfig}, or of the client passed to {@link #pullThrough(BaseHttpClient)} or
     * {@link #proxyTarballs(BaseHttpClient)}. Clients without credentials can then install private packages, so
     * consider who can reach the mirror. Useful with {@link #rewriteTarballs}, which sends clients here. Default:
     * redirects.
     *
     * <p>The mirror requests only addresses that a packument names, on the registry's host and port and on
     * {@link #tarballHosts}. It follows redirects to any host without a loopback, private or link-local address,
     * but sends credentials to the first host only. For an address on another public host, the client receives a
     * redirect. A complete body ends normally only if it matches {@code dist.integrity} or {@code dist.shasum}.
     * Nothing is stored.
     */
    public MirrorServerBuilder proxyTarballs() {
        this.proxyTarballs = true;
        return this;
    }

    /**
     * Like {@link #proxyTarballs()}, but with your client and its credentials. The client is shared, not closed by
     * the server, and also used for pull-through.
     */
    public MirrorServerBuilder proxyTarballs(BaseHttpClient http) {
        this.http = Objects.requireNonNull(http, "http");
        return proxyTarballs();
    }

    /**
     * Sets additional hosts whose tarballs are proxied, including hosts in private networks. Default: none.
     *
     * @param hosts each a name, for the ports 80 and 443, or a name, a colon and a port
     * @throws IllegalArgumentException if a host has another format
     */
    public MirrorServerBuilder tarballHosts(Collection<String> hosts) {
        this.tarballHosts = hosts.stream().map(TarballHosts::normalized).collect(Collectors.toUnmodifiableSet());
        return this;
    }

    /**
     * Sets the maximum number of concurrent tarball transfers; further requests wait for their turn. Each transfer
     * takes up to 4 MiB of heap while its client is slow. Default: as many as fit a quarter of the maximum heap, 4
     * to 256.
     *
     * @throws IllegalArgumentException if {@code transfers} is below 1
     */
    public MirrorServerBuilder maxTarballs(int transfers) {
        if (transfers < 1) {
            throw new IllegalArgumentException("The number of tarballs must be at least 1, but is " + transfers + ".");
        }
        this.transfers = transfers;
        return this;
    }

    MirrorServerBuilder resolver(TarballHosts.Resolver resolver) {
        this.resolver = resolver;
        return this;
    }

    /**
     * Sets the registries of scopes. For a scope with a registry other than this mirror's, the mirror sends no
     * requests to its registry, and omits its packages from audits. {@link #pullThrough()} also uses the
     * credentials, proxies and certificates of the configuration; {@link #pullThrough(BaseHttpClient)} uses those
     * of its client. Default: none.
     */
    public MirrorServerBuilder npmConfig(NpmConfig config) {
        this.npmConfig = Objects.requireNonNull(config, "config");
        return this;
    }

    /**
     * Sets how long a name that the registry did not find is not requested again, if the registry's response does
     * not specify it. Default: 5 minutes.
     */
    public MirrorServerBuilder absenceLifetime(Duration lifetime) {
        this.absenceLifetime = notNegative(lifetime);
        return this;
    }

    /**
     * Sets the {@code max-age} of responses, during which clients do not revalidate. Default: 5 minutes, as in
     * npm's registry.
     *
     * @throws IllegalArgumentException if negative
     */
    public MirrorServerBuilder clientMaxAge(Duration maxAge) {
        this.clientMaxAge = notNegative(maxAge);
        return this;
    }

    /**
     * Sets how long a response in memory is served without a comparison with the cache. After that it is still
     * served while a thread compares it, for up to ten times as long. Default: 1 second.
     *
     * @throws IllegalArgumentException if negative
     */
    public MirrorServerBuilder recheckAfter(Duration interval) {
        this.recheckAfter = notNegative(interval);
        return this;
    }

    /**
     * Sets the off-heap memory for frequent responses. Up to the same amount again is used for evicted responses
     * that are still being sent to slow clients. If no memory is free, further requests receive 503. Default: a
     * quarter of the maximum heap, at most 64 MiB.
     *
     * @throws IllegalArgumentException if below 64 KiB
     */
    public MirrorServerBuilder memoryBytes(long bytes) {
        if (bytes < 64 * 1024) {
            throw new IllegalArgumentException(
                    "The memory for responses must be at least 65,536 bytes, but is " + bytes + ".");
        }
        this.memoryBytes = bytes;
        return this;
    }

    /**
     * Rewrites {@code dist.tarball} to {@code BASE/NAME/-/NAME-VERSION.tgz}. The mirror looks up the registry's
     * address of such a tarball in the packument. Default: addresses are not changed.
     *
     * @param base the mirror's own address as clients see it
     */
    public MirrorServerBuilder rewriteTarballs(URI base) {
        this.tarballBase = Objects.requireNonNull(base, "base");
        return this;
    }

    /** Sets the address to listen on. Default: 127.0.0.1; use 0.0.0.0 for all networks of this machine. */
    public MirrorServerBuilder host(String host) {
        this.host = Objects.requireNonNull(host, "host");
        return this;
    }

    /** Sets the port; 0 selects a free one. Default: 0. */
    public MirrorServerBuilder port(int port) {
        this.port = port;
        return this;
    }

    /**
     * Sets the maximum number of concurrent connections; each has at most one response in progress. Further
     * connections receive 503. Default: 1,024.
     *
     * @throws IllegalArgumentException if {@code connections} is below 1
     */
    public MirrorServerBuilder maxConnections(int connections) {
        if (connections < 1) {
            throw new IllegalArgumentException(
                    "The number of connections must be at least 1, but is " + connections + ".");
        }
        this.maxConnections = connections;
        return this;
    }

    /** Sets how long a connection may wait for a complete request. Default: 60 seconds. */
    public MirrorServerBuilder idleTimeout(Duration timeout) {
        this.idleTimeout = notNegative(timeout);
        return this;
    }

    /**
     * Sets how long a client may take to receive a piece of a response (32 KiB, or 256 KiB for responses in
     * memory). Default: 30 seconds.
     */
    public MirrorServerBuilder writeTimeout(Duration timeout) {
        this.writeTimeout = notNegative(timeout);
        return this;
    }

    /** Sets how long {@link MirrorServer#close} waits for in-flight responses. Default: 10 seconds. */
    public MirrorServerBuilder drainTimeout(Duration timeout) {
        this.drainTimeout = notNegative(timeout);
        return this;
    }

    /** Sets the listener of the server's events. Default: {@link MirrorListener#NONE}. */
    public MirrorServerBuilder listener(MirrorListener listener) {
        this.listener = Objects.requireNonNull(listener, "listener");
        return this;
    }

    MirrorServerBuilder nanoTime(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        return this;
    }

    private static Duration notNegative(Duration duration) {
        if (duration.isNegative()) {
            throw new IllegalArgumentException("The duration must not be negative, but is " + duration + ".");
        }
        return duration;
    }

    /**
     * Starts a mirror.
     *
     * @throws IllegalArgumentException if the registry's address is not valid, or the policy file cannot be read or
     *     is not a valid policy
     * @throws NullPointerException if no cache is set
     * @throws UncheckedIOException if the server cannot listen on the port
     */
    public MirrorServer start() {
        return new MirrorServer(this);
    }
}
