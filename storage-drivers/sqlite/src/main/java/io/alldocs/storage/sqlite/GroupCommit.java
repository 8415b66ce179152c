package io.alldocs.storage.sqlite;

import io.alldocs.cache.spi.StorageException;
import java.io.IOException;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Group commit: the changes of many threads share transactions. A thread that finds no commit in progress becomes the
 * leader and commits all waiting changes, including its own, in one transaction. Changes that arrive meanwhile wait for
 * the next transaction, which one of the waiting threads leads. A single change is therefore committed at once, and
 * under load each commit carries more changes. This class starts no thread.
 */
final class GroupCommit {

    /** Limits the size of a group, because a transaction is held in memory and in the log until it is committed. */
    private static final long MAX_GROUP_BYTES = 8 << 20;

    private static final int MAX_GROUP = 500;

    /** Changes rows. The change runs again, alone, if the transaction that it shared failed. */
    interface Change {
        /**
         * Makes the change.
         *
         * @return the value that {@link #commit} returns
         */
        boolean on(Writer writer) throws SQLException, IOException;
    }

    private static final class Pending {
        private final Change change;
        private final long bytes;
        private final Condition turn;
        private boolean done;
        private boolean committed;
        private boolean answer;
        private @Nullable Exception failure;

        Pending(Change change, long bytes, Condition turn) {
            this.change = change;
            this.bytes = bytes;
            this.turn = turn;
        }

        /** Marks the change as completed. Called by the leader, which holds the lock. */
        void finish() {
            done = true;
            turn.signal();
        }

        boolean answer() throws SQLException, IOException {
            if (failure instanceof SQLException sql) {
                throw sql;
            }
            if (failure instanceof IOException io) {
                throw io;
            }
            if (failure instanceof RuntimeException runtime) {
                throw runtime;
            }
            if (!committed) {
                throw new IllegalStateException("The transaction failed with an error in the thread that ran it");
            }
            return answer;
        }
    }

    private final Database database;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition idle = lock.newCondition();
    private final Deque<Pending> waiting = new ArrayDeque<>();
    private boolean leading;
    private boolean closed;
    private long commits;

    /** The leader's connection; null after a failure. */
    private @Nullable Writer writer;

    private GroupCommit(Database database, Writer writer) {
        this.database = database;
        this.writer = writer;
    }

    static GroupCommit open(Database database) throws SQLException {
        return new GroupCommit(database, Writer.open(database));
    }

    /**
     * Commits {@code change} and returns once the commit is complete. An interrupt does not cancel the wait; the flag
     * stays set.
     *
     * @param bytes approximately how much the change writes
     * @throws IllegalStateException after {@link #close()}
     */
    boolean commit(long bytes, Change change) throws SQLException, IOException {
        lock.lock();
        try {
            if (closed) {
                throw new IllegalStateException("The write connection is closed");
            }
            Pending mine = new Pending(change, bytes, lock.newCondition());
            waiting.add(mine);
            while (!mine.done) {
                if (leading) {
                    mine.turn.awaitUninterruptibly();
                } else {
                    lead();
                }
            }
            return mine.answer();
        } finally {
            lock.unlock();
        }
    }

    /** Commits one group. The caller holds the lock, which is released while the transaction runs. */
    private void lead() {
        List<Pending> group = nextGroup();
        leading = true;
        lock.unlock();
        int committed = 0;
        try {
            committed = run(group);
        } finally {
            lock.lock();
            leading = false;
            commits += committed;
            group.forEach(Pending::finish);
            wakeNext();
        }
    }

    private void wakeNext() {
        Pending next = waiting.peek();
        if (next == null) {
            idle.signalAll();
        } else {
            next.turn.signal();
        }
    }

    private List<Pending> nextGroup() {
        List<Pending> group = new ArrayList<>();
        long bytes = 0;
        for (Pending next = waiting.peek();
                next != null && group.size() < MAX_GROUP && (group.isEmpty() || bytes + next.bytes <= MAX_GROUP_BYTES);
                next = waiting.peek()) {
            group.add(waiting.remove());
            bytes += next.bytes;
        }
        return group;
    }

    /** @return the number of committed transactions */
    private int run(List<Pending> group) {
        Writer current;
        try {
            current = begin();
        } catch (SQLException | StorageException e) {
            group.forEach(each -> each.failure = e);
            return 0;
        }
        try {
            for (Pending each : group) {
                each.answer = each.change.on(current);
            }
            current.commit();
            group.forEach(each -> each.committed = true);
        } catch (SQLException | IOException | RuntimeException e) {
            undo(e);
            return fail(group, e);
        } catch (Error e) {
            undo(e);
            throw e;
        }
        current.limitLog();
        return 1;
    }

    private Writer begin() throws SQLException {
        if (writer == null) {
            writer = Writer.open(database);
        }
        try {
            writer.begin();
            return writer;
        } catch (SQLException e) {
            if (!Failures.isBusy(e)) {
                undo(e);
            }
            throw e;
        }
    }

    /** Rolls back by closing the connection, because its state is unknown after a failure. */
    private void undo(Throwable cause) {
        Writer failed = writer;
        writer = null;
        if (failed != null) {
            try {
                failed.close();
            } catch (SQLException e) {
                cause.addSuppressed(e);
            }
        }
    }

    /** Retries each change of a failed group alone, so that one failing change does not fail the others. */
    private int fail(List<Pending> group, Exception failure) {
        if (group.size() == 1) {
            group.get(0).failure = failure;
            return 0;
        }
        int committed = 0;
        for (Pending each : group) {
            committed += run(List.of(each));
        }
        return committed;
    }

    /** Returns the number of committed transactions. */
    long commits() {
        lock.lock();
        try {
            return commits;
        } finally {
            lock.unlock();
        }
    }

    /** Waits for changes in progress, then closes the connection. */
    void close() throws SQLException {
        lock.lock();
        try {
            closed = true;
            while (leading || !waiting.isEmpty()) {
                idle.awaitUninterruptibly();
            }
            if (writer != null) {
                writer.close();
            }
        } finally {
            lock.unlock();
        }
    }
}
