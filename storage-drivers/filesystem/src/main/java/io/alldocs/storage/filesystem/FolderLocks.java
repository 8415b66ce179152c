package io.alldocs.storage.filesystem;

import io.alldocs.spi.SriHash;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Locks of a cache folder, exclusive among threads and processes. Each lock is one byte of an empty file; the operating
 * system releases the byte-range locks of a process that ends.
 *
 * <p>If the lock file is replaced, because its folder was restored or mounted again for example, other processes lock
 * the new file. A lock is therefore valid only if its file is still at the path after the lock was taken.
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

    /** How often an operation opens a lock file that was replaced. */
    private static final int MAX_ROUNDS = 3;

    private static final Map<Path, FolderLocks> OPEN = new HashMap<>();
    private static final ReentrantLock OPENING = new ReentrantLock();

    private final CacheFolder folder;
    private final Path file;
    private final Duration patience;
    private final ReentrantLock[] threads = new ReentrantLock[VERIFY + 1];
    private final ReentrantLock reopening = new ReentrantLock();
    private int users;

    /** Lock files that were replaced while other threads may have held locks of them. */
    private final List<FileChannel> replaced = new ArrayList<>();

    /** Null if the folder is read-only. */
    private volatile @Nullable LockFile open;

    /** @param fileKey identifies the file; null on file systems that cannot identify files */
    private record LockFile(FileChannel channel, @Nullable Object fileKey) {}

    private FolderLocks(CacheFolder folder, Path file, Duration patience) {
        this.folder = folder;
        this.file = file;
        this.patience = patience;
        for (int i = 0; i < threads.length; i++) {
            threads[i] = new ReentrantLock();
        }
    }

    static FolderLocks open(CacheFolder folder) throws IOException {
        return open(folder, PATIENCE);
    }

    static FolderLocks open(CacheFolder folder, Duration patience) throws IOException {
        Path file = folder.root().toRealPath().resolve(folder.lockFile().getFileName());
        OPENING.lock();
        try {
            FolderLocks locks = OPEN.get(file);
            if (locks == null) {
                locks = new FolderLocks(folder, file, patience);
                locks.open = locks.openFile();
                OPEN.put(file, locks);
            }
            locks.users++;
            return locks;
        } finally {
            OPENING.unlock();
        }
    }

    /** Returns locks for a read-only folder, which take no lock against other processes. */
    static FolderLocks readOnly(CacheFolder folder) {
        return new FolderLocks(folder, folder.lockFile(), PATIENCE);
    }

    private LockFile openFile() throws IOException {
        folder.requirePresent();
        FileChannel channel =
                Uninterrupted.run(() -> FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE));
        try {
            return new LockFile(channel, fileKey());
        } catch (IOException | RuntimeException e) {
            replaced.add(channel); // closing it would release the locks of this process on the same file
            throw e;
        }
    }

    private @Nullable Object fileKey() throws IOException {
        return Files.readAttributes(file, BasicFileAttributes.class).fileKey();
    }

    private boolean isInPlace(LockFile opened) throws IOException {
        try {
            return Objects.equals(opened.fileKey(), fileKey());
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    /** Opens the file that is now at the path, unless another thread did so. */
    private void reopen(LockFile opened) throws IOException {
        reopening.lock();
        try {
            if (opened.equals(open)) {
                open = openFile();
                replaced.add(opened.channel());
            }
        } finally {
            reopening.unlock();
        }
    }

    /** Runs an operation that modifies the bucket of keys whose hash begins with {@code firstByte}. */
    <T> T withBucket(int firstByte, Uninterrupted.Operation<T> operation) throws IOException {
        return with(firstByte, operation);
    }

    /** Runs an operation that relies on, replaces or removes existing content. */
    <T> T withContent(SriHash integrity, Uninterrupted.Operation<T> operation) throws IOException {
        return with(STRIPES + integrity.firstByte(), operation);
    }

    private <T> T with(int index, Uninterrupted.Operation<T> operation) throws IOException {
        ReentrantLock thread = threads[index];
        thread.lock();
        try {
            return run(lock(opened -> waitFor(opened, index)), operation);
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
            return run(
                    lock(opened -> {
                        FileLock lock = tryLock(opened, VERIFY);
                        if (lock == null) {
                            throw new LockedException(REPAIRED);
                        }
                        return lock;
                    }),
                    operation);
        } finally {
            thread.unlock();
        }
    }

    private interface Locking {
        FileLock lock(FileChannel opened) throws IOException;
    }

    /**
     * Takes a lock of the file that is at the path.
     *
     * @return null if the folder is read-only
     * @throws CacheFolder.MissingFolderException if the folder disappeared
     */
    private @Nullable FileLock lock(Locking locking) throws IOException {
        LockFile opened = open;
        for (int round = 0; opened != null; round++) {
            FileLock lock = locking.lock(opened.channel());
            if (holdsInPlace(opened, lock)) {
                return lock;
            }
            if (round == MAX_ROUNDS) {
                throw new LockedException(
                        "the lock file " + file + " is replaced again and again, or has another identity at each look;"
                                + " use a file system with stable file identities");
            }
            reopen(opened);
            opened = open;
        }
        return null;
    }

    /** Returns whether the locked file is at the path. Releases the lock if it is not, or if that is unknown. */
    private boolean holdsInPlace(LockFile opened, FileLock lock) throws IOException {
        boolean inPlace = false;
        try {
            inPlace = isInPlace(opened);
        } finally {
            if (!inPlace) {
                lock.release();
            }
        }
        return inPlace;
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
            LockFile opened = open;
            if (--users == 0 && opened != null) {
                OPEN.remove(file);
                for (FileChannel each : replaced) {
                    each.close();
                }
                opened.channel().close();
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
