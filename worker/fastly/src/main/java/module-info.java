/**
 * The runtime {@code fastly}: a worker with Fastly's KV store.
 *
 * @since 0.1.0
 */
module io.alldocs.worker.fastly {
    requires transitive io.alldocs.worker;
    requires static transitive org.jspecify;

    exports io.alldocs.worker.fastly;

    provides io.alldocs.worker.RuntimeProvider with
            io.alldocs.worker.fastly.FastlyRuntimeProvider;
}
