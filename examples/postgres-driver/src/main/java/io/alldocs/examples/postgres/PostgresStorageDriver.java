package io.alldocs.examples.postgres;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.alldocs.cache.body.Body;
import io.alldocs.cache.entry.EntryMetadata;
import io.alldocs.cache.spi.KeyNames;
import io.alldocs.cache.spi.KeyOrder;
import io.alldocs.cache.spi.KeyPages;
import io.alldocs.cache.spi.StorageCapabilities;
import io.alldocs.cache.spi.StorageDriver;
import io.alldocs.cache.spi.StoredEntry;
import io.alldocs.cache.spi.ValueReceiver;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * A storage driver that keeps every value as a row of a PostgreSQL table. The package description documents the table.
 * The driver name is {@code postgres}. Any number of threads, processes and machines may share a table. A read sees
 * every write that completed before the read. {@link #putIfAbsent} is atomic across all processes.
 *
 * <ul>
 * <li>Each call is one statement. A batch call sends one statement for every 100 keys, and a listing one for every
 * 1,000. A body over 1 MiB is read with one statement per MiB, into a temporary file.
 * <li>If a connection is lost, the work is retried on another connection, with at most three attempts.
 * {@link #putIfAbsent} is not retried, because it may already have been executed.
 * <li>Keys have up to 2,600 bytes, values up to 256 MiB.
 * </ul>
 */
public final class PostgresStorageDriver implements StorageDriver {
    // region limits
    /**
     * An index entry has <a href="https://www.postgresql.org/docs/current/btree.html">at most a third of a page</a>:
     * 2,704 bytes with its headers.
     */
    private static final int MAX_KEY_BYTES = 2_600;

    /** PostgreSQL accepts 1 GB, but keeps several copies of a value in memory. */
    private static final long MAX_VALUE_BYTES = 256L << 20;

    static final int MAX_BATCH = 100;

    static final StorageCapabilities CAPABILITIES = StorageCapabilities.builder()
            .orderedListing(true)
            .maxKeyBytes(MAX_KEY_BYTES)
            .maxValueBytes(MAX_VALUE_BYTES)
            .readAfterWrite(true)
            .conditionalPut(true)
            .maxBatch(MAX_BATCH)
            .build();
    // endregion

    private static final int PAGE_KEYS = 1_000;

    private static final String INSERT = "INSERT INTO all_docs_entries (key, head, body) VALUES (?, ?::jsonb, ?)";
    private static final String PUT =
            INSERT + " ON CONFLICT (key) DO UPDATE SET head = excluded.head, body = excluded.body";
    private static final String PUT_IF_ABSENT = INSERT + " ON CONFLICT (key) DO NOTHING";

    private final Database database;
    private final Runnable afterwards;
    private final RowReader reader;

    private PostgresStorageDriver(Database database, Path spoolDirectory, Runnable afterwards) {
        this.database = database;
        this.reader = new RowReader(database, new ValueReceiver(spoolDirectory));
        this.afterwards = afterwards;
    }

    /**
     * Returns a driver that takes its connections from {@code connections}. This source should be a pool; the driver
     * does not close it. Creates the table if it does not exist.
     *
     * @throws io.alldocs.cache.spi.StorageException if the database is unreachable or rejects the request
     */
    public static PostgresStorageDriver open(DataSource connections) {
        return open(connections, Path.of(System.getProperty("java.io.tmpdir")), () -> {});
    }

    /** @param afterwards runs at the end of {@link #close()} */
    static PostgresStorageDriver open(DataSource connections, Path spoolDirectory, Runnable afterwards) {
        return new PostgresStorageDriver(Database.open(connections), spoolDirectory, afterwards);
    }

    @Override
    public String name() {
        return "postgres";
    }

    @Override
    public StorageCapabilities capabilities() {
        return CAPABILITIES;
    }

    // ---- reading

    @Override
    public Optional<StoredEntry> get(String key) {
        return Optional.ofNullable(getBatch(List.of(key)).get(key));
    }

    @Override
    public Map<String, StoredEntry> getBatch(Collection<String> keys) {
        return reader.getAll(keys);
    }

    @Override
    public Optional<EntryMetadata> head(String key) {
        CAPABILITIES.requireKey(key);
        return database.call("read the head of " + KeyNames.shown(key), connection -> {
            try (PreparedStatement statement =
                    connection.prepareStatement("SELECT head FROM all_docs_entries WHERE key = ?")) {
                statement.setBytes(1, key.getBytes(UTF_8));
                try (ResultSet row = statement.executeQuery()) {
                    return row.next() ? Optional.of(reader.parse(key, row.getString(1))) : Optional.empty();
                }
            }
        });
    }

    @Override
    public boolean has(String key) {
        CAPABILITIES.requireKey(key);
        return database.call("look for " + KeyNames.shown(key), connection -> {
            try (PreparedStatement statement =
                    connection.prepareStatement("SELECT 1 FROM all_docs_entries WHERE key = ?")) {
                statement.setBytes(1, key.getBytes(UTF_8));
                try (ResultSet row = statement.executeQuery()) {
                    return row.next();
                }
            }
        });
    }

    // region list
    @Override
    public Stream<String> list(String prefix, @Nullable String startAfter) {
        return KeyPages.stream(new Pages(prefix, startAfter), /* ordered= */ true);
    }

    /** Each page begins after the last key of the previous page, even if that key was deleted meanwhile. */
    private final class Pages implements Supplier<@Nullable Collection<String>> {
        private final String prefix;
        private byte[] from;
        private final byte[] to;
        private boolean over;

        Pages(String prefix, @Nullable String startAfter) {
            this.prefix = prefix;
            this.from = prefix.getBytes(UTF_8);
            this.to = append(from, 0xff); // higher than every key with the prefix: UTF-8 never contains this byte
            if (startAfter != null && KeyOrder.UTF8.compare(startAfter, prefix) >= 0) {
                this.from = after(startAfter);
            }
        }

        @Override
        public @Nullable Collection<String> get() {
            if (over) {
                return null;
            }
            List<String> page = database.call("list keys from " + KeyNames.shown(prefix), this::page);
            over = page.size() < PAGE_KEYS;
            if (!over) {
                from = after(page.get(PAGE_KEYS - 1));
            }
            return page;
        }

        private List<String> page(Connection connection) throws SQLException {
            try (PreparedStatement statement = connection.prepareStatement(
                    "SELECT key FROM all_docs_entries WHERE key >= ? AND key < ? ORDER BY key LIMIT " + PAGE_KEYS)) {
                statement.setBytes(1, from);
                statement.setBytes(2, to);
                List<String> keys = new ArrayList<>();
                try (ResultSet rows = statement.executeQuery()) {
                    while (rows.next()) {
                        keys.add(new String(rows.getBytes(1), UTF_8));
                    }
                }
                return keys;
            }
        }
    }

    /** Returns the lowest key that is higher than {@code key}. */
    private static byte[] after(String key) {
        return append(key.getBytes(UTF_8), 0);
    }

    private static byte[] append(byte[] bytes, int last) {
        byte[] longer = Arrays.copyOf(bytes, bytes.length + 1);
        longer[bytes.length] = (byte) last;
        return longer;
    }
    // endregion

    // ---- writing

    // region put
    @Override
    public void put(String key, EntryMetadata head, Body body) {
        CAPABILITIES.requireEntry(key, head, body);
        database.call("store " + KeyNames.shown(key), connection -> insert(connection, PUT, key, head, body));
    }

    @Override
    public boolean putIfAbsent(String key, EntryMetadata head, Body body) {
        CAPABILITIES.requireEntry(key, head, body);
        return database.callOnce(
                        "store " + KeyNames.shown(key),
                        connection -> insert(connection, PUT_IF_ABSENT, key, head, body))
                == 1;
    }

    /** The body is copied from its stream to the socket. If the stream fails, nothing is stored. */
    private static int insert(Connection connection, String sql, String key, EntryMetadata head, Body body)
            throws SQLException, IOException {
        try (PreparedStatement statement = connection.prepareStatement(sql);
                InputStream bytes = body.openStream()) {
            statement.setBytes(1, key.getBytes(UTF_8));
            statement.setString(2, head.toJson());
            statement.setBinaryStream(3, bytes, (int) body.sizeBytes());
            return statement.executeUpdate();
        }
    }
    // endregion

    /**
     * Replaces the head if it describes the stored body. PostgreSQL stores a body over about 2 KB outside of its row,
     * and does not rewrite it here.
     */
    @Override
    public boolean putHead(String key, EntryMetadata head) {
        CAPABILITIES.requireKey(key);
        return database.call("store the head of " + KeyNames.shown(key), connection -> {
            try (PreparedStatement statement =
                    connection.prepareStatement("UPDATE all_docs_entries SET head = ?::jsonb WHERE key = ?"
                            + " AND head ->> 'integrity' IS NOT DISTINCT FROM ? AND (head ->> 'size')::bigint = ?")) {
                statement.setString(1, head.toJson());
                statement.setBytes(2, key.getBytes(UTF_8));
                statement.setString(3, head.integrity());
                statement.setLong(4, head.sizeBytes());
                return statement.executeUpdate() == 1;
            }
        });
    }

    @Override
    public void putBatch(Map<String, StoredEntry> entries) {
        entries.forEach((key, entry) -> CAPABILITIES.requireEntry(key, entry.head(), entry.body()));
        for (KeyBatch some : KeyBatch.split(entries.keySet())) {
            database.call("store " + some, connection -> insertAll(connection, some.keys(), entries));
        }
    }

    /** Sends rows together, in one transaction. */
    private static int insertAll(Connection connection, List<String> keys, Map<String, StoredEntry> entries)
            throws SQLException, IOException {
        List<InputStream> streams = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(PUT)) {
            for (String key : keys) {
                StoredEntry entry = Objects.requireNonNull(entries.get(key));
                InputStream bytes = entry.body().openStream();
                streams.add(bytes);
                statement.setBytes(1, key.getBytes(UTF_8));
                statement.setString(2, entry.head().toJson());
                statement.setBinaryStream(3, bytes, (int) entry.body().sizeBytes());
                statement.addBatch();
            }
            return statement.executeBatch().length;
        } finally {
            for (InputStream each : streams) {
                each.close();
            }
        }
    }

    @Override
    public void delete(String key) {
        deleteBatch(List.of(key));
    }

    @Override
    public void deleteBatch(Collection<String> keys) {
        for (KeyBatch some : KeyBatch.split(keys)) {
            database.call("delete " + some, connection -> {
                try (PreparedStatement statement =
                        connection.prepareStatement("DELETE FROM all_docs_entries WHERE key = ANY (?)")) {
                    statement.setArray(1, some.toArray(connection));
                    return statement.executeUpdate();
                }
            });
        }
    }

    @Override
    public void close() {
        database.close();
        afterwards.run();
    }

    @Override
    public String toString() {
        return database.toString();
    }
}
