package io.alldocs.storage.filesystem;

import io.alldocs.cache.Body;
import io.alldocs.cache.EntryHead;
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
import java.time.Clock;
import java.util.Optional;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/**
 * Stores values in a folder, in npm's cacache format; the package description has the layout. Driver name {@code filesystem}.
 *
 * <ul>
 *   <li>Any number of threads, drivers and processes may share a folder. A read sees every write that returned before it, and
 *       {@link #putIfAbsent} is atomic among all of them.
 *   <li>A kill at any instruction costs no value whose {@code put} returned. A power loss can cost what the operating system had not written yet:
 *       such entries read as absent or fail their digest, and are fetched again. {@link Builder#sync} writes through.
 *   <li>A listing is not ordered and walks the whole index, lazily, with little memory: {@code orderedListing} is false.
 *   <li>Keys have at most 16,384 bytes of UTF-8; values are bounded by the disk.
 *   <li>Values of other programs are read: their head says size, integrity and time. An entry whose content is not there is absent.
 *   <li>{@link #head}, {@link #has} and {@link #putIfAbsent} take an entry whose content has the wrong size for absent; {@link #get} returns the
 *       bytes that are there, for {@link io.alldocs.cache.Cache} to judge. Storing a body again repairs content that was damaged.
 *   <li>Bodies up to 1 MiB are read into memory; larger ones stay readable until they are closed, whatever happens to their file.
 *   <li>An interrupt does not end an operation; the flag stays set. Only {@link #verify} stops.
 * </ul>
 */
public final class FilesystemStorageDriver implements StorageDriver {
    private final CacheFolder folder;
    private final FolderLocks locks;
    private final Index index;
    private final ContentStore content;
    private final StorageCapabilities capabilities;
    private final Clock clock;
    private volatile boolean closed;

    private FilesystemStorageDriver(CacheFolder folder, FolderLocks locks, Builder builder) {
        this.folder = folder;
        this.locks = locks;
        this.capabilities = new StorageCapabilities(
                false, KeyHash.MAX_BYTES, Long.MAX_VALUE, true, !builder.readOnly, !builder.readOnly, 1);
        this.clock = builder.clock;
        this.index = new Index(folder, locks, builder.sync);
        this.content = new ContentStore(folder, locks, builder.sync, builder.clock);
    }

    /**
     * Opens a folder with all defaults, and creates it when it is missing.
     *
     * @param folder on the default file system
     * @throws StorageException when the folder cannot be created, read or written, or was written by a newer version; names the path and why
     */
    public static FilesystemStorageDriver open(Path folder) {
        return builder(folder).build();
    }

    /**
     * Options of a driver on {@code folder}.
     *
     * @throws IllegalArgumentException when the path is not on the default file system
     */
    public static Builder builder(Path folder) {
        return new Builder(folder);
    }

    @Override
    public String name() {
        return "filesystem";
    }

    @Override
    public StorageCapabilities capabilities() {
        return capabilities;
    }

    /** Where it stores. */
    public Path folder() {
        return folder.root();
    }

    @Override
    public Optional<StoredEntry> get(String key) {
        KeyHash hash = KeyHash.of(key, capabilities);
        return attempt("read", key, () -> {
            Optional<IndexRecord> record = index.find(hash);
            while (record.isPresent()) {
                Optional<Body> body = open(record.get());
                if (body.isPresent()) {
                    return Optional.of(
                            new StoredEntry(record.get().head(body.get().sizeBytes()), body.get()));
                }
                // The value may have been replaced, and the old content reclaimed, between the two reads.
                Optional<IndexRecord> now = index.find(hash);
                if (now.equals(record)) {
                    return Optional.empty();
                }
                record = now;
            }
            return Optional.empty();
        });
    }

    private Optional<Body> open(IndexRecord record) throws IOException {
        Optional<Integrity> integrity = record.content();
        return integrity.isPresent() ? content.open(integrity.get()) : Optional.empty();
    }

    @Override
    public Optional<EntryHead> head(String key) {
        KeyHash hash = KeyHash.of(key, capabilities);
        return attempt("read the head of", key, () -> findWhole(hash).map(this::headOf));
    }

