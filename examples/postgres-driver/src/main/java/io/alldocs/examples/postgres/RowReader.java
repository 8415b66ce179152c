package io.alldocs.examples.postgres;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.alldocs.cache.body.Body;
import io.alldocs.cache.entry.EntryMetadata;
import io.alldocs.cache.entry.IntegrityException;
import io.alldocs.cache.spi.KeyNames;
import io.alldocs.cache.spi.StoredEntry;
import io.alldocs.cache.spi.ValueReceiver;
import java.io.IOException;
import java.io.InputStream;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** Reads entries. */
final class RowReader {
    /** Size in bytes of the parts in which larger bodies are read. */
    static final int PART_BYTES = 1 << 20;

    private static final String READ = "SELECT key, head, CASE WHEN octet_length(body) <= " + PART_BYTES
            + " THEN body END FROM all_docs_entries WHERE key = ANY (?)";

    private final Database database;
    private final ValueReceiver values;

    RowReader(Database database, ValueReceiver values) {
        this.database = database;
        this.values = values;
    }

    /** Reads entries with one statement for every {@value PostgresStorageDriver#MAX_BATCH} keys. */
    Map<String, StoredEntry> getAll(Collection<String> keys) {
        Map<String, StoredEntry> found = new HashMap<>();
        try {
            for (KeyBatch some : KeyBatch.split(keys)) {
                found.putAll(database.call("read " + some, connection -> read(connection, some)));
            }
        } catch (RuntimeException e) {
            close(found.values());
            throw e;
        }
        Map<String, StoredEntry> ordered = new LinkedHashMap<>();
        for (String key : keys) {
            StoredEntry entry = found.get(key);
            if (entry != null) {
                ordered.put(key, entry);
            }
        }
        return ordered;
    }

    private Map<String, StoredEntry> read(Connection connection, KeyBatch keys) throws SQLException, IOException {
        Map<String, StoredEntry> found = new HashMap<>();
        List<String> large = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(READ)) {
            statement.setArray(1, keys.toArray(connection));
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    String key = new String(rows.getBytes(1), UTF_8);
                    byte @Nullable [] body = rows.getBytes(3);
                    if (body == null) {
                        large.add(key);
                    } else {
                        found.put(key, new StoredEntry(parse(key, rows.getString(2)), Body.of(body)));
                    }
                }
            }
        }
        try {
            for (String key : large) {
                readLarge(connection, key).ifPresent(entry -> found.put(key, entry));
            }
            return found;
        } catch (SQLException | IOException | RuntimeException e) {
            close(found.values());
            throw e;
        }
    }

    /**
     * Reads in one transaction with one snapshot. The head and the parts therefore belong to the same value, even if
     * another process writes meanwhile.
     */
    private Optional<StoredEntry> readLarge(Connection connection, String key) throws SQLException, IOException {
        connection.setAutoCommit(false);
        try (Statement begin = connection.createStatement();
                PreparedStatement statement = connection.prepareStatement(
                        "SELECT head, octet_length(body) FROM all_docs_entries WHERE key = ?")) {
            begin.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY");
            statement.setBytes(1, key.getBytes(UTF_8));
            try (ResultSet row = statement.executeQuery()) {
                if (!row.next()) {
                    return Optional.empty();
                }
                EntryMetadata head = parse(key, row.getString(1));
                int size = row.getInt(2);
                try (InputStream parts = new BodyParts(connection, key.getBytes(UTF_8), size)) {
                    return Optional.of(new StoredEntry(head, values.receive(parts, OptionalLong.of(size))));
                }
            }
        } finally {
            connection.rollback();
            connection.setAutoCommit(true);
        }
    }

    /** @throws IntegrityException if {@code json} is not the metadata of an entry */
    EntryMetadata parse(String key, String json) {
        try {
            return EntryMetadata.parse(json);
        } catch (IntegrityException e) {
            throw new IntegrityException("The head of " + KeyNames.shown(key) + " in " + database + " is not valid", e);
        }
    }

    private static void close(Collection<StoredEntry> entries) {
        entries.forEach(entry -> entry.body().close());
    }
}
