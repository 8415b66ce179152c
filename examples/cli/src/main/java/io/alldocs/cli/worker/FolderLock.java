package io.alldocs.cli.worker;

import io.alldocs.cli.UsageException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * A lock that allows only one run at a time for each job and folder, because two runs would do all work twice. The
 * operating system releases the lock when the process ends for any reason. The empty file is kept, because deleting it
 * could break the lock of another run.
 */
final class FolderLock implements AutoCloseable {
    /**
     * The files that this process has locked. A process loses a POSIX lock when it closes any descriptor of the file.
     * This process must therefore not open the file a second time.
     */
    private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

    private final Path file;
    private final FileChannel channel;

    private FolderLock(Path file, FileChannel channel) {
        this.file = file;
        this.channel = channel;
    }

    /**
     * Takes the lock without waiting.
     *
     * @param folder an existing folder
     * @throws UsageException if another run holds the lock
     * @throws UncheckedIOException if the lock file cannot be written or locked
     */
    static FolderLock take(Path folder, String job) {
        Path file = fileIn(folder, job);
        if (!HELD.add(file)) {
            throw taken(file);
        }
        FileChannel channel = null;
        try {
            channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            if (channel.tryLock() == null) {
                throw taken(file);
            }
            return new FolderLock(file, channel);
        } catch (IOException | RuntimeException e) {
            HELD.remove(file);
            closeQuietly(channel, e);
            if (e instanceof RuntimeException unchecked) {
                throw unchecked;
            }
            throw new UncheckedIOException("Cannot lock " + file, (IOException) e);
        }
    }

    private static Path fileIn(Path folder, String job) {
        try {
            return folder.toRealPath().resolve(job + ".lock");
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot find " + folder, e);
        }
    }

    private static UsageException taken(Path file) {
        return new UsageException("Another process is running this job in " + file.getParent()
                + ". Wait until it ends, or stop it. Its lock file is " + file.getFileName() + ".");
    }

    private static void closeQuietly(@Nullable FileChannel channel, Exception because) {
        try {
            if (channel != null) {
                channel.close();
            }
        } catch (IOException e) {
            because.addSuppressed(e);
        }
    }

    /** Releases the lock. */
    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot release " + file, e);
        } finally {
            HELD.remove(file);
        }
    }
}
