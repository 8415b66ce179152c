/**
 * A storage driver on Cloudflare Workers KV.
 *
 * @since 0.1.0
 */
module io.alldocs.storage.cloudflare {
    requires com.fasterxml.jackson.core;
    requires com.fasterxml.jackson.databind;
    requires transitive io.alldocs.cache;
    requires transitive io.alldocs.http;
    requires static transitive org.jspecify;

    exports io.alldocs.storage.cloudflare;

    provides io.alldocs.cache.spi.StorageDriverProvider with
            io.alldocs.storage.cloudflare.CloudflareStorageProvider;
}
