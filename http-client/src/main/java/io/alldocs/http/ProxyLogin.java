package io.alldocs.http;

import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Limits how often a password is sent to a proxy that may not accept it. Many proxies lock an account after a few wrong
 * passwords. Until the proxy has accepted the password, one request at a time is sent; the others wait for its result.
 * After a 407, requests fail without being sent for {@link #HOLD}. Safe for concurrent use.
 */
final class ProxyLogin {
    /** Three attempts in half an hour; policies commonly lock an account after five. */
    static final Duration HOLD = Duration.ofMinutes(10);

    private final long patienceNanos;
    private final LongSupplier nanoTime;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private volatile boolean accepted;
    private volatile @Nullable ProxyException refusal;
    private @Nullable ProxyException unreachable;
    private long refusedNanos;
    private long sentNanos;
    private int unanswered;
    private int results;

    /**
     * @param patience time without a result after which one more request is sent, because the origin may be slow
     * @param nanoTime as {@link System#nanoTime}
     */
    ProxyLogin(Duration patience, LongSupplier nanoTime) {
        this.patienceNanos = patience.toNanos();
        this.nanoTime = nanoTime;
    }

    /**
     * Waits until a request with the password may be sent.
     *
     * @return whether {@link #end} must follow
     * @throws ProxyException if the proxy has refused the password, or could not be reached by the request that this
     *     one waited for
     */
    boolean begin() throws ProxyException, InterruptedException {
        if (accepted && refusal == null) {
            return false;
        }
        lock.lock();
        try {
            int before = results;
            while (true) {
                requireNotRefused();
                if (accepted || unanswered == 0) {
                    break;
                }
                long left = sentNanos + patienceNanos - nanoTime.getAsLong();
                if (left <= 0) {
                    break;
                }
                long unused = changed.awaitNanos(left);
                ProxyException failed = unreachable;
                if (results != before && failed != null) {
                    throw failed.again();
                }
                before = results;
            }
            unanswered++;
            sentNanos = nanoTime.getAsLong();
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Called with the lock held. */
    private void requireNotRefused() throws ProxyException {
        ProxyException known = refusal;
        if (known == null) {
            return;
        }
        if (nanoTime.getAsLong() - refusedNanos < HOLD.toNanos()) {
            throw known.again();
        }
        refusal = null;
    }

    /**
     * Called when the proxy let a request pass. After a 407, the request may have passed over a tunnel that was opened
     * before.
     */
    void accepted() {
        if (!accepted && refusal == null) {
            result(true, null, null);
        }
    }

    /** Called for a 407. */
    void refused(ProxyException answer) {
        result(false, answer, null);
    }

    /** Called when the proxy could not be reached, so that it did not receive the password. */
    void unreachable(ProxyException failure) {
        if (!accepted) {
            result(false, null, failure);
        }
    }

    private void result(boolean isAccepted, @Nullable ProxyException refused, @Nullable ProxyException notReached) {
        lock.lock();
        try {
            accepted = isAccepted;
            refusal = refused;
            refusedNanos = nanoTime.getAsLong();
            unreachable = notReached;
            unanswered = 0;
            results++;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Called when a request that began has ended, whatever its result. */
    void end() {
        lock.lock();
        try {
            unanswered = Math.max(0, unanswered - 1);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
