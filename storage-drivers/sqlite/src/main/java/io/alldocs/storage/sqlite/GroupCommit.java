package io.alldocs.storage.sqlite;

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
 * Lets the changes of many threads share transactions. Whoever finds nobody at work becomes the leader and commits what is waiting, his own change
 * among it, in one transaction; what arrives meanwhile waits for the next, led by one of those who wait. So a lone change is committed at once, and
 * the busier the store is, the more changes a commit carries. No thread of its own.
 */
final class GroupCommit {

    /** A transaction is held in memory and in the log until it is committed. */
    private static final long MAX_GROUP_BYTES = 8 << 20;

    private static final int MAX_GROUP = 500;

    /** Changes rows. Run again, alone, when the transaction it shared failed. */
    interface Change {
        /** Makes the change. @return what {@link #commit} is to return */
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

        /** By the leader, with the lock. */
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
                throw new IllegalStateException("The transaction ended with an error of the thread that led it");
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

    /** The leader's; null after a failure. */
    private @Nullable Writer writer;

    private GroupCommit(Database database, Writer writer) {
        this.database = database;
        this.writer = writer;
    }

    static GroupCommit open(Database database) throws SQLException {
        return new GroupCommit(database, Writer.open(database));
    }

    /**
     * Returns when {@code change} is committed. An interrupt does not end the waiting, and the flag stays.
     *
     * @param bytes about how much it writes
     * @throws IllegalStateException after {@link #close()}
     */
    boolean commit(long bytes, Change change) throws SQLException, IOException {
        lock.lock();
        try {
            if (closed) {
                throw new IllegalStateException("The connection that writes is closed");
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

    /** With the lock, which is given up while the transaction runs. */
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

    /** @return how many transactions were committed */
    private int run(List<Pending> group) {
        Writer current;
        try {
            current = begin();
        } catch (SQLException e) {
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

    /** Ends the transaction with its connection: after a failure nobody knows what state that is in. */
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

    /** The one whose change cannot be made must not take the others with it. */
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

    /** How many transactions were committed. */
    long commits() {
        lock.lock();
        try {
            return commits;
        } finally {
            lock.unlock();
        }
    }

    /** Waits for changes that are under way. */
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
