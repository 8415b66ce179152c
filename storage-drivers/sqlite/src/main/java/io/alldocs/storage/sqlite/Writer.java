package io.alldocs.storage.sqlite;

import io.alldocs.cache.body.Body;
import io.alldocs.cache.entry.EntryMetadata;
import java.io.IOException;
import java.io.InputStream;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The write connection and its prepared statements. Used by one thread at a time, within a transaction. Discard it
 * after a statement failed, because sqlite-jdbc never reuses such a statement.
 */
final class Writer {
    private static final Logger LOG = System.getLogger(Writer.class.getName());
    private static final Duration LOG_PATIENCE = Duration.ofMillis(500);

    private final Database database;
    private final @Nullable Object fileKey;
    private final Connection connection;
    private final Statement control;
    private final PreparedStatement delete;
    private final PreparedStatement deleteExactly;
    private final PreparedStatement insert;
    private final PreparedStatement insertWhenAbsent;
    private final PreparedStatement insertBody;
    private final PreparedStatement insertPart;
    private final PreparedStatement updateHead;
    private final PreparedStatement deleteBody;
    private final PreparedStatement deleteParts;
    private long logLimit = Database.MAX_LOG_BYTES;

    private Writer(Database database, @Nullable Object fileKey, Connection connection) throws SQLException {
        this.database = database;
        this.fileKey = fileKey;
        this.connection = connection;
        this.control = connection.createStatement();
        // A trigger deletes the body and parts of an entry, whichever program deletes the entry.
        this.delete = connection.prepareStatement("DELETE FROM entries WHERE key = ?");
        this.deleteExactly = connection.prepareStatement("DELETE FROM entries WHERE id = ? AND key = ? AND head = ?");
        this.insert = connection.prepareStatement("INSERT INTO entries (key, head) VALUES (?, ?)");
        this.insertWhenAbsent =
                connection.prepareStatement("INSERT INTO entries (key, head) VALUES (?, ?) ON CONFLICT DO NOTHING");
        this.insertBody = connection.prepareStatement("INSERT INTO bodies (id, bytes) VALUES (last_insert_rowid(), ?)");
        // The table has no rowid, so inserting a part does not change last_insert_rowid().
        this.insertPart =
                connection.prepareStatement("INSERT INTO parts (id, part, bytes) VALUES (last_insert_rowid(), ?, ?)");
        this.updateHead = connection.prepareStatement(
                // A head that is not JSON does not describe a body.
                "UPDATE entries SET head = ? WHERE key = ? AND CASE WHEN json_valid(head)"
                        + " THEN json_extract(head, '$.integrity') IS ? AND json_extract(head, '$.size') = ? END");
        this.deleteBody = connection.prepareStatement("DELETE FROM bodies WHERE id = ?");
        this.deleteParts = connection.prepareStatement("DELETE FROM parts WHERE id = ?");
        // begin() implements its own waiting.
        control.execute("PRAGMA busy_timeout = 0");
    }

    static Writer open(Database database) throws SQLException {
        Object fileKey = database.fileKey();
        Connection connection = database.writer();
        try {
            return new Writer(database, fileKey, connection);
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
    }

    /** Takes the write lock; waits for other processes. */
    void begin() throws SQLException {
        database.whenFree(() -> control.execute("BEGIN IMMEDIATE"));
    }

    /**
     * Commits.
     *
     * @throws SQLException also if the file is not at its path afterwards: the changes would disappear with it
     */
    void commit() throws SQLException {
        control.execute("COMMIT");
        if (!Objects.equals(fileKey, database.fileKey())) {
            throw new SQLException("the file was replaced by another; retry", null, Failures.IOERR);
        }
    }

    /** Limits the size of the log after a commit. Waits for a long-running reader only occasionally. */
    void limitLog() {
        long bytes = database.log().toFile().length();
        if (bytes < logLimit) {
            return;
        }
        try {
            Database.whenFree(LOG_PATIENCE, () -> {
                if (Schema.number(connection, "PRAGMA wal_checkpoint(TRUNCATE)") != 0) {
                    throw new SQLException("The log is in use", null, Failures.BUSY);
                }
            });
            logLimit = Database.MAX_LOG_BYTES;
        } catch (SQLException e) {
            logLimit = bytes + Database.MAX_LOG_BYTES;
            LOG.log(Level.DEBUG, "The log of " + database + " has " + bytes + " bytes and cannot be emptied now", e);
        }
    }

    /**
     * Replaces an existing value.
     *
     * @return true
     */
    boolean put(String key, String head, Body body) throws SQLException, IOException {
        delete(key);
        insert.setString(1, key);
        insert.setString(2, head);
        insert.executeUpdate();
        store(body);
        return true;
    }

    boolean putIfAbsent(String key, String head, Body body) throws SQLException, IOException {
        insertWhenAbsent.setString(1, key);
        insertWhenAbsent.setString(2, head);
        if (insertWhenAbsent.executeUpdate() == 0) {
            return false;
        }
        store(body);
        return true;
    }

    /** Stores the body of the entry that was inserted last. */
    private void store(Body body) throws SQLException, IOException {
        if (body.sizeBytes() <= Database.PART_BYTES) {
            insertBody.setBytes(1, body.toByteArray());
            insertBody.executeUpdate();
            return;
        }
        byte[] buffer = new byte[Database.PART_BYTES];
        try (InputStream in = body.openStream()) {
            int part = 0;
            for (int count = in.readNBytes(buffer, 0, buffer.length);
                    count > 0;
                    count = in.readNBytes(buffer, 0, buffer.length)) {
                insertPart.setInt(1, part++);
                insertPart.setBytes(2, count == buffer.length ? buffer : Arrays.copyOf(buffer, count));
                insertPart.executeUpdate();
            }
        }
    }

    /** Replaces the head if it describes the stored body; {@code json} is the serialized head. */
    boolean putHead(String key, EntryMetadata head, String json) throws SQLException {
        updateHead.setString(1, json);
        updateHead.setString(2, key);
        updateHead.setString(3, head.integrity());
        updateHead.setLong(4, head.sizeBytes());
        return updateHead.executeUpdate() > 0;
    }

    boolean delete(String key) throws SQLException {
        delete.setString(1, key);
        return delete.executeUpdate() > 0;
    }

    /** Deletes an entry unless it was rewritten since it was read. */
    boolean delete(Row row) throws SQLException {
        deleteExactly.setLong(1, row.id());
        deleteExactly.setString(2, row.key());
        deleteExactly.setString(3, row.head());
        return deleteExactly.executeUpdate() > 0;
    }

    /** Deletes a body that belongs to no entry. */
    void deleteBody(long id) throws SQLException {
        deleteBody.setLong(1, id);
        deleteBody.executeUpdate();
        deleteParts.setLong(1, id);
        deleteParts.executeUpdate();
    }

    /** Closes the connection; uncommitted changes are rolled back. */
    void close() throws SQLException {
        connection.close();
    }
}
