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

/**
 * A read-only npm registry over a cache, for npm, pnpm, yarn and whatever else asks a registry for packuments.
 *
 * <pre>{@code
 * try (MirrorServer mirror = MirrorServer.builder().cache(cache).port(4873).start()) {
 *     System.out.println("npm config set registry " + mirror.address());
 *     …
 * }
 * }</pre>
 *
 * <p><b>What it serves.</b> Packuments in both forms, as {@code Accept} asks; where the cache holds the full form only, the abbreviated one is made of it
 * once and stored. {@code /name/version} and {@code /name/tag}; {@code /-/package/name/dist-tags}; {@code /_all_docs} of what is held;
 * {@code /-/policy/name}, which explains the {@linkplain Builder#policy policy}; {@code /-/ping}, {@code /-/health}, {@code /-/metrics} (Prometheus).
 * Requests for tarballs are redirected to where their packument says they are, or {@linkplain Builder#proxyTarballs() passed on}. With pull-through, audits,
 * keys and attestations are the registry's. Everything but GET and
 * HEAD is 405, what is not served is 404 (what {@link Builder#filter} leaves out 403): npm's client tries 5xx again and again.
 *
 * <p><b>Where answers come from.</b> From the cache, however old, unless {@link Builder#pullThrough} lets it ask the registry for what is absent or no
 * longer fresh. Answers that are asked for often lie in memory; they are compared with the cache again after {@link Builder#recheckAfter}, so that what
 * another process stores is served soon.
 *
 * <p>Ready when started; safe for concurrent use. {@link #close} lets answers that are under way end.
 */
public final class MirrorServer implements AutoCloseable {
    private final MirrorListener listener;

    private MirrorServer(Builder builder) {
        this.listener = new MirrorListener(builder);
    }

    /** Returns a builder; a cache is all it needs. */
    public static Builder builder() {
        return new Builder();
    }

    MirrorListener listener() {
        return listener;
    }

    /** Where it listens: {@code http://HOST:PORT}, without a slash at its end. */
    public URI address() {
        return listener.address();
    }

    /**
     * Stops listening, closes idle connections, lets answers that are under way end for up to {@link Builder#drainTimeout}, then closes the rest.
     * Returns when all is closed. The cache stays open. Twice is fine.
     */
    @Override
    public void close() {
        listener.close();
    }

    /** Configures a mirror. Not thread-safe. */
    public static final class Builder {
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

        LongSupplier nanoTime = System::nanoTime;

        private Builder() {}

        /** What is served; shared, not closed by the server. Required. */
        public Builder cache(Cache cache) {
            this.cache = Objects.requireNonNull(cache, "cache");
            return this;
        }

        Cache cache() {
            return Objects.requireNonNull(cache, "A mirror needs a cache: builder().cache(cache)");
        }

        /** The registry whose packuments are served: what the cache holds of others is not. Default: {@code https://registry.npmjs.com}. */
        public Builder registry(URI registry) {
            this.registry = Objects.requireNonNull(registry, "registry");
            return this;
        }

        /**
         * The packages that are given out. Of others nothing is, tarballs and names included: 403, which npm's client tells of as the work of a security
         * policy; nor is the registry asked for them. Default: all.
         */
        public Builder filter(NameFilter filter) {
            this.filter = Objects.requireNonNull(filter, "filter");
            return this;
        }

        /**
         * The versions that are given out. What the policy refuses is left out of packuments in both forms, and its tarballs and manifests are 403 with the
         * reason. Ages are measured by the cache's clock. Takes the place of {@link #policyFile}. Default: all versions.
         */
        public Builder policy(VersionPolicy policy) {
            this.policy = Objects.requireNonNull(policy, "policy");
            this.policyFile = null;
            return this;
        }

        /**
         * As {@link #policy}, from a file as {@link VersionPolicy#parse} describes it, which is read again when it changes. Content that is no policy leaves
         * the last good one in force, with a line of the log and the metric {@code policy_file_refused_total}. Takes the place of {@link #policy}.
         */
        public Builder policyFile(Path file) {
            this.policyFile = Objects.requireNonNull(file, "file");
            this.policy = null;
            return this;
        }

        @Nullable
        MirrorPolicy policy(MirrorMetrics metrics) {
            Clock clock = cache().clock();
            if (policyFile != null) {
                return MirrorPolicy.of(PolicyFile.open(policyFile), clock, metrics);
            }
            return policy == null ? null : MirrorPolicy.of(policy, clock, metrics);
        }

        /** Asks the registry for what is absent or no longer fresh, without credentials. Default: nobody is asked. */
        public Builder pullThrough() {
            this.pullThrough = true;
            return this;
        }

        /** As {@link #pullThrough()}, by a client of yours with its credentials, limits and retries; shared, not closed by the server. */
        public Builder pullThrough(BaseHttpClient http) {
            this.http = Objects.requireNonNull(http, "http");
            return pullThrough();
        }

        /**
         * Passes tarballs on from the registry instead of redirecting to it, with the credentials of {@link #npmConfig} or of the client that
         * {@link #pullThrough(BaseHttpClient)} or {@link #proxyTarballs(BaseHttpClient)} gives. Clients that have no credentials of their own can then
         * install private packages; so think about who can reach the mirror. Useful with {@link #rewriteTarballs}, which sends clients here. Default: redirects.
         *
         * <p>Only addresses that a packument names are asked, on the registry's host and port, and on {@link #tarballHosts}; redirects are followed, to any
         * host without a loopback, private or link-local address, and without credentials beyond the first host. For an address on another public host the
         * client is redirected there. A whole body ends only when it matches {@code dist.integrity} or {@code dist.shasum}; nothing is stored.
         */
        public Builder proxyTarballs() {
            this.proxyTarballs = true;
            return this;
        }