    private EntryHead headOf(IndexRecord record) {
        return record.head(record.content().map(content::sizeBytes).orElse(0L));
    }

    @Override
    public boolean has(String key) {
        KeyHash hash = KeyHash.of(key, capabilities);
        return attempt("look for", key, () -> findWhole(hash).isPresent());
    }

    /** The record of a key whose content is there with the right size. */
    private Optional<IndexRecord> findWhole(KeyHash key) throws IOException {
        return index.find(key)
                .filter(record -> record.content()
                        .filter(integrity -> content.isThere(integrity, record.sizeBytes()))
                        .isPresent());
    }

    @Override
    public void put(String key, EntryHead head, Body body) {
        KeyHash hash = KeyHash.of(key, capabilities);
        checkSize(head, body.sizeBytes());
        change("store", key, () -> {
            IndexRecord record = IndexRecord.of(key, head, content.write(head, body));
            return index.locked(hash, () -> index.append(hash, record));
        });
    }

    @Override
    public boolean putIfAbsent(String key, EntryHead head, Body body) {
        KeyHash hash = KeyHash.of(key, capabilities);
        checkSize(head, body.sizeBytes());
        return change("store", key, () -> {
            // The content is written with the lock held: the record of an entry whose content was missing would look
            // whole after it.
            return index.locked(
                    hash,
                    () -> findWhole(hash).isEmpty()
                            && index.append(hash, IndexRecord.of(key, head, content.write(head, body))));
        });
    }

    @Override
    public boolean putHead(String key, EntryHead head) {
        KeyHash hash = KeyHash.of(key, capabilities);
        return change(
                "store the head of",
                key,
                () -> index.locked(hash, () -> {
                    Optional<IndexRecord> stored = findWhole(hash);
                    if (stored.isEmpty() || !headOf(stored.get()).isOfSameBody(head)) {
                        return false;
                    }
                    String integrity = String.valueOf(stored.get().integrity());
                    return index.append(hash, IndexRecord.of(key, head, integrity));
                }));
    }

    private static void checkSize(EntryHead head, long bodyBytes) {
        if (head.sizeBytes() != bodyBytes) {
            throw new IllegalArgumentException(
                    "The head describes a body of " + head.sizeBytes() + " bytes, and the body has " + bodyBytes);
        }
    }

    @Override
    public void delete(String key) {
        KeyHash hash = KeyHash.of(key, capabilities);
        change(
                "delete",
                key,
                () -> index.locked(
                        hash,
                        () -> index.find(hash).isPresent()
                                && index.append(hash, IndexRecord.deleted(key, clock.instant()))));
    }

    /** In no order. Entries of other programs are listed too, and so are keys whose content is missing. */
    @Override
    public Stream<String> list(String prefix, @Nullable String startAfter) {
        requireOpen();
        KeyWalk walk = new KeyWalk();
        return StreamSupport.stream(
                        Spliterators.spliteratorUnknownSize(walk, Spliterator.DISTINCT | Spliterator.NONNULL), false)
                .filter(key -> key.startsWith(prefix))
                .filter(key -> startAfter == null || KeyOrder.UTF8.compare(key, startAfter) > 0);
    }

    /**
     * Checks and, if asked, repairs the folder, beside live readers and writers. Digests every body that an entry refers to; repairing, it also
     * removes damaged content and the entries of it, entries without content, content without an entry, records that no longer count and files left
     * in {@code tmp}, and stamps {@code _lastverified}. What was written within {@link VerifyOptions#youngerThan} is counted but stays. Let that
     * time be longer than any writer takes from its content to its record; {@link java.time.Duration#ZERO} is right when nobody writes.
     *
     * <p>Takes 8 to 12 bytes of heap per entry. One repair at a time works on a folder. An interrupt ends it with a {@link StorageException}, at
     * any point and without harm.
     *
     * @throws UnsupportedStorageOperationException when asked to repair a folder that was opened for reading
     */
    @Override
    public VerifyReport verify(VerifyOptions options) {
        requireOpen();
        if (options.repair()) {
            requireWritable();
        }
        Verification verification = new Verification(folder, index, content, locks, options, clock);
        try {
            return options.repair() ? locks.withVerify(verification::run) : verification.run();
        } catch (IOException e) {
            throw Failures.of("verify the cache folder " + folder.root(), e);
        }
    }

