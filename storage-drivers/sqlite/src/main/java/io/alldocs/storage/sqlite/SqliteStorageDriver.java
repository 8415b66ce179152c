package io.alldocs.storage.sqlite;

import io.alldocs.cache.Body;
import io.alldocs.cache.EntryHead;
import io.alldocs.cache.IntegrityException;
import io.alldocs.cache.KeyOrder;
import io.alldocs.cache.StorageException;
import io.alldocs.cache.UnsupportedStorageOperationException;
import io.alldocs.cache.VerifyOptions;
import io.alldocs.cache.VerifyReport;
import io.alldocs.cache.spi.StorageCapabilities;
import io.alldocs.cache.spi.StorageDriver;
import io.alldocs.cache.spi.StoredEntry;
import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/**
 * Stores values in one SQLite file; the package description has its tables. Driver name {@code sqlite}.
 *
 * <ul>
 *   <li>Any number of threads, drivers and processes of one machine may share a file. A read sees every write that returned before it, and
 *       {@link #putIfAbsent} is atomic among all of them.
 *   <li>Writes of several threads share transactions; one alone is committed at once. Each returns when its transaction is committed.
 *   <li>A kill at any instruction costs no value whose {@code put} returned. A power loss can cost the values of the last moments, as if they had
 *       never been stored, but never damages the file; {@link Builder#sync} writes through.
 *   <li>A listing is in {@code KeyOrder.UTF8}, lazy, and reads stretches of the index: none of the values, little memory, no transaction that lasts.
 *   <li>Keys have at most 16,384 bytes of UTF-8; values are bounded by the disk, whose space for the log a large value needs once more.
 *   <li>Bodies up to 1 MiB are read into memory. Larger ones go through a temporary file, beside the database (in the system's temporary folder
 *       when it is only read), and stay readable until they are closed, whatever happens to the entry.
 *   <li>{@link #head} and {@link #has} do not look at the body; {@link #get} of an entry whose body was taken away throws
 *       {@link IntegrityException}.
 *   <li>The space of replaced and deleted values is used again; {@link #verify} with repair gives it back to the disk.
 *   <li>An interrupt does not end an operation; the flag stays set. Only {@link #verify} stops.
 * </ul>
 */
public final class SqliteStorageDriver implements StorageDriver {
    private static final int MAX_KEY_BYTES = 16_384;
    private static final int MAX_BATCH = 500;
    private static final long MAX_BATCH_BYTES = 8 << 20;

    private final Database database;
    private final Readers readers;
    private final @Nullable GroupCommit writes;
    private final StorageCapabilities capabilities;
    private final Clock clock;
    private volatile boolean closed;

    private SqliteStorageDriver(Database database, @Nullable GroupCommit writes, Clock clock) {
        this.database = database;
        this.readers = new Readers(database);
        this.writes = writes;
        this.clock = clock;
        boolean writable = writes != null;
        this.capabilities =
                new StorageCapabilities(true, MAX_KEY_BYTES, Long.MAX_VALUE, true, writable, writable, MAX_BATCH);
    }

    /**
     * Opens a file with all defaults, and creates it, and its folder, when it is missing.
     *
     * @param file on the default file system, on a local disk
     * @throws StorageException when the file cannot be created, read or written, is another program's, or was written by a newer version; names
     *     the path and why
     */
    public static SqliteStorageDriver open(Path file) {
        return builder(file).build();
    }

    /**
     * Options of a driver on {@code file}.
     *
     * @throws IllegalArgumentException when the path is not on the default file system
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

    /** Where it stores. Beside it, while it is open, are its log ({@code -wal}) and the log's index ({@code -shm}). */
    public Path file() {
        return database.file();
    }

    @Override
    public Optional<StoredEntry> get(String key) {
        capabilities.requireKey(key);
        return read("read", key, reader -> reader.find(key)).map(this::entry);
    }

