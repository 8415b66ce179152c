/**
 * The cache: keys, entries, freshness, storage drivers and their SPI. It exports every package but those named
 * {@code internal}.
 *
 * @since 0.1.0
 */
module io.alldocs.cache {
    requires com.fasterxml.jackson.databind;
    requires com.github.benmanes.caffeine;
    requires transitive io.alldocs.core;
    requires static transitive org.jspecify;

    exports io.alldocs.cache;
    exports io.alldocs.cache.body;
    exports io.alldocs.cache.entry;
    exports io.alldocs.cache.metrics;
    exports io.alldocs.cache.run;
    exports io.alldocs.cache.scan;
    exports io.alldocs.cache.spi;

    opens io.alldocs.cache to
            com.fasterxml.jackson.databind;

    uses io.alldocs.cache.metrics.MetricsFormat;
    uses io.alldocs.cache.spi.StorageDriverProvider;

    provides io.alldocs.cache.spi.StorageDriverProvider with
            io.alldocs.cache.MemoryStorageDriverProvider;
}
