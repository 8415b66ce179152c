package io.alldocs.storage.sqlite;

import io.alldocs.cache.spi.StorageException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

/** The tables of a database file, and the check that this library supports them. */
final class Schema {

    /** {@code PRAGMA application_id}: "alld" in ASCII. */
    static final int APPLICATION_ID = 0x616c6c64;

    /** {@code PRAGMA user_version}. */
    static final int FORMAT = 1;

    /**
     * Compared with 4 and 16 KiB, with bodies of 5 to 35 KB. It is as fast as 16 KiB, and the file is as small as with
     * 4 KiB.
     */
    static final int PAGE_BYTES = 8192;

    private static final List<String> SCHEMA = List.of(
            // AUTOINCREMENT never reuses an id, so an entry never picks up a body that another program left behind.
            "CREATE TABLE entries (id INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL UNIQUE, head TEXT NOT NULL)",
            "CREATE TABLE bodies (id INTEGER PRIMARY KEY, bytes BLOB NOT NULL)",
            "CREATE TABLE parts (id INTEGER NOT NULL, part INTEGER NOT NULL, bytes BLOB NOT NULL, PRIMARY KEY (id,"
                    + " part)) WITHOUT ROWID",
            "CREATE TRIGGER entries_deleted AFTER DELETE ON entries BEGIN DELETE FROM bodies WHERE id = OLD.id;"
                    + " DELETE FROM parts WHERE id = OLD.id; END",
            "PRAGMA application_id = " + APPLICATION_ID,
            "PRAGMA user_version = " + FORMAT);

    private Schema() {}

    /**
     * Returns whether the file contains no tables. A process that was killed while it created the file also leaves an
     * empty one.
     */
    static boolean isEmpty(Connection connection) throws SQLException {
        return number(connection, "PRAGMA application_id") == 0
                && number(connection, "PRAGMA user_version") == 0
                && number(connection, "SELECT count(*) FROM sqlite_master") == 0;
    }

    static void check(Path file, Connection connection) throws SQLException {
        if (number(connection, "PRAGMA application_id") != APPLICATION_ID) {
            throw new StorageException(
                    "Cannot open " + file + " as a cache: it is a database of another program. Name another file.",
                    false,
                    null);
        }
        long format = number(connection, "PRAGMA user_version");
        if (format != FORMAT) {
            throw new StorageException(
                    "Cannot open the cache " + file + ": it has format " + format + ", but this version reads"
                            + " format " + FORMAT + ". Use the version that wrote it, or another file.",
                    false,
                    null);
        }
    }

    /** Creates the tables. Several processes may try this at once; the write lock lets only one of them do it. */
    static void create(Path file, Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            // The first page written fixes both settings, and the journal mode as well.
            statement.execute("PRAGMA page_size = " + PAGE_BYTES);
            statement.execute("PRAGMA auto_vacuum = INCREMENTAL");
            String journal = text(connection, "PRAGMA journal_mode = WAL");
            if (!journal.equals("wal")) {
                throw new StorageException(
                        "Cannot use " + file + " as a cache: its file system does not support the shared memory of a"
                                + " write-ahead log (journal mode " + journal + "). Use a local disk.",
                        false,
                        null);
            }
            statement.execute("BEGIN IMMEDIATE");
            try {
                if (isEmpty(connection)) {
                    for (String sql : SCHEMA) {
                        statement.execute(sql);
                    }
                }
                statement.execute("COMMIT");
            } catch (SQLException e) {
                rollback(statement, e);
                throw e;
            }
        }
        check(file, connection);
    }

    private static void rollback(Statement statement, SQLException cause) {
        try {
            statement.execute("ROLLBACK");
        } catch (SQLException e) {
            // After a disk-full error, SQLite has already rolled back.
            cause.addSuppressed(e);
        }
    }

    static long number(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            return row.next() ? row.getLong(1) : 0;
        }
    }

    private static String text(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            return row.next() ? String.valueOf(row.getString(1)) : "";
        }
    }
}
