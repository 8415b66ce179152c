package io.alldocs.http;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Limits the rate of requests to one host. The limiter applies a configured rate, and pauses that the host requests. It
 * lowers the rate when the host throttles and raises it slowly afterwards. Safe for concurrent use.
 *
 * <p>Request starts are spaced evenly: any window of w seconds contains at most {@code 1 + rate * (w + 0.01)} of them.
 * The 10 ms compensate for sleeps that end late; there is no other burst. Waiting requests are served approximately in
 * order of arrival.
 *
 * <p>A status 429 or {@value #TIMEOUT_RUN} timeouts in a row count as throttling. If the response has a
 * {@code Retry-After}, every request waits for that time. Otherwise the rate is halved; from the second throttling in a
 * row, it is halved in both cases. Without a configured limit, the measured rate is halved. Responses to requests that
 * were in flight together count once. From the third throttling in a row, each one starts a pause that is twice as long
 * as the previous one, see {@link ThrottlePolicy}. This is needed because npm has been observed to send
 * {@code Retry-After: 0}.
 */
public final class HostLimiter {

    static final double LARGEST_RATE = 1_000_000;

    private static final int TIMEOUT_RUN = 5;
    private static final int REPEATS_BEFORE_FLOOR = 3;
    private static final double RECOVERY_FACTOR = 1.1;
    private static final long LATE_NANOS = TimeUnit.MILLISECONDS.toNanos(10);
    private static final long WINDOW_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long LONGEST_GAP_NANOS = TimeUnit.DAYS.toNanos(24);
    /** Sleeps are split into pieces, so that waiting threads notice a changed rate. */
    private static final long PIECE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private static final Duration NOTABLE_PAUSE = Duration.ofSeconds(5);

    private static final Logger LOG = System.getLogger(HostLimiter.class.getName());

    private final String origin;
    private final ThrottlePolicy policy;
    private final Time time;

    private final List<Consumer<Duration>> listeners = new CopyOnWriteArrayList<>();
    private final LongAdder starts = new LongAdder();
    private final AtomicInteger timeouts = new AtomicInteger();
    private volatile Window window;

    /** Whether a request may start without taking the lock: no rate and no pause is set. */
    private volatile boolean open = true;

    /** Whether the rate still has to recover from throttling. */
    private volatile boolean throttled;

    // All fields below are guarded by this.
    private double configuredRate;
    private double rate;
    private double restoredAt;
    private long nextSlot;

    /** The value that {@link #nextSlot} would have without the turns that are not used yet. */
    private long unusedSlot;

    private @Nullable Long pausedUntil;
    private long lastThrottle;
    private long lastStep;
    private int repeats;
    private int epoch;
    private boolean warned;

    HostLimiter(String origin, ThrottlePolicy policy, Time time) {
        this.origin = origin;
        this.policy = policy;
        this.time = time;
        long now = time.nanos();
        this.window = new Window(now, 0, 0);
        this.nextSlot = now;
        this.unusedSlot = now;
        this.lastThrottle = now - 1;
    }

    /**
     * Sets the rate in requests per second; 0 means no limit. The rate takes effect within 100 ms, for all requests
     * that have not started. It replaces a rate that throttling has lowered. A pause stays in force.
     *
     * @throws IllegalArgumentException if negative, not a number, or above a million
     */
    public synchronized void setRate(double perSecond) {
        if (!(perSecond >= 0) || perSecond > LARGEST_RATE) {
            throw new IllegalArgumentException(
                    "The rate must be between 0 and 1,000,000 requests per second, but is " + perSecond + ".");
        }
        configuredRate = perSecond;
        changeRate(perSecond);
    }

    /** Returns the current rate in requests per second, which throttling may have lowered; 0 means no limit. */
    public synchronized double currentRate() {
        return rate;
    }

    /** Returns the remaining time of a pause that the host requested; zero if there is none. */
    public synchronized Duration pauseLeft() {
        return pausedUntil == null ? Duration.ZERO : Duration.ofNanos(Math.max(0, pausedUntil - time.nanos()));
    }

    /**
     * Pauses the host for {@code length}; a longer pause in force stays in force. Use this method for a pause that the
     * host requested from another process. Listeners of {@link #onPause} are not called.
     *
     * @param length zero or more; limited to {@link ThrottlePolicy#maxPause()}
     * @throws IllegalArgumentException if negative
     */
    public synchronized void pause(Duration length) {
        if (length.isNegative()) {
            throw new IllegalArgumentException("The pause must not be negative, but is " + length + ".");
        }
        pause(time.nanos(), length);
    }

    /**
     * Adds a listener for pauses that the host requests or that throttling causes. The listener receives the length of
     * each pause that extends beyond the one in force. It runs on the thread of the request that caused the pause, so
     * it must return quickly.
     *
     * @return an action that removes the listener
     */
    public Runnable onPause(Consumer<Duration> listener) {
        listeners.add(listener);
        return () -> listeners.remove(listener);
    }

    /** Blocks until one more request may start. */
    void acquire() throws InterruptedException {
        while (!open) {
            Turn turn = takeTurn();
            try {
                if (waitFor(turn)) {
                    break;
                }
            } catch (InterruptedException e) {
                giveBack(turn);
                throw e;
            }
        }
        countStart();
    }

    /** Records a usable response. */
    void succeeded() {
        if (timeouts.getPlain() != 0) {
            timeouts.set(0);
        }
        if (throttled) {
            recover();
        }
    }

    /** Records that no response arrived in time. */
    void timedOut(long startedNanos) {
        if (timeouts.incrementAndGet() >= TIMEOUT_RUN) {
            timeouts.set(0);
            throttled(startedNanos, Optional.empty());
        }
    }

    /**
     * Records that the host refused a request because of too many requests.
     *
     * @param startedNanos when the refused request started; requests that started before the last throttling are
     *     ignored
     */
    void throttled(long startedNanos, Optional<Duration> retryAfter) {
        tell(slowDown(startedNanos, retryAfter));
    }

    private synchronized Duration slowDown(long startedNanos, Optional<Duration> retryAfter) {
        long now = time.nanos();
        boolean news = startedNanos - lastThrottle > 0;
        Duration pause = retryAfter.orElse(Duration.ZERO);
        if (news) {
            throttled = true;
            lastThrottle = now;
            lastStep = now;
            repeats++;
            if (retryAfter.isEmpty() || repeats > 1) {
                halve(now);
            }
            pause = longer(pause, floor());
        }
        Duration begun = pause(now, pause);
        if (news) {
            LOG.log(
                    notable() ? Level.WARNING : Level.DEBUG,
                    "{0} throttles requests: the next request is sent in {1} s, the rate is {2}.",
                    origin,
                    pauseLeft().toMillis() / 1000.0,
                    rate == 0 ? "unlimited" : rate + "/s");
        }
        return begun;
    }

    /** Applies a wait that the host requested without throttling. */
    void pauseAsked(Duration duration) {
        Duration begun;
        synchronized (this) {
            begun = pause(time.nanos(), duration);
        }
        tell(begun);
    }

    /** Runs outside the lock, because listeners may be slow and may call this limiter. */
    private void tell(Duration begun) {
        if (!begun.isZero()) {
            listeners.forEach(listener -> listener.accept(begun));
        }
    }

    /** Returns true for the first throttling of a host and for every pause that a user at a terminal would notice. */
    private boolean notable() {
        boolean first = !warned;
        warned = true;
        return first || pauseLeft().compareTo(NOTABLE_PAUSE) >= 0;
    }

    private Duration floor() {
        if (repeats < REPEATS_BEFORE_FLOOR) {
            return Duration.ZERO;
        }
        int doublings = Math.min(repeats - REPEATS_BEFORE_FLOOR, 16);
        return policy.repeatFloor().multipliedBy(1L << doublings);
    }

    private void halve(long now) {
        double before = rate;
        if (before == 0) {
            before = window.rate(now, starts.sum());
            restoredAt = 2 * before;
        }
        changeRate(
                Math.max(before / 2, Math.min(policy.minRate(), configuredRate == 0 ? LARGEST_RATE : configuredRate)));
    }

    private synchronized void recover() {
        long now = time.nanos();
        long since = lastStep;
        if (pausedUntil != null && pausedUntil - since > 0) {
            since = pausedUntil;
        }
        if (!throttled || now - since < policy.recovery().toNanos()) {
            return;
        }
        lastStep = now;
        repeats = 0;
        double ceiling = configuredRate == 0 ? restoredAt : configuredRate;
        double grown = rate * RECOVERY_FACTOR;
        if (rate == configuredRate || grown >= ceiling) {
            throttled = false;
            grown = configuredRate;
        }
        rate = grown;
        open = rate == 0 && pausedUntil == null;
    }

    /** @return the pause that begins; zero if nothing changed */
    private Duration pause(long now, Duration asked) {
        Duration pause = shorter(asked, policy.maxPause());
        long until = now + pause.toNanos();
        if (pause.isZero() || (pausedUntil != null && pausedUntil - until >= 0)) {
            return Duration.ZERO;
        }
        pausedUntil = until;
        nextSlot = later(unusedSlot, until);
        restart();
        return pause;
    }

    private void changeRate(double perSecond) {
        rate = perSecond;
        nextSlot = time.nanos();
        restart();
    }

    /** Invalidates all turns, so that waiting requests take new ones. */
    private void restart() {
        epoch++;
        unusedSlot = nextSlot;
        open = rate == 0 && pausedUntil == null;
    }

    private synchronized Turn takeTurn() {
        long now = time.nanos();
        if (pausedUntil != null && now - pausedUntil >= 0) {
            pausedUntil = null;
            open = rate == 0;
        }
        long earliest = pausedUntil != null ? pausedUntil : now;
        if (rate == 0) {
            return new Turn(earliest, nextSlot, epoch);
        }
        long slot = later(nextSlot, earliest - LATE_NANOS);
        nextSlot = slot + (long) Math.min(WINDOW_NANOS / rate, (double) LONGEST_GAP_NANOS);
        return new Turn(slot, nextSlot, epoch);
    }

    /** Sleeps until the turn is due; returns false if it was revoked meanwhile. */
    private boolean waitFor(Turn turn) throws InterruptedException {
        for (long left = turn.at() - time.nanos(); left > 0; left = turn.at() - time.nanos()) {
            time.sleep(Duration.ofNanos(Math.min(left, PIECE_NANOS)));
            if (isRevoked(turn)) {
                return false;
            }
        }
        return use(turn);
    }

    private synchronized boolean use(Turn turn) {
        if (isRevoked(turn)) {
            return false;
        }
        unusedSlot = later(unusedSlot, turn.next());
        return true;
    }

    /**
     * Returns the turn of a caller that stops waiting: the requests behind it move up, and later requests do not wait
     * for it.
     */
    private synchronized void giveBack(Turn turn) {
        if (!isRevoked(turn)) {
            nextSlot = unusedSlot;
            restart();
        }
    }

    private synchronized boolean isRevoked(Turn turn) {
        return turn.epoch() != epoch;
    }

    private void countStart() {
        starts.increment();
        long now = time.nanos();
        Window current = window;
        if (now - current.startNanos() >= WINDOW_NANOS) {
            long count = starts.sum();
            window = new Window(now, count, current.rate(now, count));
        }
    }

    private static long later(long a, long b) {
        return a - b >= 0 ? a : b;
    }

    private static Duration longer(Duration a, Duration b) {
        return a.compareTo(b) >= 0 ? a : b;
    }

    private static Duration shorter(Duration a, Duration b) {
        return a.compareTo(b) <= 0 ? a : b;
    }

    /**
     * Permission to start at a time, and the time of the next start. It is valid unless the pause, the rate or the
     * queue has changed since {@code epoch}.
     */
    private record Turn(long at, long next, int epoch) {}

    /** Counts starts since a point in time and keeps the rate of the previous window. */
    private record Window(long startNanos, long startCount, double previousRate) {

        /**
         * Returns the recent starts per second. This is the rate of the window if it is long enough to measure, else at
         * least that of the previous one.
         */
        double rate(long now, long count) {
            double seconds = Math.max((now - startNanos) / (double) WINDOW_NANOS, 0.1);
            double own = (count - startCount) / seconds;
            return seconds >= 1 ? own : Math.max(own, previousRate);
        }
    }
}
