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
 * Paces all requests to one host: a rate, pauses asked for by the host, and a rate that falls on throttling and
 * recovers slowly. Safe for concurrent use.
 *
 * <p>Starts are spaced evenly: any window of w seconds sees at most {@code 1 + rate * (w + 0.01)} of them. Those 10 ms
 * make up for a sleep that ends late; there is no other burst. Requests that wait are served about in the order they
 * came.
 *
 * <p>When the host throttles (429, or {@value #TIMEOUT_RUN} timeouts in a row): with a {@code Retry-After} every
 * request waits that long; without one, and the second time in a row even with one, the rate is halved, starting from
 * the measured rate when there is no limit. The answers to requests that were under way together count once. The third
 * time in a row, and each further time, brings a pause that doubles, see {@link ThrottlePolicy}; npm has been seen to
 * answer {@code Retry-After: 0}.
 */
public final class HostLimiter {

    static final double LARGEST_RATE = 1_000_000;

    private static final int TIMEOUT_RUN = 5;
    private static final int REPEATS_BEFORE_FLOOR = 3;
    private static final double RECOVERY_FACTOR = 1.1;
    private static final long LATE_NANOS = TimeUnit.MILLISECONDS.toNanos(10);
    private static final long WINDOW_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long LONGEST_GAP_NANOS = TimeUnit.DAYS.toNanos(24);
    /** Sleeps are cut into pieces, so that a changed rate is noticed by those who wait already. */
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

    /** Whether a request may start without asking the lock: no rate, no pause. */
    private volatile boolean open = true;

    /** Whether something remains to recover from. */
    private volatile boolean throttled;

    // All below: guarded by this.
    private double configuredRate;
    private double rate;
    private double restoredAt;
    private long nextSlot;

    /** What {@link #nextSlot} is without the turns that nobody has used yet. */
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
     * Requests per second, 0 = no limit. Holds for all that have not started, within 100 ms, and forgets a rate lowered
     * by throttling; a pause stays.
     *
     * @throws IllegalArgumentException if negative, not a number, or above a million
     */
    public synchronized void setRate(double perSecond) {
        if (!(perSecond >= 0) || perSecond > LARGEST_RATE) {
            throw new IllegalArgumentException(
                    "The rate must be between 0 and a million a second, not " + perSecond + ".");
        }
        configuredRate = perSecond;
        changeRate(perSecond);
    }

    /** Rate in force now, after throttling; 0 = no limit. */
    public synchronized double currentRate() {
        return rate;
    }

    /** Time left of a pause that the host asked for; zero when there is none. */
    public synchronized Duration pauseLeft() {
        return pausedUntil == null ? Duration.ZERO : Duration.ofNanos(Math.max(0, pausedUntil - time.nanos()));
    }

    /**
     * No request starts for that long; a longer pause that is in force stays in force. For what another process was
     * told by the host: {@link #onPause} does not tell of it.
     *
     * @param length zero or more; cut to {@link ThrottlePolicy#maxPause()}
     * @throws IllegalArgumentException if negative
     */
    public synchronized void pause(Duration length) {
        if (length.isNegative()) {
            throw new IllegalArgumentException("A pause is not negative: " + length + ".");
        }
        pause(time.nanos(), length);
    }

    /**
     * Called with the length of each pause that the host asks for or its throttling brings, as far as it goes beyond
     * the one in force; on the thread whose request met it, so it must return soon.
     *
     * @return takes the listener off again
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

    /** A usable answer came. */
    void succeeded() {
        if (timeouts.getPlain() != 0) {
            timeouts.set(0);
        }
        if (throttled) {
            recover();
        }
    }

    /** No answer came in time. */
    void timedOut(long startedNanos) {
        if (timeouts.incrementAndGet() >= TIMEOUT_RUN) {
            timeouts.set(0);
            throttled(startedNanos, Optional.empty());
        }
    }

    /**
     * The host refused for too many requests.
     *
     * @param startedNanos when the refused request started: those that started before the last throttling tell nothing
     *     new
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
                    "{0} throttles: next request in {1} s, rate {2}.",
                    origin,
                    pauseLeft().toMillis() / 1000.0,
                    rate == 0 ? "unlimited" : rate + "/s");
        }
        return begun;
    }

    /** The host asked for a wait without complaining about the rate. */
    void pauseAsked(Duration duration) {
        Duration begun;
        synchronized (this) {
            begun = pause(time.nanos(), duration);
        }
        tell(begun);
    }

    /** Outside the lock: listeners may take their time, and ask this limiter. */
    private void tell(Duration begun) {
        if (!begun.isZero()) {
            listeners.forEach(listener -> listener.accept(begun));
        }
    }

    /** The first throttling of a host, and every pause that somebody at a terminal would wonder about. */
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

    /** @return the pause that begins; zero when nothing changed */
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

    /** Makes those who hold a turn take another. */
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

    /** Sleeps until the turn comes; false when it was taken back meanwhile. */
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

    /** Of a caller that leaves: those who wait behind it move up, and nobody who comes later waits for it. */
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
     * Leave to start at a time, and when the next may, unless pause, rate or those who wait changed since
     * {@code epoch}.
     */
    private record Turn(long at, long next, int epoch) {}

    /** Starts counted since a moment, and the rate of the window before. */
    private record Window(long startNanos, long startCount, double previousRate) {

        /**
         * Starts per second lately: of this window once it is long enough to tell, else no less than the one before.
         */
        double rate(long now, long count) {
            double seconds = Math.max((now - startNanos) / (double) WINDOW_NANOS, 0.1);
            double own = (count - startCount) / seconds;
            return seconds >= 1 ? own : Math.max(own, previousRate);
        }
    }
}
