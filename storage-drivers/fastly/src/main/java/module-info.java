/**
 * Storage drivers on Fastly's KV Store, and on its config stores and dictionaries.
 *
 * @since 0.1.0
 */
module io.alldocs.storage.fastly {
    requires com.fasterxml.jackson.core;
    requires com.fasterxml.jackson.databind;
    requires transitive io.alldocs.cache;
    requires transitive io.alldocs.http;
    requires static transitive org.jspecify;

    exports io.alldocs.storage.fastly;

    provides io.alldocs.cache.spi.StorageDriverProvider with
            io.alldocs.storage.fastly.FastlyConfigStoreProvider,
            io.alldocs.storage.fastly.FastlyStorageProvider;
}
