package io.alldocs.storage.filesystem;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Locks of a cache folder, exclusive among threads and processes. Each lock is one byte of an empty file; the operating
 * system releases the byte-range locks of a process that ends.
 *
 * <p>All drivers of this JVM on one folder share an instance. A POSIX lock belongs to the process, and is lost when the
 * process closes any descriptor of the file. Waiting threads poll {@code tryLock} instead of blocking in {@code lock}.
 * An interrupt of a blocked thread would close the channel, which would release the locks of all threads.
 */
final class FolderLocks implements AutoCloseable {
    private static final int STRIPES = 256;
    private static final int VERIFY = 2 * STRIPES;
    /**
     * Maximum wait for a lock. Locks are held for well under a millisecond, unless the process that holds one is
     * suspended.
     */
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private static final String REPAIRED = "another verify is repairing it; wait until it ends";
    private static final long LONGEST_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    private static final Map<Path, FolderLocks> OPEN = new HashMap<>();
    private static final ReentrantLock OPENING = new ReentrantLock();

    private final Path file;
    private final @Nullable FileChannel channel;
    private final Duration patience;
    private final ReentrantLock[] threads = new ReentrantLock[VERIFY + 1];
    private int users;

    private FolderLocks(Path file, @Nullable FileChannel channel, Duration patience) {
        this.file = file;
        this.channel = channel;
        this.patience = patience;
        for (int i = 0; i < threads.length; i++) {
            threads[i] = new ReentrantLock();
        }
    }

    /** @param file the lock file; its folder must exist */
    static FolderLocks open(Path file) throws IOException {
        return open(file, PATIENCE);
    }

    static FolderLocks open(Path file, Duration patience) throws IOException {
        Path folder = file.toAbsolutePath().getParent();
        Path identity = folder == null ? file : folder.toRealPath().resolve(file.getFileName());
        OPENING.lock();
        try {
            FolderLocks locks = OPEN.get(identity);
            if (locks == null) {
                FileChannel channel = Uninterrupted.run(
                        () -> FileChannel.open(identity, StandardOpenOption.CREATE, StandardOpenOption.WRITE));
                locks = new FolderLocks(identity, channel, patience);
                OPEN.put(identity, locks);
            }
            locks.users++;
            return locks;
        } finally {
            OPENING.unlock();
        }
    }

    /** Returns locks for a read-only folder, which take no lock against other processes. */
    static FolderLocks readOnly(Path file) {
        return new FolderLocks(file, null, PATIENCE);
    }

    /** Runs an operation that modifies the bucket of keys whose hash begins with {@code firstByte}. */
    <T> T withBucket(int firstByte, Uninterrupted.Operation<T> operation) throws IOException {
        return with(firstByte, operation);
    }

    /** Runs an operation that relies on, replaces or removes existing content. */
    <T> T withContent(Integrity integrity, Uninterrupted.Operation<T> operation) throws IOException {
        return with(STRIPES + integrity.firstByte(), operation);
    }

    private <T> T with(int index, Uninterrupted.Operation<T> operation) throws IOException {
        ReentrantLock thread = threads[index];
        thread.lock();
        try {
            return run(channel == null ? null : waitFor(channel, index), operation);
        } finally {
            thread.unlock();
        }
    }

    /**
     * Runs a repairing verify, at most one per folder. Does not wait.
     *
     * @throws LockedException if another one is running
     */
    <T> T withVerify(Uninterrupted.Operation<T> operation) throws IOException {
        ReentrantLock thread = threads[VERIFY];
        if (!thread.tryLock()) {
            throw new LockedException(REPAIRED);
        }
        try {
            FileLock lock = channel == null ? null : tryLock(channel, VERIFY);
            if (channel != null && lock == null) {
                throw new LockedException(REPAIRED);
            }
            return run(lock, operation);
        } finally {
            thread.unlock();
        }
    }

    private static <T> T run(@Nullable FileLock lock, Uninterrupted.Operation<T> operation) throws IOException {
        try {
            return operation.run();
        } finally {
            if (lock != null) {
                lock.release();
            }
        }
    }

    private FileLock waitFor(FileChannel channel, int index) throws IOException {
        FileLock lock = tryLock(channel, index);
        if (lock != null) {
            return lock;
        }
        boolean interrupted = Thread.interrupted();
        try {
            long start = System.nanoTime();
            long pause = 1_000;
            while (System.nanoTime() - start < patience.toNanos()) {
                LockSupport.parkNanos(pause);
                interrupted |= Thread.interrupted();
                pause = Math.min(2 * pause, LONGEST_PAUSE_NANOS);
                lock = tryLock(channel, index);
                if (lock != null) {
                    return lock;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
        throw new LockedException("another process has locked"
                + " byte " + index + " of " + file + " for " + patience.toSeconds() + " s; check whether that"
                + " process is suspended");
    }

    private static @Nullable FileLock tryLock(FileChannel channel, int index) throws IOException {
        try {
            return channel.tryLock(index, 1, false);
        } catch (OverlappingFileLockException e) {
            return null; // another class loader of this JVM loaded this library too
        }
    }

    @Override
    public void close() throws IOException {
        OPENING.lock();
        try {
            if (--users == 0 && channel != null) {
                OPEN.remove(file);
                channel.close();
            }
        } finally {
            OPENING.unlock();
        }
    }

    /** Thrown when another thread or process holds the lock. */
    static final class LockedException extends IOException {
        private static final long serialVersionUID = 1L;

        LockedException(String message) {
            super(message);
        }
    }
}
