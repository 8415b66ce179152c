/**
 * A storage driver on a local disk, in npm's cacache format.
 *
 * @since 0.1.0
 */
module io.alldocs.storage.filesystem {
    requires com.fasterxml.jackson.core;
    requires transitive io.alldocs.cache;
    requires static transitive org.jspecify;

    exports io.alldocs.storage.filesystem;

    provides io.alldocs.cache.spi.StorageDriverProvider with
            io.alldocs.storage.filesystem.FilesystemStorageProvider;
}