    private StoredEntry entry(Row row) {
        Body body = row.body();
        if (body == null) {
            throw new IntegrityException(
                    "The body of " + Failures.shown(row.key()) + " in " + database
                            + " was taken away. Fetch it again, or run verify.",
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
    public Optional<EntryHead> head(String key) {
        capabilities.requireKey(key);
        return read("read the head of", key, reader -> reader.head(key)).map(head -> Row.parse(key, head, database));
    }

    @Override
    public boolean has(String key) {
        capabilities.requireKey(key);
        return read("look for", key, reader -> reader.has(key));
    }

    @Override
    public void put(String key, EntryHead head, Body body) {
        write("store", key, head, body, Writer::put);
    }

    @Override
    public boolean putIfAbsent(String key, EntryHead head, Body body) {
        return write("store", key, head, body, Writer::putIfAbsent);
    }

    /** One of the two ways to put. */
    private interface Put {
        boolean on(Writer writer, String key, String head, Body body) throws SQLException, IOException;
    }

    private boolean write(String verb, String key, EntryHead head, Body body, Put put) {
        check(key, head, body);
        return change(verb, key, commits -> {
            String json = head.toJson();
            try (Body content = Content.of(body, database)) {
                return commits.commit(content.sizeBytes(), writer -> put.on(writer, key, json, content));
            }
        });
    }

    @Override
    public boolean putHead(String key, EntryHead head) {
        capabilities.requireKey(key);
        String json = head.toJson();
        return change(
                "store the head of",
                key,
                commits -> commits.commit(json.length(), writer -> writer.putHead(key, head, json)));
    }

    @Override
    public void delete(String key) {
        capabilities.requireKey(key);
        change("delete", key, commits -> commits.commit(0, writer -> writer.delete(key)));
    }

    /** Transactions of up to 500 entries and about 8 MiB. */
    @Override
    public void putBatch(Map<String, StoredEntry> entries) {
        entries.forEach((key, entry) -> check(key, entry.head(), entry.body()));
        List<Content.Keyed> batch = new ArrayList<>();
        long bytes = 0;
        try {
            for (Map.Entry<String, StoredEntry> each : entries.entrySet()) {
                Content.Keyed content = keyed(each.getKey(), each.getValue());
                batch.add(content);
                bytes += content.body().sizeBytes();
                if (batch.size() == MAX_BATCH || bytes >= MAX_BATCH_BYTES) {
                    putAll(batch);
                    bytes = 0;
                }
            }
            if (!batch.isEmpty()) {
                putAll(batch);
            }
        } finally {
            batch.forEach(content -> content.body().close());
        }
    }

    private Content.Keyed keyed(String key, StoredEntry entry) {
        return change(
                "store",
                key,
                commits -> new Content.Keyed(key, entry.head().toJson(), Content.of(entry.body(), database)));
    }

    /** Stores, closes and clears {@code batch}. */
    private void putAll(List<Content.Keyed> batch) {
        long bytes =
                batch.stream().mapToLong(content -> content.body().sizeBytes()).sum();
        change(
                "store a batch that begins with",
                batch.get(0).key(),
                commits -> commits.commit(bytes, writer -> {
                    for (Content.Keyed content : batch) {
                        writer.put(content.key(), content.head(), content.body());
                    }
                    return true;
                }));
        batch.forEach(content -> content.body().close());
        batch.clear();
    }

    /** Transactions of up to 500 keys. */
    @Override
    public void deleteBatch(Collection<String> keys) {
        requireWritable();
        keys.forEach(capabilities::requireKey);
        List<String> all = List.copyOf(keys);
        for (int i = 0; i < all.size(); i += MAX_BATCH) {
            List<String> batch = all.subList(i, Math.min(all.size(), i + MAX_BATCH));
            change(
                    "delete a batch that begins with",
                    batch.get(0),
                    commits -> commits.commit(0, writer -> {
                        for (String key : batch) {
                            writer.delete(key);
                        }
                        return true;
                    }));
        }
    }

    private void check(String key, EntryHead head, Body body) {
        capabilities.requireKey(key);
        if (head.sizeBytes() != body.sizeBytes()) {
            throw new IllegalArgumentException("The head describes a body of " + head.sizeBytes()
                    + " bytes, and the body has " + body.sizeBytes());
        }
    }

    @Override
    public Stream<String> list(String prefix, @Nullable String startAfter) {
        requireOpen();
        return StreamSupport.stream(
                Spliterators.spliteratorUnknownSize(
                        new KeyWalk(prefix, startAfter),
                        Spliterator.DISTINCT | Spliterator.ORDERED | Spliterator.NONNULL),
                false);
    }

    /** All keys. */
    Iterator<String> keys() {
        return new KeyWalk("", null);
    }

    /**
     * Checks and, if asked, repairs the file, beside live readers and writers.
     *
     * <p>SQLite's own quick check finds what is broken in the file's structure: counted as {@code rejectedEntries}, and beyond repair. Then every
     * body is digested. Repairing removes entries whose body is damaged or missing and which are older than {@link VerifyOptions#youngerThan} by
     * their head, entries whose head cannot be read, and bodies without an entry; in the end the free pages go back to the disk, in small steps. An
     * entry that was written again since it was read stays.
     *
     * <p>The quick check reads in one transaction: what is written meanwhile stays in the log until it ends.
     *
     * @throws UnsupportedStorageOperationException when asked to repair a file that was opened for reading
     * @throws io.alldocs.cache.OperationInterruptedException when the thread is interrupted while bodies are digested
     */
    @Override
    public VerifyReport verify(VerifyOptions options) {
        requireOpen();
        if (options.repair()) {
            requireWritable();
        }
        return new Verification(this, options, clock).run();
    }

    /** Idempotent. Waits for operations that are under way. Bodies that were read stay readable. */
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        try {
            readers.close();
            if (writes != null) {
                // The last one to close moves the log into the file.
                writes.close();
            }
        } catch (SQLException e) {
            throw Failures.of("close the cache " + database, e);
        }
    }

    /** How many transactions it committed. */
    long commits() {
        return writes == null ? 0 : writes.commits();
    }

    Database database() {
        return database;
    }

    <T> T read(String verb, String key, Readers.Query<T> query) {
        requireOpen();
        return attempt(verb, key, () -> readers.read(query));
    }

    /** Something to do with the connection that writes. */
    interface Writing<T> {
        T with(GroupCommit commits) throws SQLException, IOException;
    }

    <T> T change(String verb, String key, Writing<T> writing) {
        requireOpen();
        GroupCommit commits = requireWritable();
        return attempt(verb, key, () -> writing.with(commits));
    }

    /** Something to do with a connection of its own, outside transactions of others. */
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

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("The driver of the cache " + database + " is closed");
        }
    }

