/**
 * Micrometer meters of clients, caches, jobs, workers and mirrors. The modules of the worker and of the mirror are
 * optional.
 *
 * @since 0.1.0
 */
@SuppressWarnings({"requires-automatic", "requires-transitive-automatic"}) // Micrometer names it in its manifest only.
module io.alldocs.micrometer {
    requires transitive io.alldocs.cache;
    requires transitive io.alldocs.http;
    requires transitive io.alldocs.packument;
    requires transitive io.alldocs.partition;
    requires transitive io.alldocs.sync;
    requires static transitive io.alldocs.worker;
    requires static transitive io.alldocs.worker.mirror;
    requires static transitive org.jspecify;
    requires transitive micrometer.core;

    exports io.alldocs.micrometer;
}
