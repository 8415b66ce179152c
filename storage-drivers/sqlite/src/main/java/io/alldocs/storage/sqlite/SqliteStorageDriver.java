package io.alldocs.storage.sqlite;

import io.alldocs.cache.body.Body;
import io.alldocs.cache.entry.EntryMetadata;
import io.alldocs.cache.entry.IntegrityException;
import io.alldocs.cache.spi.StorageCapabilities;
import io.alldocs.cache.spi.StorageDriver;
import io.alldocs.cache.spi.StorageException;
import io.alldocs.cache.spi.StoredEntry;
import io.alldocs.cache.spi.UnsupportedStorageOperationException;
import io.alldocs.cache.spi.VerifyOptions;
import io.alldocs.cache.spi.VerifyReport;
import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/**
 * A storage driver that keeps values in one SQLite file. The package description documents its tables. The driver name
 * is {@code sqlite}.
 *
 * <ul>
 * <li>Any number of threads, drivers and processes of one machine may share a file. A read sees every write that
 * returned before it, and {@link #putIfAbsent} is atomic among all of them.
 * <li>Writes of several threads share transactions; a single write is committed at once. Each write returns when its
 * transaction is committed.
 * <li>Killing the process at any instruction loses no value whose {@code put} returned. A power loss can lose the most
 * recent values, as if they had never been stored, but never damages the file. Use {@link Builder#sync} to write
 * through to the disk.
 * <li>A listing is in {@code KeyOrder.UTF8} and lazy. It reads pages of the index only, needs little memory, and keeps
 * no transaction open.
 * <li>Keys have at most 16,384 bytes of UTF-8; values are limited only by the disk. While a large value is written, the
 * log temporarily needs the same amount of disk space.
 * <li>Bodies up to 1 MiB are read into memory. Larger bodies go through a temporary file next to the database (in the
 * system's temporary folder if the driver is read-only). They stay readable until they are closed, even if the entry is
 * replaced or deleted.
 * <li>{@link #head} and {@link #has} do not check the body. {@link #get} throws {@link IntegrityException} if the body
 * of an entry is missing.
 * <li>The space of replaced and deleted values is reused; a repairing {@link #verify} returns it to the disk.
 * <li>Interrupting a thread does not cancel its operation, and the interrupt flag stays set. Only {@link #verify} stops
 * on an interrupt.
 * </ul>
 */
public final class SqliteStorageDriver implements StorageDriver {
    private static final int MAX_KEY_BYTES = 16_384;

    private final Database database;
    private final Connections connections;
    private final StorageCapabilities capabilities;
    private final BatchWriter batches;
    private final Clock clock;

    private SqliteStorageDriver(Database database, @Nullable GroupCommit writes, Clock clock) {
        this.database = database;
        this.connections = new Connections(database, writes);
        this.clock = clock;
        boolean writable = writes != null;
        this.capabilities = StorageCapabilities.builder()
                .orderedListing(true)
                .maxKeyBytes(MAX_KEY_BYTES)
                .readAfterWrite(true)
                .conditionalPut(writable)
                .writable(writable)
                .maxBatch(BatchWriter.MAX_BATCH)
                .build();
        this.batches = new BatchWriter(connections, capabilities);
    }

    /**
     * Opens a file with the default options, and creates it and its folder if they are missing.
     *
     * @param file on the default file system, on a local disk
     * @throws StorageException if the file cannot be created, read or written, belongs to another program, or was
     *     written by a newer version. The message gives the path and the reason
     */
    public static SqliteStorageDriver open(Path file) {
        return builder(file).build();
    }

    /**
     * Returns a builder for a driver on {@code file}.
     *
     * @throws IllegalArgumentException if the path is not on the default file system
     */
    public static Builder builder(Path file) {
        return new Builder(file);
    }

    @Override
    public String name() {
        return "sqlite";
    }

    @Override
    public StorageCapabilities capabilities() {
        return capabilities;
    }

    /**
     * Returns the database file. While it is open, its log ({@code -wal}) and the index of the log ({@code -shm}) are
     * in the same folder.
     */
    public Path file() {
        return database.file();
    }

    @Override
    public Optional<StoredEntry> get(String key) {
        capabilities.requireKey(key);
        return connections.read("read", key, reader -> reader.find(key)).map(this::entry);
    }

    private StoredEntry entry(Row row) {
        Body body = row.body();
        if (body == null) {
            throw new IntegrityException(
                    "The body of " + Failures.shown(row.key()) + " in " + database
                            + " is missing. Fetch it again, or run verify.",
                    null);
        }
        try {
            return new StoredEntry(Row.parse(row.key(), row.head(), database), body);
        } catch (IntegrityException e) {
            body.close();
            throw e;
        }
    }

    @Override
    public Optional<EntryMetadata> head(String key) {
        capabilities.requireKey(key);
        return connections
                .read("read the head of", key, reader -> reader.head(key))
                .map(head -> Row.parse(key, head, database));
    }

    @Override
    public boolean has(String key) {
        capabilities.requireKey(key);
        return connections.read("look for", key, reader -> reader.has(key));
    }

    @Override
    public void put(String key, EntryMetadata head, Body body) {
        write("store", key, head, body, Writer::put);
    }

    @Override
    public boolean putIfAbsent(String key, EntryMetadata head, Body body) {
        return write("store", key, head, body, Writer::putIfAbsent);
    }

    /** One of the two put operations. */
    private interface Put {
        boolean on(Writer writer, String key, String head, Body body) throws SQLException, IOException;
    }

