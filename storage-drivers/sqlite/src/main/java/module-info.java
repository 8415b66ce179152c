/**
 * A storage driver on one SQLite file.
 *
 * @since 0.1.0
 */
module io.alldocs.storage.sqlite {
    requires transitive io.alldocs.cache;
    requires java.sql;
    requires static transitive org.jspecify;
    requires org.xerial.sqlitejdbc;

    exports io.alldocs.storage.sqlite;

    provides io.alldocs.cache.spi.StorageDriverProvider with
            io.alldocs.storage.sqlite.SqliteStorageProvider;
}