        /** As {@link #proxyTarballs()}, by a client of yours with its credentials; shared, not closed by the server. It is also that of pull-through. */
        public Builder proxyTarballs(BaseHttpClient http) {
            this.http = Objects.requireNonNull(http, "http");
            return proxyTarballs();
        }

        /**
         * Hosts besides the registry's whose tarballs are passed on, wherever they are, private networks included. Default: none.
         *
         * @param hosts each a name for the ports 80 and 443, or a name, a colon and a port
         * @throws IllegalArgumentException for anything else
         */
        public Builder tarballHosts(Collection<String> hosts) {
            this.tarballHosts = hosts.stream().map(TarballHosts::normalized).collect(Collectors.toUnmodifiableSet());
            return this;
        }

        /**
         * Tarballs that are passed on at a time; clients that ask for further ones wait for their turn. Each takes up to 4 MiB of heap while its client is slow.
         * Default: as many as a quarter of the largest heap has room for, 4 to 256.
         *
         * @throws IllegalArgumentException if below 1
         */
        public Builder maxTarballs(int transfers) {
            if (transfers < 1) {
                throw new IllegalArgumentException("The number of tarballs must be at least 1, not " + transfers);
            }
            this.transfers = transfers;
            return this;
        }

        Builder resolver(TarballHosts.Resolver resolver) {
            this.resolver = resolver;
            return this;
        }

        /**
         * Names the registries of scopes: of a scope that has another one than this mirror's, nothing is asked of this mirror's registry, and audits leave its
         * packages out. {@link #pullThrough()} also takes credentials, proxies and certificates from it;
         * {@link #pullThrough(BaseHttpClient)} has those of its client. Default: none.
         */
        public Builder npmConfig(NpmConfig config) {
            this.npmConfig = Objects.requireNonNull(config, "config");
            return this;
        }

        /** How long a name that the registry did not find is not asked for again, where its answer does not say. Default: 5 minutes. */
        public Builder absenceLifetime(Duration lifetime) {
            this.absenceLifetime = notNegative(lifetime);
            return this;
        }

        /**
         * The {@code max-age} that clients are told, for which they do not ask again. Default: 5 minutes, as npm's registry says.
         *
         * @throws IllegalArgumentException if negative
         */
        public Builder clientMaxAge(Duration maxAge) {
            this.clientMaxAge = notNegative(maxAge);
            return this;
        }

        /**
         * How long an answer in memory is served without a look at the cache. After that it is served while somebody looks, for up to ten times as long.
         * Default: 1 second.
         *
         * @throws IllegalArgumentException if negative
         */
        public Builder recheckAfter(Duration interval) {
            this.recheckAfter = notNegative(interval);
            return this;
        }

        /**
         * Memory outside the heap for answers that are asked for often. As much again is used at most for answers that have left it and are still being
         * sent to slow clients; requests that find no room are answered 503. Default: a quarter of the largest heap, at most 64 MiB.
         *
         * @throws IllegalArgumentException if below 64 KiB
         */
        public Builder memoryBytes(long bytes) {
            if (bytes < 64 * 1024) {
                throw new IllegalArgumentException(
                        "The memory for answers must be at least 65,536 bytes, not " + bytes);
            }
            this.memoryBytes = bytes;
            return this;
        }

        /**
         * Rewrites {@code dist.tarball} to {@code BASE/NAME/-/NAME-VERSION.tgz}, for which the mirror looks up the registry's address in the packument. Default:
         * addresses stay as they are.
         *
         * @param base the mirror's own address as clients see it
         */
        public Builder rewriteTarballs(URI base) {
            this.tarballBase = Objects.requireNonNull(base, "base");
            return this;
        }

        /** Default: 127.0.0.1; 0.0.0.0 for every network of this machine. */
        public Builder host(String host) {
            this.host = Objects.requireNonNull(host, "host");
            return this;
        }

        /** 0 for a free one. Default: 0. */
        public Builder port(int port) {
            this.port = port;
            return this;
        }

        /**
         * Connections at a time; each has at most one answer under way. Further ones are answered 503. Default: 1,024.
         *
         * @throws IllegalArgumentException if below 1
         */
        public Builder maxConnections(int connections) {
            if (connections < 1) {
                throw new IllegalArgumentException("The number of connections must be at least 1, not " + connections);
            }
            this.maxConnections = connections;
            return this;
        }

        /** How long a connection may be without a whole request. Default: 60 seconds. */
        public Builder idleTimeout(Duration timeout) {
            this.idleTimeout = notNegative(timeout);
            return this;
        }

        /** How long a client may take for a piece of an answer (32 KiB; of answers in memory 256 KiB). Default: 30 seconds. */
        public Builder writeTimeout(Duration timeout) {
            this.writeTimeout = notNegative(timeout);
            return this;
        }

        /** How long {@link MirrorServer#close} waits for answers under way. Default: 10 seconds. */
        public Builder drainTimeout(Duration timeout) {
            this.drainTimeout = notNegative(timeout);
            return this;
        }

        Builder nanoTime(LongSupplier nanoTime) {
            this.nanoTime = nanoTime;
            return this;
        }

        private static Duration notNegative(Duration duration) {
            if (duration.isNegative()) {
                throw new IllegalArgumentException("A duration must not be negative: " + duration);
            }
            return duration;
        }

        /**
         * A mirror that listens.
         *
         * @throws IllegalArgumentException when the registry's address is none, or the policy's file cannot be read or is no policy
         * @throws NullPointerException without a cache
         * @throws UncheckedIOException when the port cannot be listened on
         */
        public MirrorServer start() {
            return new MirrorServer(this);
        }
    }
}
