package io.alldocs.storage.filesystem;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Predicate;

/** Buckets of records. They are read without a lock and changed under one: an append is whole, and a rewrite is a rename. */
final class Index {

    /** A bucket is rewritten when it is larger than this and than eight of the last record: a key that is stored again and again stays cheap. */
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

    /** The record of {@code key}, if it is not deleted. */
    Optional<IndexRecord> find(KeyHash key) throws IOException {
        return read(folder.bucket(key.hex())).last(key.key()).filter(record -> record.integrity() != null);
    }

    /** The bucket in a file, empty when there is none. */
    static Bucket read(Path bucket) throws IOException {
        return DiskFile.read(bucket).map(Bucket::new).orElse(Bucket.EMPTY);
    }

    /** Runs an operation with the lock under which all records of {@code key} are appended. */
    <T> T locked(KeyHash key, Uninterrupted.Operation<T> operation) throws IOException {
        return locks.withBucket(key.firstByte(), operation);
    }

    /** Appends, with the lock of the key held. @return true */
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
            DiskFile.createDirectories(DiskFile.parent(bucket));
            long before = DiskFile.append(bucket, line, sync);
            if (sync) {
                DiskFile.syncDirectory(DiskFile.parent(bucket));
            }
            return before;
        }
    }

    /** The record is stored already: a failure to tidy up (a reader on Windows has the file open, say) is tried again next time. */
    private void compactInPassing(Path bucket) {
        try {
            compact(bucket, record -> true);
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "Cannot compact " + bucket, e);
        }
    }

    /**
     * Rewrites a bucket, its lock held, with the live records that {@code kept} accepts; removes it when there are none.
     *
     * <p>npm appends without a lock. What it appends while the new file is written is seen and read again; its record is lost only in the
     * instant of the rename, and only if it goes to a bucket that is being rewritten.
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

    /** Synced always: records that have survived a power loss so far must survive it beside this rename too. */
    private void replace(Path path, byte[] compacted) throws IOException {
        if (compacted.length == 0) {
            Files.deleteIfExists(path);
        } else {
            folder.write(path, compacted, true);
        }
    }
}
