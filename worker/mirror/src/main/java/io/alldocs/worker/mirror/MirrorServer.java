package io.alldocs.worker.mirror;

import java.net.URI;

/**
 * A read-only npm registry that serves a cache to npm, pnpm, yarn and any other client that requests packuments.
 *
 * <pre>{@code
 * try (MirrorServer mirror = MirrorServer.builder().cache(cache).port(4873).start()) {
 *     System.out.println("npm config set registry " + mirror.address());
 *     …
 * }
 * }</pre>
 *
 * <p><b>What it serves.</b> Packuments in both forms, as {@code Accept} requests. If the cache contains only the full
 * form, the mirror derives the abbreviated form once and stores it. {@code /name/version} and {@code /name/tag};
 * {@code /-/package/name/dist-tags}; {@code /_all_docs} of the cached names; {@code /-/policy/name}, which explains the
 * {@linkplain MirrorServerBuilder#policy policy}; {@code /-/ping}, {@code /-/health}; {@code /-/metrics} (Prometheus),
 * which is 404 unless {@code io.alldocs:all-docs-prometheus} is on the class path. Requests for tarballs are redirected
 * to the address in their packument, or {@linkplain MirrorServerBuilder#proxyTarballs() proxied}. With pull-through,
 * requests for audits, keys and attestations are forwarded to the registry. Methods other than GET and HEAD receive
 * 405, unknown paths 404, and names that {@link MirrorServerBuilder#filter} excludes 403. These are not 5xx, because
 * npm's client retries a 5xx repeatedly.
 *
 * <p><b>Where responses come from.</b> The mirror serves the documents of the cache, whatever their age. With
 * {@link MirrorServerBuilder#pullThrough} it requests from the registry those documents that are absent or no longer
 * fresh. Frequent responses are cached in memory. They are compared with the cache again after
 * {@link MirrorServerBuilder#recheckAfter}, so that documents stored by another process are served soon.
 *
 * <p>The server is ready when started, and safe for concurrent use. {@link #close} drains in-flight responses.
 */
public final class MirrorServer implements AutoCloseable {
    private final MirrorEndpoint endpoint;

    MirrorServer(MirrorServerBuilder builder) {
        this.endpoint = new MirrorEndpoint(builder);
    }

    /** Returns a builder. Only the cache is required. */
    public static MirrorServerBuilder builder() {
        return new MirrorServerBuilder();
    }

    MirrorEndpoint endpoint() {
        return endpoint;
    }

    /** Returns the current state of the server. */
    public MirrorStatus status() {
        return endpoint.status();
    }

    /** Returns the address of the server: {@code http://HOST:PORT}, without a trailing slash. */
    public URI address() {
        return endpoint.address();
    }

    /**
     * Stops listening, closes idle connections, waits up to {@link MirrorServerBuilder#drainTimeout} for in-flight
     * responses, then closes the remaining connections. Returns when everything is closed. The cache stays open.
     * Idempotent.
     */
    @Override
    public void close() {
        endpoint.close();
    }
}