    /** Idempotent. Bodies that were read stay readable. */
    @Override
    public void close() {
        synchronized (locks) {
            if (closed) {
                return;
            }
            closed = true;
        }
        try {
            locks.close();
        } catch (IOException e) {
            throw Failures.of("close the cache folder " + folder.root(), e);
        }
    }

    private <T> T change(String verb, String key, Uninterrupted.Operation<T> operation) {
        requireOpen();
        requireWritable();
        return attempt(verb, key, operation);
    }

    private <T> T attempt(String verb, String key, Uninterrupted.Operation<T> operation) {
        requireOpen();
        try {
            return operation.run();
        } catch (IOException e) {
            throw Failures.of(verb + " " + Failures.shown(key) + " in the cache folder " + folder.root(), e);
        }
    }

    private <T> T listing(Uninterrupted.Operation<T> operation) {
        requireOpen();
        try {
            return operation.run();
        } catch (IOException e) {
            throw Failures.of("list the cache folder " + folder.root(), e);
        }
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("The driver of the cache folder " + folder.root() + " is closed");
        }
    }

    private void requireWritable() {
        if (!capabilities.writable()) {
            throw new UnsupportedStorageOperationException(
                    "The cache folder " + folder.root() + " was opened for reading only");
        }
    }

    @Override
    public String toString() {
        return name() + ":" + folder.root();
    }

    /** Live keys, bucket after bucket. A key is in one bucket only, so it comes once. */
    private final class KeyWalk implements java.util.Iterator<String> {
        private final BucketWalk buckets;
        private java.util.Iterator<Bucket.Line> lines = java.util.Collections.emptyIterator();

        KeyWalk() {
            this.buckets = listing(() -> new BucketWalk(DiskFile.children(folder.index())));
        }

        @Override
        public boolean hasNext() {
            while (!lines.hasNext()) {
                Optional<Path> bucket = listing(buckets::next);
                if (bucket.isEmpty()) {
                    return false;
                }
                lines = listing(() -> Index.read(bucket.get())).summary().live().iterator();
            }
            return true;
        }

        @Override
        public String next() {
            if (!hasNext()) {
                throw new java.util.NoSuchElementException();
            }
            return lines.next().record().key();
        }
    }

    /** Options of a driver. Not thread-safe. */
    public static final class Builder {
        private final Path folder;
        private boolean sync;
        private boolean readOnly;
        private Clock clock = Clock.systemUTC();

        private Builder(Path folder) {
            if (!folder.getFileSystem().equals(FileSystems.getDefault())) {
                throw new IllegalArgumentException(
                        "A cache folder is on the default file system, and " + folder + " is on another");
            }
            this.folder = folder;
        }

        /**
         * Whether each write waits until the disk has it (fsync of content, record and new directories). Default: false, as npm does.
         * Slower by as much as the disk takes to confirm a write.
         */
        public Builder sync(boolean sync) {
            this.sync = sync;
            return this;
        }

        /** Whether the folder is only read: nothing is created or changed, not even locks. Default: false. */
        public Builder readOnly(boolean readOnly) {
            this.readOnly = readOnly;
            return this;
        }

        /** What tells how old files are. Default: the system's. */
        public Builder clock(Clock clock) {
            this.clock = clock;
            return this;
        }

        /**
         * Opens the folder; creates it when it is missing, unless it is only read.
         *
         * @throws StorageException when the folder cannot be created, read or written, or was written by a newer version
         */
        public FilesystemStorageDriver build() {
            try {
                if (readOnly) {
                    CacheFolder opened = CacheFolder.open(folder);
                    return new FilesystemStorageDriver(opened, FolderLocks.readOnly(opened.lockFile()), this);
                }
                CacheFolder created = CacheFolder.create(folder);
                return new FilesystemStorageDriver(created, FolderLocks.open(created.lockFile()), this);
            } catch (IOException e) {
                throw Failures.of("open the cache folder " + folder, e);
            }
        }
    }
}