    private boolean write(String verb, String key, EntryMetadata head, Body body, Put put) {
        check(key, head, body);
        return connections.change(verb, key, commits -> {
            String json = head.toJson();
            try (Body content = Content.of(body, database)) {
                return commits.commit(content.sizeBytes(), writer -> put.on(writer, key, json, content));
            }
        });
    }

    @Override
    public boolean putHead(String key, EntryMetadata head) {
        capabilities.requireKey(key);
        String json = head.toJson();
        return connections.change(
                "store the head of",
                key,
                commits -> commits.commit(json.length(), writer -> writer.putHead(key, head, json)));
    }

    @Override
    public void delete(String key) {
        capabilities.requireKey(key);
        connections.change("delete", key, commits -> commits.commit(0, writer -> writer.delete(key)));
    }

    /** Stores entries in transactions of up to 500 entries and about 8 MiB. */
    @Override
    public void putBatch(Map<String, StoredEntry> entries) {
        batches.put(entries);
    }

    /** Deletes keys in transactions of up to 500 keys. */
    @Override
    public void deleteBatch(Collection<String> keys) {
        batches.delete(keys);
    }

    private void check(String key, EntryMetadata head, Body body) {
        capabilities.requireKey(key);
        StorageCapabilities.requireSize(head, body.sizeBytes());
    }

    @Override
    public Stream<String> list(String prefix, @Nullable String startAfter) {
        connections.requireOpen();
        return StreamSupport.stream(
                Spliterators.spliteratorUnknownSize(
                        new KeyWalk(connections, prefix, startAfter),
                        Spliterator.DISTINCT | Spliterator.ORDERED | Spliterator.NONNULL),
                false);
    }

    /**
     * Checks the file and, if requested, repairs it, while readers and writers are active.
     *
     * <p>First, SQLite's quick check finds structural damage, which is counted as {@code rejectedEntries} and cannot be
     * repaired. Then the digest of every body is checked. A repair removes entries with a damaged or missing body, if
     * their head is older than {@link VerifyOptions#youngerThan}. It also removes entries whose head cannot be read,
     * and bodies without an entry. Finally it returns free pages to the disk, in small steps. Entries that were
     * rewritten after they were read are kept.
     *
     * <p>The quick check runs in one transaction; changes made meanwhile stay in the log until it ends.
     *
     * @throws UnsupportedStorageOperationException if a repair is requested on a file that was opened read-only
     * @throws io.alldocs.OperationInterruptedException if the thread is interrupted while digests are checked
     */
    @Override
    public VerifyReport verify(VerifyOptions options) {
        connections.requireOpen();
        if (options.repair()) {
            connections.requireWritable();
        }
        return new Verification(connections, options, clock).run();
    }

    /**
     * Closes the driver after waiting for operations in progress. Idempotent. Bodies that were already read stay
     * readable.
     */
    @Override
    public void close() {
        connections.close();
    }

    /** Returns the number of committed transactions. */
    long commits() {
        return connections.commits();
    }

    Database database() {
        return database;
    }

    @Override
    public String toString() {
        return name() + ":" + database;
    }

    /** Options of a driver. Not thread-safe. */
    public static final class Builder {
        private static final Duration DEFAULT_PATIENCE = Duration.ofSeconds(30);

        private final Path file;
        private boolean sync;
        private boolean readOnly;
        private Duration patience = DEFAULT_PATIENCE;
        private int maxPages;
        private Clock clock = Clock.systemUTC();

        private Builder(Path file) {
            if (!file.getFileSystem().equals(FileSystems.getDefault())) {
                throw new IllegalArgumentException(
                        "A cache file must be on the default file system, but " + file + " is not.");
            }
            this.file = file;
        }

        /**
         * Sets whether each commit waits until it is on disk (SQLite's {@code synchronous=FULL}). Default: false
         * ({@code NORMAL}). Commits are then durable after the next 32 MiB of log at the latest, or when the last
         * driver is closed. Threads that write at the same time share the wait.
         */
        public Builder sync(boolean sync) {
            this.sync = sync;
            return this;
        }

        /**
         * Sets whether the file is opened read-only. Default: false. SQLite still needs its two files next to the
         * database, and creates them if they are missing.
         */
        public Builder readOnly(boolean readOnly) {
            this.readOnly = readOnly;
            return this;
        }

        /**
         * Sets how long an operation waits for another process that holds the write lock. Default: 30 seconds.
         *
         * @throws IllegalArgumentException if {@code patience} is negative
         */
        public Builder patience(Duration patience) {
            if (patience.isNegative()) {
                throw new IllegalArgumentException("The patience must not be negative, but is " + patience + ".");
            }
            this.patience = patience;
            return this;
        }

        /** Sets the clock used to compute the age of entries. Default: the system clock. */
        public Builder clock(Clock clock) {
            this.clock = clock;
            return this;
        }

        /** Limits the size of the file; simulates a small disk in tests. */
        Builder maxPages(int maxPages) {
            this.maxPages = maxPages;
            return this;
        }

        /**
         * Opens the file. Creates it and its folder if they are missing, unless the driver is read-only.
         *
         * @throws StorageException if the file cannot be created, read or written, belongs to another program, or was
         *     written by a newer version
         */
        public SqliteStorageDriver build() {
            Database database = new Database(file, readOnly, sync, patience, maxPages);
            try {
                database.prepare();
                return new SqliteStorageDriver(database, readOnly ? null : GroupCommit.open(database), clock);
            } catch (SQLException e) {
                throw Failures.of("open the cache " + database, e);
            } catch (IOException e) {
                throw Failures.of("open the cache " + database, e);
            }
        }
    }
}