    private GroupCommit requireWritable() {
        if (writes == null) {
            throw new UnsupportedStorageOperationException("The cache " + database + " was opened for reading only");
        }
        return writes;
    }

    @Override
    public String toString() {
        return name() + ":" + database;
    }

    /** Keys, one stretch after the other: each is a query of its own that begins where the last one ended. */
    private final class KeyWalk implements Iterator<String> {
        private static final int FIRST_STRETCH = 100;
        private static final int LONGEST_STRETCH = 4_000;

        private final String prefix;
        private @Nullable String last;
        private Iterator<String> stretch = Collections.emptyIterator();
        private int length = FIRST_STRETCH;
        private boolean more = true;

        KeyWalk(String prefix, @Nullable String startAfter) {
            this.prefix = prefix;
            boolean within = startAfter != null && KeyOrder.UTF8.compare(startAfter, prefix) >= 0;
            this.last = within ? startAfter : null;
        }

        @Override
        public boolean hasNext() {
            if (!stretch.hasNext() && more) {
                List<String> keys = read("list the keys of", prefix, reader -> reader.keys(prefix, last, length));
                more = keys.size() == length;
                last = keys.isEmpty() ? last : keys.get(keys.size() - 1);
                length = Math.min(LONGEST_STRETCH, 4 * length);
                stretch = keys.iterator();
            }
            return stretch.hasNext();
        }

        @Override
        public String next() {
            if (!hasNext()) {
                throw new NoSuchElementException();
            }
            return stretch.next();
        }
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
                        "A cache file is on the default file system, and " + file + " is on another");
            }
            this.file = file;
        }

        /**
         * Whether each commit waits until the disk has it: SQLite's {@code synchronous=FULL}. Default: false, {@code NORMAL}; then the disk has it
         * after the next 32 MiB of log at the latest, or when the last driver is closed. Threads that write together wait together.
         */
        public Builder sync(boolean sync) {
            this.sync = sync;
            return this;
        }

        /**
         * Whether the file is only read. Default: false. SQLite still needs its two files beside the database, and creates them when they are
         * missing.
         */
        public Builder readOnly(boolean readOnly) {
            this.readOnly = readOnly;
            return this;
        }

        /**
         * How long an operation waits for another process that holds the write lock. Default: 30 seconds.
         *
         * @throws IllegalArgumentException when it is negative
         */
        public Builder patience(Duration patience) {
            if (patience.isNegative()) {
                throw new IllegalArgumentException("The patience must not be negative: " + patience);
            }
            this.patience = patience;
            return this;
        }

        /** What tells how old entries are. Default: the system's. */
        public Builder clock(Clock clock) {
            this.clock = clock;
            return this;
        }

        /** A small disk, for tests. */
        Builder maxPages(int maxPages) {
            this.maxPages = maxPages;
            return this;
        }

        /**
         * Opens the file; creates it and its folder when they are missing, unless it is only read.
         *
         * @throws StorageException when the file cannot be created, read or written, is another program's, or was written by a newer version
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
