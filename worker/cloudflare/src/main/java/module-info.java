/**
 * The work queue in a Durable Object, and the runtime {@code cloudflare}.
 *
 * @since 0.1.0
 */
module io.alldocs.worker.cloudflare {
    requires com.fasterxml.jackson.databind;
    requires transitive io.alldocs.http;
    requires transitive io.alldocs.worker;
    requires static transitive org.jspecify;

    exports io.alldocs.worker.cloudflare;

    provides io.alldocs.worker.RuntimeProvider with
            io.alldocs.worker.cloudflare.CloudflareRuntimeProvider;
    provides io.alldocs.worker.spi.WorkQueueProvider with
            io.alldocs.worker.cloudflare.DurableObjectQueueProvider;
}
