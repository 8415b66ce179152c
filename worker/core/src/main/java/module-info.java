/**
 * The worker: items, the queue SPI, the local queue, processors, and the HTTP server of a worker. It exports every
 * package but those named {@code internal}.
 *
 * @since 0.1.0
 */
module io.alldocs.worker {
    requires com.fasterxml.jackson.databind;
    requires transitive io.alldocs.cache;
    requires transitive io.alldocs.http;
    requires transitive io.alldocs.packument;
    requires transitive io.alldocs.partition;
    requires io.alldocs.sync;
    requires jdk.httpserver;
    requires static transitive org.jspecify;

    exports io.alldocs.worker;
    exports io.alldocs.worker.spi;

    uses io.alldocs.worker.Processor;
    uses io.alldocs.worker.RuntimeProvider;
    uses io.alldocs.worker.spi.WorkQueueProvider;

    provides io.alldocs.worker.RuntimeProvider with
            io.alldocs.worker.JvmRuntimeProvider;
    provides io.alldocs.worker.spi.WorkQueueProvider with
            io.alldocs.worker.LocalWorkQueueProvider;
}
