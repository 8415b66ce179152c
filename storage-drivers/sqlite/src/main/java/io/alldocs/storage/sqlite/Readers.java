package io.alldocs.storage.sqlite;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A small pool of read-only connections, opened on demand. A thread waits if all are in use; queries are short. A
 * connection is not used any more after its file was replaced.
 */
final class Readers {
    private static final Logger LOG = System.getLogger(Readers.class.getName());

    /**
     * Each connection needs native memory for its page cache, and more than two connections per processor would not
     * increase the throughput.
     */
    private static final int LIMIT =
            Math.max(4, Math.min(16, 2 * Runtime.getRuntime().availableProcessors()));

    /** A query on a pooled connection. */
    interface Query<T> {
        T on(Reader reader) throws SQLException, IOException;
    }

    private final Database database;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Deque<Reader> idle = new ArrayDeque<>();
    private int lent;
    private boolean closed;

    Readers(Database database) {
        this.database = database;
    }

    /** @throws IllegalStateException after {@link #close()} */
    <T> T read(Query<T> query) throws SQLException, IOException {
        Reader reader = borrow();
        boolean fit = false;
        try {
            if (reader != null && !reader.reads(database.fileKey())) {
                close(reader);
                reader = null;
            }
            if (reader == null) {
                reader = Reader.open(database);
            }
            T answer = query.on(reader);
            fit = true;
            return answer;
        } finally {
            giveBack(reader, fit);
        }
    }

    /** @return null if a new connection must be opened */
    private @Nullable Reader borrow() {
        lock.lock();
        try {
            while (lent == LIMIT) {
                changed.awaitUninterruptibly();
            }
            if (closed) {
                throw new IllegalStateException("The read connections are closed");
            }
            lent++;
            return idle.poll();
        } finally {
            lock.unlock();
        }
    }

    /** @param fit false if the query failed and the connection must be discarded, because its state is unknown */
    private void giveBack(@Nullable Reader reader, boolean fit) {
        if (reader != null && !fit) {
            close(reader);
        }
        lock.lock();
        try {
            lent--;
            changed.signalAll();
            if (reader != null && fit) {
                idle.push(reader);
            }
        } finally {
            lock.unlock();
        }
    }

    private void close(Reader reader) {
        try {
            reader.close();
        } catch (SQLException e) {
            LOG.log(Level.DEBUG, "Cannot close a connection to " + database, e);
        }
    }

    /** Waits for running queries, then closes all connections. */
    void close() {
        lock.lock();
        try {
            closed = true;
            while (lent > 0) {
                changed.awaitUninterruptibly();
            }
            for (Reader reader = idle.poll(); reader != null; reader = idle.poll()) {
                close(reader);
            }
        } finally {
            lock.unlock();
        }
    }
}
