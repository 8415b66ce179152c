package io.alldocs.storage.sqlite;

import io.alldocs.cache.spi.StorageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteOpenMode;

/**
 * The database file: its location, and how connections to it are opened. Checks that the file still exists.
 *
 * <p>The file is created when a driver opens it, and never again. SQLite would continue to use a file that was deleted
 * or moved, and what is written to it would be lost. It would also create a new file on the disk below a mount point.
 * Each connection therefore remembers the {@linkplain #fileKey() file} that it opened. It is replaced if another file
 * is at the path, and unusable while there is none.
 */
final class Database {

    /** Larger bodies are stored in parts of this size; only one part is in memory at a time. */
    static final int PART_BYTES = 1 << 20;

    /**
     * Log size at which a commit starts a checkpoint. A large value amortizes syncs, and the writing of index pages
     * that change often.
     */
    private static final int CHECKPOINT_BYTES = 32 << 20;

    /**
     * Log size at which a writer truncates the log by force. Otherwise the log could grow without limit while another
     * process writes continuously.
     */
    static final long MAX_LOG_BYTES = 4L * CHECKPOINT_BYTES;

    private static final int WRITER_CACHE_KIB = 32 << 10;
    private static final int READER_CACHE_KIB = 4 << 10;

    private final Path file;
    private final String url;
    private final boolean readOnly;
    private final boolean sync;
    private final Duration patience;
    private final int maxPages;

    /** @param maxPages maximum size of the file in pages; 0 for SQLite's own limit */
    Database(Path file, boolean readOnly, boolean sync, Duration patience, int maxPages) {
        this.file = file.toAbsolutePath().normalize();
        // Pass a URI, because sqlite-jdbc treats everything after a question mark in a plain path as options.
        this.url = "jdbc:sqlite:" + this.file.toUri();
        this.readOnly = readOnly;
        this.sync = sync;
        this.patience = patience;
        this.maxPages = maxPages;
    }

    Path file() {
        return file;
    }

    Path log() {
        return file.resolveSibling(file.getFileName() + "-wal");
    }

    /**
     * Returns the directory for copies of large bodies. It is on the same disk as the database if the driver may write
     * there.
     *
     * @throws SQLException if the file disappeared, and its directory may not be on that disk
     */
    Path temporaryDirectory() throws SQLException {
        fileKey();
        return readOnly ? Path.of(System.getProperty("java.io.tmpdir")) : directory();
    }

    private Path directory() {
        return file.resolveSibling("").toAbsolutePath();
    }

    /**
     * Returns what identifies the file that is now at the path; null on Windows, where open files are neither moved nor
     * deleted.
     *
     * @throws SQLException retryable, if the file disappeared after it was opened
     */
    @Nullable
    Object fileKey() throws SQLException {
        try {
            return Files.readAttributes(file, BasicFileAttributes.class).fileKey();
        } catch (IOException e) {
            throw disappeared(e);
        }
    }

    private static SQLException disappeared(@Nullable IOException cause) {
        return new SQLException(
                "the file disappeared after it was opened. If its disk was unmounted, mount it again. If the file was"
                        + " deleted, restart the process; it then starts with an empty cache",
                null,
                Failures.IOERR,
                cause);
    }

    /**
     * Checks that this library supports the file. Creates the file if it is missing, unless the driver is read-only.
     *
     * @throws StorageException if the file belongs to another program or was written by a newer version
     */
    void prepare() throws SQLException, IOException {
        if (Files.isDirectory(file)) {
            throw new StorageException("Cannot open " + file + " as a cache: it is a directory", false, null);
        }
        if (readOnly) {
            if (!Files.exists(file)) {
                throw new NoSuchFileException(file.toString());
            }
        } else {
            Files.createDirectories(directory());
        }
        try (Connection connection = connect(READER_CACHE_KIB, !readOnly)) {
            whenFree(() -> prepare(connection));
        }
    }

