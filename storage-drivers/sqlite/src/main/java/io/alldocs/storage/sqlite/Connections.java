package io.alldocs.storage.sqlite;

import io.alldocs.cache.spi.UnsupportedStorageOperationException;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The connections of a driver. Runs queries and changes, translates their failures, and refuses calls after the driver
 * was closed. Safe for concurrent use.
 */
final class Connections {
    private final Database database;
    private final Readers readers;
    private final @Nullable GroupCommit writes;
    private final ReentrantLock closing = new ReentrantLock();
    private volatile boolean closed;

    /** @param writes null if the file was opened for reading only */
    Connections(Database database, @Nullable GroupCommit writes) {
        this.database = database;
        this.readers = new Readers(database);
        this.writes = writes;
    }

    Database database() {
        return database;
    }

    /** Returns the number of committed transactions. */
    long commits() {
        return writes == null ? 0 : writes.commits();
    }

    <T> T read(String verb, String key, Readers.Query<T> query) {
        requireOpen();
        return attempt(verb, key, () -> readers.read(query));
    }

    /** An operation on the write connection. */
    interface Writing<T> {
        T with(GroupCommit commits) throws SQLException, IOException;
    }

    <T> T change(String verb, String key, Writing<T> writing) {
        requireOpen();
        GroupCommit commits = requireWritable();
        return attempt(verb, key, () -> writing.with(commits));
    }

    /** An operation on a separate connection, outside the transactions of others. */
    interface Maintenance {
        void on(Connection connection) throws SQLException;
    }

    void maintain(String verb, Maintenance work) {
        requireOpen();
        attempt(verb, "", () -> {
            try (Connection connection = database.maintenance()) {
                work.on(connection);
                return true;
            }
        });
    }

    private interface Attempt<T> {
        T run() throws SQLException, IOException;
    }

    private <T> T attempt(String verb, String key, Attempt<T> attempt) {
        try {
            return attempt.run();
        } catch (SQLException e) {
            throw Failures.of(described(verb, key), e);
        } catch (IOException e) {
            throw Failures.of(described(verb, key), e);
        }
    }

    private String described(String verb, String key) {
        return verb + (key.isEmpty() ? " the cache " : " " + Failures.shown(key) + " in the cache ") + database;
    }

    void requireOpen() {
        if (closed) {
            throw new IllegalStateException("The driver of the cache " + database + " is closed");
        }
    }

    GroupCommit requireWritable() {
        if (writes == null) {
            throw new UnsupportedStorageOperationException("The cache " + database + " was opened for reading only");
        }
        return writes;
    }

    /** Waits for operations in progress, then closes all connections. Idempotent. */
    void close() {
        closing.lock();
        try {
            if (closed) {
                return;
            }
            closed = true;
            try {
                readers.close();
                if (writes != null) {
                    // The last connection to close checkpoints the log.
                    writes.close();
                }
            } catch (SQLException e) {
                throw Failures.of("close the cache " + database, e);
            }
        } finally {
            closing.unlock();
        }
    }
}
