package io.alldocs.storage.filesystem;

import io.alldocs.cache.body.Body;
import io.alldocs.cache.entry.EntryMetadata;
import io.alldocs.cache.spi.KeyOrder;
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
import java.time.Clock;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/**
 * A storage driver that keeps values in a folder, in npm's cacache format. The package description documents the
 * layout. The driver name is {@code filesystem}.
 *
 * <ul>
 * <li>Any number of threads, drivers and processes may share a folder. A read sees every write that returned before it,
 * and {@link #putIfAbsent} is atomic among all of them.
 * <li>Killing the process at any instruction loses no value whose {@code put} returned. A power loss can lose data that
 * the operating system had not written yet. Such entries read as absent or fail their digest check, and are fetched
 * again. Use {@link Builder#sync} to write through to the disk.
 * <li>The folder may disappear, for example because its disk was unmounted. Every write, every listing, and every read
 * of an absent key then fails with a retryable exception until the folder is back. Opening a driver creates a missing
 * folder; an open driver never does.
 * <li>A listing is not ordered ({@code orderedListing} is false). It walks the whole index lazily and needs little
 * memory.
 * <li>Keys have at most 16,384 bytes of UTF-8; values are limited only by the disk.
 * <li>Values of other programs are readable; their head gives size, integrity and time. An entry whose content is
 * missing is absent.
 * <li>{@link #head}, {@link #has} and {@link #putIfAbsent} treat an entry whose content has the wrong size as absent.
 * {@link #get} returns the stored bytes, and {@link io.alldocs.cache.Cache} verifies them. Storing a body again repairs
 * damaged content.
 * <li>Bodies up to 1 MiB are read into memory. Larger bodies stay readable until they are closed, even if their file is
 * replaced or removed.
 * <li>Interrupting a thread does not cancel its operation, and the interrupt flag stays set. Only {@link #verify} stops
 * on an interrupt.
 * </ul>
 */
public final class FilesystemStorageDriver implements StorageDriver {
    private final CacheFolder folder;
    private final FolderLocks locks;
    private final Index index;
    private final ContentStore content;
    private final EntryReader reader;
    private final StorageCapabilities capabilities;
    private final Clock clock;
    private volatile boolean closed;

    private FilesystemStorageDriver(CacheFolder folder, FolderLocks locks, Builder builder) {
        this.folder = folder;
        this.locks = locks;
        this.capabilities = StorageCapabilities.builder()
                .maxKeyBytes(KeyHash.MAX_BYTES)
                .readAfterWrite(true)
                .conditionalPut(!builder.readOnly)
                .writable(!builder.readOnly)
                .build();
        this.clock = builder.clock;
        this.index = new Index(folder, locks, builder.sync);
        this.content = new ContentStore(folder, locks, builder.sync, builder.clock);
        this.reader = new EntryReader(index, content);
    }

    /**
     * Opens a folder with the default options, and creates it if it is missing.
     *
     * @param folder on the default file system
     * @throws StorageException if the folder cannot be created, read or written, or was written by a newer version; the
     *     message gives the path and the reason
     */
    public static FilesystemStorageDriver open(Path folder) {
        return builder(folder).build();
    }

    /**
     * Returns a builder for a driver on {@code folder}.
     *
     * @throws IllegalArgumentException if the path is not on the default file system
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

    /** Returns the cache folder. */
    public Path folder() {
        return folder.root();
    }

    @Override
    public Optional<StoredEntry> get(String key) {
        KeyHash hash = KeyHash.of(key, capabilities);
        return attempt("read", key, () -> reader.get(hash));
    }

    @Override
    public Optional<EntryMetadata> head(String key) {
        KeyHash hash = KeyHash.of(key, capabilities);
        return attempt("read the head of", key, () -> reader.find(hash).map(reader::headOf));
    }

    @Override
    public boolean has(String key) {
        KeyHash hash = KeyHash.of(key, capabilities);
        return attempt("look for", key, () -> reader.find(hash).isPresent());
    }

    @Override
    public void put(String key, EntryMetadata head, Body body) {
        KeyHash hash = KeyHash.of(key, capabilities);
        StorageCapabilities.requireSize(head, body.sizeBytes());
        change("store", key, () -> {
            IndexRecord record = IndexRecord.of(key, head, content.write(head, body));
            return index.locked(hash, () -> index.append(hash, record));
        });
    }

    @Override
    public boolean putIfAbsent(String key, EntryMetadata head, Body body) {
        KeyHash hash = KeyHash.of(key, capabilities);
        StorageCapabilities.requireSize(head, body.sizeBytes());
        return change("store", key, () -> {
            // Write the content while holding the lock. Otherwise the old record of an entry whose content was missing
            // would temporarily refer to the new content.
            return index.locked(
                    hash,
                    () -> reader.find(hash).isEmpty()
                            && index.append(hash, IndexRecord.of(key, head, content.write(head, body))));
        });
    }