    private void prepare(Connection connection) throws SQLException {
        if (!Schema.isEmpty(connection)) {
            Schema.check(file, connection);
        } else if (readOnly) {
            throw new StorageException("Cannot read the cache " + file + ": it is empty", false, null);
        } else {
            Schema.create(file, connection);
        }
    }

    /** The file may not be the one that was prepared. Another process may be creating it at this moment. */
    private void requireCache(Connection connection) throws SQLException {
        if (Schema.isEmpty(connection)) {
            throw disappeared(null);
        }
        Schema.check(file, connection);
    }

    /** Opens a connection that may write. */
    Connection writer() throws SQLException {
        Connection connection = connect(WRITER_CACHE_KIB, false);
        try (Statement statement = connection.createStatement()) {
            statement.execute("PRAGMA synchronous = " + (sync ? "FULL" : "NORMAL"));
            statement.execute("PRAGMA wal_autocheckpoint = " + CHECKPOINT_BYTES / Schema.PAGE_BYTES);
            statement.execute("PRAGMA journal_size_limit = " + 2L * CHECKPOINT_BYTES);
            if (maxPages > 0) {
                statement.execute("PRAGMA max_page_count = " + maxPages);
            }
            requireCache(connection);
            return connection;
        } catch (SQLException | StorageException e) {
            close(connection, e);
            throw e;
        }
    }

    /** Opens a read-only connection. */
    Connection reader() throws SQLException {
        Connection connection = connect(READER_CACHE_KIB, false);
        try (Statement statement = connection.createStatement()) {
            statement.execute("PRAGMA query_only = ON");
            requireCache(connection);
            return connection;
        } catch (SQLException | StorageException e) {
            close(connection, e);
            throw e;
        }
    }

    /** Opens a connection for work outside transactions. It may write unless the driver is read-only. */
    Connection maintenance() throws SQLException {
        return readOnly ? reader() : writer();
    }

    private Connection connect(int cacheKib, boolean create) throws SQLException {
        NativeLibrary.awaitLoaded();
        SQLiteConfig config = new SQLiteConfig();
        config.setReadOnly(readOnly);
        if (!create) {
            fileKey();
            config.resetOpenMode(SQLiteOpenMode.CREATE);
        }
        config.setBusyTimeout((int) Math.min(Integer.MAX_VALUE, patience.toMillis()));
        Connection connection = config.createConnection(url);
        try (Statement statement = connection.createStatement()) {
            statement.execute("PRAGMA cache_size = -" + cacheKib);
            // Do not trust triggers and views in a file that someone else created.
            statement.execute("PRAGMA trusted_schema = OFF");
            return connection;
        } catch (SQLException e) {
            close(connection, e);
            throw e;
        }
    }

    private static void close(Connection connection, Exception cause) {
        try {
            connection.close();
        } catch (SQLException e) {
            cause.addSuppressed(e);
        }
    }

    /** Work that may find the file locked and can be retried from the start. */
    interface Attempt {
        void run() throws SQLException;
    }

    /**
     * Retries {@code attempt} until no other connection blocks it, for at most the driver's patience. It polls
     * frequently: SQLite's own busy handler waits up to 100 ms, and a process that writes continuously leaves much
     * shorter gaps.
     */
    void whenFree(Attempt attempt) throws SQLException {
        whenFree(patience, attempt);
    }

    static void whenFree(Duration patience, Attempt attempt) throws SQLException {
        long deadline = System.nanoTime() + patience.toNanos();
        long pauseNanos = 50_000;
        while (true) {
            try {
                attempt.run();
                return;
            } catch (SQLException e) {
                if (!Failures.isBusy(e) || System.nanoTime() - deadline >= 0) {
                    throw e;
                }
            }
            pause(pauseNanos);
            pauseNanos = Math.min(1_000_000, pauseNanos * 2);
        }
    }

    /** Sleeps even if the thread is interrupted; the interrupt flag would otherwise end every later pause at once. */
    private static void pause(long nanos) {
        boolean interrupted = Thread.interrupted();
        LockSupport.parkNanos(nanos);
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public String toString() {
        return file.toString();
    }
}
