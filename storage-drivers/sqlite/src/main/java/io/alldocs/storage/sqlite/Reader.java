package io.alldocs.storage.sqlite;

import io.alldocs.cache.body.Body;
import io.alldocs.cache.body.FileBody;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A read-only connection and its prepared statements. Used by one thread at a time, and discarded after a failure. No
 * transaction stays open after a call.
 */
final class Reader {
    private final Path temporary;
    private final @Nullable Object fileKey;
    private final Connection connection;
    private final Statement control;
    private final PreparedStatement find;
    private final PreparedStatement findParts;
    private final PreparedStatement findHead;
    private final PreparedStatement findKey;
    private final PreparedStatement firstKeys;
    private final PreparedStatement nextKeys;
    private final PreparedStatement orphans;

    private Reader(Database database, @Nullable Object fileKey, Connection connection) throws SQLException {
        this.temporary = database.temporaryDirectory();
        this.fileKey = fileKey;
        this.connection = connection;
        this.control = connection.createStatement();
        this.find = connection.prepareStatement(
                "SELECT e.id, e.head, b.bytes FROM entries e LEFT JOIN bodies b ON b.id = e.id WHERE e.key = ?");
        this.findParts = connection.prepareStatement("SELECT bytes FROM parts WHERE id = ? ORDER BY part");
        this.findHead = connection.prepareStatement("SELECT head FROM entries WHERE key = ?");
        this.findKey = connection.prepareStatement("SELECT 1 FROM entries WHERE key = ?");
        // Only the index of keys is read. The upper bound is a blob, not text: no UTF-8 key sorts between the keys of a
        // prefix and the prefix followed by FF.
        this.firstKeys = connection.prepareStatement(
                "SELECT key FROM entries WHERE key >= ? AND key < CAST(? AS TEXT) ORDER BY key LIMIT ?");
        this.nextKeys = connection.prepareStatement(
                "SELECT key FROM entries WHERE key > ? AND key < CAST(? AS TEXT) ORDER BY key LIMIT ?");
        this.orphans = connection.prepareStatement(
                "SELECT body, sum(size) FROM (SELECT id AS body, length(bytes) AS size FROM bodies WHERE id > ?1 UNION ALL"
                        + " SELECT id, length(bytes) FROM parts WHERE id > ?1)"
                        + " WHERE NOT EXISTS (SELECT 1 FROM entries WHERE id = body)"
                        + " GROUP BY body ORDER BY body LIMIT ?2");
    }

    static Reader open(Database database) throws SQLException {
        Object fileKey = database.fileKey();
        Connection connection = database.reader();
        try {
            return new Reader(database, fileKey, connection);
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
    }

    /** Returns whether this connection reads the file with this {@link Database#fileKey()}. */
    boolean reads(@Nullable Object key) {
        return Objects.equals(fileKey, key);
    }

    /** Finds an entry; empty if there is none. A body of several parts is copied to a temporary file. */
    Optional<Row> find(String key) throws SQLException, IOException {
        Optional<Row> row = findInline(key);
        return row.isPresent() && row.get().body() == null ? findWithParts(key) : row;
    }

    private Optional<Row> findInline(String key) throws SQLException {
        find.setString(1, key);
        try (ResultSet row = find.executeQuery()) {
            if (!row.next()) {
                return Optional.empty();
            }
            byte[] bytes = row.getBytes(3);
            return Optional.of(new Row(row.getLong(1), key, row.getString(2), bytes == null ? null : Body.of(bytes)));
        }
    }

    /**
     * Reads in one transaction, because another process may replace the value between two statements. After a failure,
     * closing the connection ends the transaction.
     */
    private Optional<Row> findWithParts(String key) throws SQLException, IOException {
        control.execute("BEGIN");
        Optional<Row> row = findInline(key);
        if (row.isPresent() && row.get().body() == null) {
            row = Optional.of(row.get().withBody(parts(row.get().id())));
        }
        control.execute("COMMIT");
        return row;
    }

    private @Nullable Body parts(long id) throws SQLException, IOException {
        findParts.setLong(1, id);
        try (ResultSet part = findParts.executeQuery()) {
            if (!part.next()) {
                return null;
            }
            FileBody body = FileBody.temporary(temporary);
            try {
                do {
                    byte[] bytes = part.getBytes(1);
                    body.append(bytes, 0, bytes.length);
                } while (part.next());
                return body;
            } catch (SQLException | IOException | RuntimeException e) {
                body.close();
                throw e;
            }
        }
    }

    Optional<String> head(String key) throws SQLException {
        findHead.setString(1, key);
        try (ResultSet row = findHead.executeQuery()) {
            return row.next() ? Optional.of(row.getString(1)) : Optional.empty();
        }
    }

    boolean has(String key) throws SQLException {
        findKey.setString(1, key);
        try (ResultSet row = findKey.executeQuery()) {
            return row.next();
        }
    }

    /**
     * Returns up to {@code limit} keys in order.
     *
     * @param after null for the first keys
     */
    List<String> keys(String prefix, @Nullable String after, int limit) throws SQLException {
        PreparedStatement statement = after == null ? firstKeys : nextKeys;
        statement.setString(1, after == null ? prefix : after);
        statement.setBytes(2, endOf(prefix));
        statement.setInt(3, limit);
        List<String> keys = new ArrayList<>(limit);
        try (ResultSet row = statement.executeQuery()) {
            while (row.next()) {
                keys.add(row.getString(1));
            }
        }
        return keys;
    }

    private static byte[] endOf(String prefix) {
        byte[] utf8 = prefix.getBytes(StandardCharsets.UTF_8);
        byte[] end = Arrays.copyOf(utf8, utf8.length + 1);
        end[utf8.length] = (byte) 0xff;
        return end;
    }

    /** A body without an entry. */
    record Orphan(long id, long sizeBytes) {}

    /** Returns bodies without an entry. SQLite returns the length of a blob without reading it. */
    List<Orphan> orphans(long after, int limit) throws SQLException {
        orphans.setLong(1, after);
        orphans.setInt(2, limit);
        List<Orphan> found = new ArrayList<>();
        try (ResultSet row = orphans.executeQuery()) {
            while (row.next()) {
                found.add(new Orphan(row.getLong(1), row.getLong(2)));
            }
        }
        return found;
    }

    void close() throws SQLException {
        connection.close();
    }
}