    @Override
    public boolean putHead(String key, EntryMetadata head) {
        KeyHash hash = KeyHash.of(key, capabilities);
        return change(
                "store the head of",
                key,
                () -> index.locked(hash, () -> {
                    Optional<IndexRecord> stored = reader.find(hash);
                    if (stored.isEmpty() || !reader.headOf(stored.get()).isOfSameBody(head)) {
                        return false;
                    }
                    String integrity = String.valueOf(stored.get().integrity());
                    return index.append(hash, IndexRecord.of(key, head, integrity));
                }));
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

    /**
     * Lists keys in no particular order. The list includes entries of other programs, and keys whose content is
     * missing.
     */
    @Override
    public Stream<String> list(String prefix, @Nullable String startAfter) {
        requireOpen();
        return StreamSupport.stream(new KeyWalk(folder, index, this::listing), false)
                .filter(key -> key.startsWith(prefix))
                .filter(key -> startAfter == null || KeyOrder.UTF8.compare(key, startAfter) > 0);
    }

    /**
     * Checks the folder and, if requested, repairs it, while readers and writers are active. Computes the digest of
     * every body that an entry refers to. A repair also removes damaged content and its entries, entries without
     * content, content without an entry, obsolete records, and files left in {@code tmp}. It then updates
     * {@code _lastverified}. Files written within {@link VerifyOptions#youngerThan} are counted but kept. Choose a
     * duration longer than any writer takes between writing content and its record; {@link java.time.Duration#ZERO} is
     * safe if nothing writes.
     *
     * <p>Takes 8 to 12 bytes of heap per entry. Only one repair at a time may run on a folder. An interrupt stops it
     * safely at any point, with a {@link StorageException}.
     *
     * @throws UnsupportedStorageOperationException if a repair is requested on a folder that was opened read-only
     */
    @Override
    public VerifyReport verify(VerifyOptions options) {
        requireOpen();
        if (options.repair()) {
            requireWritable();
        }
        Verification verification = new Verification(folder, index, content, locks, options, clock);
        return attempt(
                () -> "verify", () -> options.repair() ? locks.withVerify(verification::run) : verification.run());
    }

    /** Closes the driver. Idempotent. Bodies that were already read stay readable. */
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
        return attempt(() -> verb + " " + Failures.shown(key) + " in", operation);
    }

    private <T> T listing(Uninterrupted.Operation<T> operation) {
        return attempt(() -> "list", operation);
    }

    /** @param described completes the sentence "Cannot ... the cache folder" */
    private <T> T attempt(Supplier<String> described, Uninterrupted.Operation<T> operation) {
        requireOpen();
        try {
            return operation.run();
        } catch (IOException e) {
            throw Failures.of(described.get() + " the cache folder " + folder.root(), e);
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

    /** Options of a driver. Not thread-safe. */
    public static final class Builder {
        private final Path folder;
        private boolean sync;
        private boolean readOnly;
        private Clock clock = Clock.systemUTC();

        private Builder(Path folder) {
            if (!folder.getFileSystem().equals(FileSystems.getDefault())) {
                throw new IllegalArgumentException(
                        "A cache folder must be on the default file system, but " + folder + " is not.");
            }
            this.folder = folder;
        }

        /**
         * Sets whether each write waits until it is on disk (fsync of content, record and new directories). Default:
         * false, as in npm. Each write becomes slower by the time the disk takes to confirm it.
         */
        public Builder sync(boolean sync) {
            this.sync = sync;
            return this;
        }

        /**
         * Sets whether the folder is opened read-only: nothing is created or changed, and no locks are taken. Default:
         * false.
         */
        public Builder readOnly(boolean readOnly) {
            this.readOnly = readOnly;
            return this;
        }

        /** Sets the clock used to compute the age of files. Default: the system clock. */
        public Builder clock(Clock clock) {
            this.clock = clock;
            return this;
        }

        /**
         * Opens the folder. Creates it if it is missing, unless the driver is read-only.
         *
         * @throws StorageException if the folder cannot be created, read or written, or was written by a newer version
         */
        public FilesystemStorageDriver build() {
            try {
                if (readOnly) {
                    CacheFolder opened = CacheFolder.open(folder);
                    return new FilesystemStorageDriver(opened, FolderLocks.readOnly(opened), this);
                }
                CacheFolder created = CacheFolder.create(folder);
                return new FilesystemStorageDriver(created, FolderLocks.open(created), this);
            } catch (IOException e) {
                throw Failures.of("open the cache folder " + folder, e);
            }
        }
    }
}
