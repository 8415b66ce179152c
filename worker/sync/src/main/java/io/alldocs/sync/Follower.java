package io.alldocs.sync;

import io.alldocs.packument.NotARegistryException;
import io.alldocs.partition.ChangesPage;
import io.alldocs.partition.OriginException;
import io.alldocs.partition.Sequence;
import io.alldocs.partition.SequenceResetException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a job's cache current. It first runs the remaining steps of a {@link Bootstrap}, then polls for changes, less
 * often while there are none. It waits for an unavailable origin, registry or store without a time limit. An interrupt,
 * refused credentials, or a store without permission ends it. {@link #run} is for one thread; other threads may read
 * {@link #status}.
 */
final class Follower {
    /**
     * While this many names are pending, the feed is not read further. More requests do not help a registry that is so
     * far behind its feed.
     */
    private static final int MANY_RETRIES = 5_000;

    private final SyncContext context;
    private final Bootstrap bootstrap;
    private final Retries retries;
    private final SyncListener listener;
    private final FollowOptions options;
    private final Clock clock;
    private final LagMeter lag = new LagMeter();
    private final PollInterval waiting;
    private volatile SyncStatus.State state = SyncStatus.State.STARTING;
    private volatile @Nullable String problem;
    private volatile @Nullable Instant contact;
    private volatile @Nullable Replay feed;
    private final AtomicInteger outages = new AtomicInteger();
    private boolean isFirstRound = true;
    private boolean suspectsReset;
    private boolean leftForTheNextListing;
    private @Nullable Instant outageSince;
    private Instant listedAt;

    Follower(SyncContext context, FollowOptions options) {
        this.context = context;
        this.bootstrap = new Bootstrap(context);
        this.retries = new Retries(context);
        this.listener = context.listener();
        this.options = options;
        this.clock = context.cache().clock();
        this.waiting = new PollInterval(options.interval(), options.maxInterval());
        this.listedAt = clock.instant();
    }

    /**
     * Follows until the requested end or an interrupt, which leaves the thread's flag set.
     *
     * @return whether only following the feed remains. False if the bootstrap has not finished, or if the method ends
     *     without an interrupt and names are still to be retried
     * @throws RuntimeException a failure that only the user can resolve
     */
    boolean run() {
        try {
            while (!Thread.currentThread().isInterrupted() && !attempt()) {
                pause();
            }
        } catch (RuntimeException e) {
            if (!Thread.currentThread().isInterrupted()) {
                throw e;
            }
        } finally {
            state = SyncStatus.State.STOPPED;
            listener.phaseEnded();
        }
        return feed != null && (Thread.currentThread().isInterrupted() || (pending() == 0 && !leftForTheNextListing));
    }

    private int pending() {
        return context.records().progress().pendingRetries();
    }

    /**
     * Runs one round.
     *
     * @return whether everything requested is done
     */
    private boolean attempt() {
        try {
            if (!bootstrap.isFinished() || (isFirstRound && bootstrap.hasOpenNames())) {
                baseline();
            }
            isFirstRound = false;
            boolean quiet = round(feed());
            endOutage();
            suspectsReset = false;
            waiting.after(quiet);
            return isDone();
        } catch (SequenceResetException e) {
            reset(Failures.message(e));
            return false;
        } catch (FallenBack e) {
            reset(String.valueOf(e.getMessage()));
            return false;
        } catch (RuntimeException e) {
            requireOutage(e);
            beginOutage(e);
            return false;
        }
    }

    private void baseline() {
        SyncResult result = bootstrap.run(false);
        RuntimeException cause = result.cause();
        if (cause != null) {
            throw cause;
        }
        feed = null;
        contact = clock.instant();
        listedAt = clock.instant();
        if (result.failed() > 0) {
            Set<String> names = context.tally().failures().keySet();
            retries.add(names);
            leftForTheNextListing = result.failed() > names.size();
            listener.requestsFailed(result.failed(), result.foreign());
        }
    }

    private Replay feed() {
        Replay known = feed;
        if (known == null) {
            known = bootstrap.feed();
            feed = known;
            listener.following(known.position());
        }
        if (problem == null) {
            state = SyncStatus.State.FOLLOWING;
        }
        lag.reached(known.position());
        return known;
    }

    /** @return whether nothing had changed */
    private boolean round(Replay feed) {
        lag.sighted(sequence(), clock.instant());
        contact = clock.instant();
        boolean quiet = true;
        if (pending() < MANY_RETRIES) {
            quiet = feed.run(this::received, this::stored).changes() == 0;
            lag.reachedTheEnd(feed.position());
        }
        retries.retryDue();
        if (!options.listEvery().isZero() && Elapsed.isOver(options.listEvery(), listedAt, clock.instant())) {
            bootstrap.relistStale();
            listedAt = clock.instant();
        }
        return quiet;
    }

    /**
     * Returns the origin's sequence; throws if it is lower than before. The sequences are compared with the last
     * sequence seen at the origin. Those of a new epoch may be above the position of a follower that is behind.
     */
    private Sequence sequence() {
        Sequence now = context.changes().info().updateSeq();
        Sequence seen = lag.origin();
        if (seen != null && now.isBefore(seen)) {
            throw new FallenBack(now, seen);
        }
        return now;
    }

    /** Thrown when the origin's sequence is lower than before. */
    private static final class FallenBack extends RuntimeException {
        private static final long serialVersionUID = 1L;

        FallenBack(Sequence now, Sequence seen) {
            super("The origin's sequence is " + now + ", below its earlier value " + seen + ".", null, false, false);
        }
    }

    private void received(ChangesPage page) {
        contact = clock.instant();
        lag.received(page);
    }

    private void stored(ChangesPage page) {
        lag.reached(page.lastSeq());
        endOutage();
    }

    private boolean isDone() {
        return switch (options.until()) {
            case INTERRUPTED -> false;
            case ONCE -> true;
            case IDLE -> pending() == 0;
        };
    }

    /**
     * Handles a lower sequence. A single low value may come from a backend that lags behind, so two low values with a
     * wait between them are required.
     */
    private void reset(String why) {
        endOutage();
        waiting.after(false);
        if (!suspectsReset && options.until() == FollowOptions.Until.INTERRUPTED) {
            suspectsReset = true;
            listener.resetSuspected(why);
            return;
        }
        suspectsReset = false;
        listener.reconciling("The feed began a new epoch. All names are compared by revision.");
        state = SyncStatus.State.RECONCILING;
        lag.reset();
        try {
            bootstrap.reconcile();
        } catch (RuntimeException e) {
            requireOutage(e);
            beginOutage(e);
        }
    }

    private void endOutage() {
        Instant since = outageSince;
        if (since != null) {
            listener.resumed(Elapsed.between(since, clock.instant()));
            outageSince = null;
            problem = null;
            state = SyncStatus.State.FOLLOWING;
        }
    }

    private void beginOutage(RuntimeException failure) {
        if (outageSince == null) {
            outageSince = clock.instant();
            outages.incrementAndGet();
        }
        String words = Failures.message(failure);
        if (!words.equals(problem)) {
            listener.paused(failure);
        }
        problem = words;
        state = SyncStatus.State.WAITING;
        waiting.afterFailure();
    }

    /**
     * @throws RuntimeException {@code failure} if waiting would not resolve it, or if this run should end without
     *     waiting
     */
    private void requireOutage(RuntimeException failure) {
        boolean isNoRegistry = failure instanceof OriginException || failure instanceof NotARegistryException;
        boolean mayPass = Failures.mayPass(failure) || (isNoRegistry && contact != null);
        if (Thread.currentThread().isInterrupted() || !mayPass || options.until() == FollowOptions.Until.ONCE) {
            throw failure;
        }
    }

    private void pause() {
        Instant now = clock.instant();
        Duration wait = waiting.next();
        if (feed != null && problem == null) {
            Duration retry = retries.nextDue()
                    .map(due -> Duration.between(now, due))
                    .filter(left -> left.compareTo(wait) < 0)
                    .orElse(wait);
            sleep(retry.isNegative() ? Duration.ZERO : retry);
        } else {
            sleep(wait);
        }
    }

    private static void sleep(Duration length) {
        try {
            Thread.sleep(Math.max(1, length.toMillis()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Returns the current status. */
    SyncStatus status(Activity activity) {
        boolean follows = feed != null;
        return new SyncStatus(
                state,
                problem,
                lag.position(),
                lag.origin(),
                lag.sequences(),
                lag.rows(),
                lag.behind(clock.instant()),
                contact,
                follows ? pending() : 0,
                follows ? context.records().progress().stale().size() : 0,
                outages.get(),
                context.tally().counts(),
                context.wire().get(),
                activity.phase(),
                activity.done(),
                activity.total());
    }
}
