package io.alldocs.storage.filesystem;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * The index: buckets of records. Buckets are read without a lock and modified under one; an append is a single write,
 * and a rewrite is a rename.
 */
final class Index {

    /**
     * A bucket is rewritten when it exceeds this size and eight times the size of the last record. This bounds the
     * bucket of a key that is stored repeatedly.
     */
    static final int COMPACT_BYTES = 64 << 10;

    private static final int COMPACT_RECORDS = 8;
    private static final Logger LOG = System.getLogger(Index.class.getName());

    private final CacheFolder folder;
    private final FolderLocks locks;
    private final boolean sync;

    Index(CacheFolder folder, FolderLocks locks, boolean sync) {
        this.folder = folder;
        this.locks = locks;
        this.sync = sync;
    }

    /** Returns the record of {@code key}, unless it is deleted. */
    Optional<IndexRecord> find(KeyHash key) throws IOException {
        return read(folder.bucket(key.hex())).last(key.key()).filter(record -> record.integrity() != null);
    }

    /** Reads the bucket of a file; empty if the file does not exist. */
    Bucket read(Path bucket) throws IOException {
        return folder.read(bucket).map(Bucket::new).orElse(Bucket.EMPTY);
    }

    /** Runs an operation while holding the lock under which records of {@code key} are appended. */
    <T> T locked(KeyHash key, Uninterrupted.Operation<T> operation) throws IOException {
        return locks.withBucket(key.firstByte(), operation);
    }

    /**
     * Appends a record; the caller holds the lock of the key.
     *
     * @return true
     */
    boolean append(KeyHash key, IndexRecord record) throws IOException {
        Path bucket = folder.bucket(key.hex());
        byte[] line = record.toLine();
        long before = append(bucket, line);
        if (before + line.length > Math.max(COMPACT_BYTES, (long) COMPACT_RECORDS * line.length)) {
            compactInPassing(bucket);
        }
        return true;
    }

    private long append(Path bucket, byte[] line) throws IOException {
        try {
            return DiskFile.append(bucket, line, sync);
        } catch (FileSystemException e) {
            folder.createDirectories(DiskFile.parent(bucket));
            long before = DiskFile.append(bucket, line, sync);
            if (sync) {
                DiskFile.syncDirectory(DiskFile.parent(bucket));
            }
            return before;
        }
    }

    /**
     * Compacts a bucket if possible. The record is already stored, so a failure is ignored and a later append retries.
     * This happens when a reader on Windows has the file open, for example.
     */
    private void compactInPassing(Path bucket) {
        try {
            compact(bucket, record -> true);
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "Cannot compact " + bucket, e);
        }
    }

    /**
     * Rewrites a bucket with the live records that {@code kept} accepts, and removes it if there are none. The caller
     * holds the bucket's lock.
     *
     * <p>npm appends without a lock. Records that it appends while the new file is written are detected and read again.
     * One of its records is lost only if it is appended at the instant of the rename, to the bucket being rewritten.
     */
    void compact(Path path, Predicate<IndexRecord> kept) throws IOException {
        while (true) {
            Bucket bucket = read(path);
            byte[] compacted = bucket.compacted(bucket.summary(), kept);
            if (compacted.length == bucket.sizeBytes()) {
                return;
            }
            if (path.toFile().length() == bucket.sizeBytes()) {
                replace(path, compacted);
                return;
            }
        }
    }

    /** Replaces a bucket. Always synced: records that are already durable must stay durable through the rename. */
    private void replace(Path path, byte[] compacted) throws IOException {
        if (compacted.length == 0) {
            Files.deleteIfExists(path);
        } else {
            folder.write(path, compacted, true);
        }
    }
}
