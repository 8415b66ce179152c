package io.alldocs.sync;

import io.alldocs.cache.StorageException;
import io.alldocs.http.AuthException;
import io.alldocs.http.RequestException;
import io.alldocs.packument.NotARegistryException;
import io.alldocs.partition.ChangesClient;
import io.alldocs.partition.ChangesPage;
import io.alldocs.partition.OriginException;
import io.alldocs.partition.Sequence;
import io.alldocs.partition.SequenceResetException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a job's cache current. Does first what a {@link Bootstrap} has left to do; then asks for changes again and again, less often while there are
 * none. An origin, a registry or a store that goes away is waited for, however long; what ends a follower is an interrupt, credentials that are refused,
 * or a store that cannot be written. {@link #run} is for one thread; {@link #status} may be read by others.
 */
public final class Follower {
    private final Bootstrap bootstrap;
    private final ChangesClient changes;
    private final Supplier<CountingTransport.Counts> wire;
    private final SyncListener listener;
    private final Until until;
    private final Duration interval;
    private final Duration longestInterval;
    private final Duration walkEvery;
    private final Clock clock;
    private final LagMeter lag = new LagMeter();
    private final Waiting waiting;
    private volatile SyncStatus.State state = SyncStatus.State.STARTING;
    private volatile @Nullable String problem;
    private volatile @Nullable Instant contact;
    private volatile @Nullable JobFeed feed;
    private final AtomicInteger outages = new AtomicInteger();
    private boolean doubtsEpoch;
    private @Nullable Instant outageSince;
    private Instant walkedAt;

    private Follower(Builder builder) {
        SyncClients clients = Objects.requireNonNull(builder.clients, "clients");
        this.bootstrap = Objects.requireNonNull(builder.bootstrap, "bootstrap");
        this.listener = builder.listener;
        this.changes = clients.changes();
        this.wire = clients.wire()::counts;
        this.until = builder.until;
        this.interval = builder.interval;
        this.longestInterval = builder.longestInterval;
        this.walkEvery = builder.walkEvery;
        this.clock = clients.cache().clock();
        this.waiting = new Waiting(interval, longestInterval);
        this.walkedAt = clock.instant();
    }

    /** When a follower has done its work. */
    public enum Until {
        /** When it is interrupted. */
        INTERRUPTED,
        /** When the end of the feed was reached and no name is owed. */
        IDLE,
        /** When the end of the feed was reached once. */
        ONCE
    }

    /** A builder; clients and bootstrap must be given. */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Follows until the end that was asked for, or an interrupt, which leaves the thread's flag set.
     *
     * @return whether nothing is left but to follow on: false when the bootstrap has not finished, or names are owed at an end without an interrupt
     * @throws RuntimeException what nothing but its user can mend
     */
    public boolean run() {
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
        boolean interrupted = Thread.currentThread().isInterrupted();
        return isFinished(interrupted);
    }

    private boolean isFinished(boolean interrupted) {
        JobFeed followed = feed;
        return followed != null && (interrupted || followed.debts() == 0);
    }

    /** One round. @return whether all that was asked for is done */
    private boolean attempt() {
        try {
            if (!bootstrap.isFinished()) {
                baseline();
            }
            boolean quiet = round(feed());
            endOutage();
            doubtsEpoch = false;
            waiting.after(quiet);
            return isDone();
        } catch (SequenceResetException e) {
            beginEpoch(Failures.message(e));
            return false;
        } catch (FallenBack e) {
            beginEpoch(String.valueOf(e.getMessage()));
            return false;
        } catch (RuntimeException e) {
            requireOutage(e);
            beginOutage(e);
            return false;
        }
    }

    private void baseline() {
        SyncResult report = bootstrap.run();
        RuntimeException cause = report.cause();
        if (cause != null) {
            throw cause;
        }
        feed = null;
        contact = clock.instant();
        walkedAt = clock.instant();
        if (report.failed() > 0) {
            listener.requestsFailed(report.failed());
        }
    }

    private JobFeed feed() {
        JobFeed known = feed;
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
    private boolean round(JobFeed feed) {
        lag.sighted(sequence(), clock.instant());
        contact = clock.instant();
        boolean quiet = true;
        if (!feed.isOverdrawn()) {
            quiet = feed.follow(new Watch()).changes() == 0;
            lag.reachedTheEnd(feed.position());
        }
        feed.retryDebts();
        if (!walkEvery.isZero() && !clock.instant().isBefore(walkedAt.plus(walkEvery))) {
            feed.walkStale();
            walkedAt = clock.instant();
        }
        return quiet;
    }

    /** A follower that is behind meets a new epoch whose sequences are above its own, but not above those that it has seen of the origin. */
    private Sequence sequence() {
        Sequence now = changes.info().updateSeq();
        Sequence seen = lag.origin();
        if (seen != null && now.isBefore(seen)) {
            throw new FallenBack(now, seen);
        }
        return now;
    }

    /** The origin's sequence is lower than it was. */
    private static final class FallenBack extends RuntimeException {
        private static final long serialVersionUID = 1L;

        FallenBack(Sequence now, Sequence seen) {
            super("The origin's sequence is " + now + ", below " + seen + " that it was before.", null, false, false);
        }
    }

    /** Tells the meter where the work stands, page by page. */
    private final class Watch implements ChangeFollow.Watcher {
        @Override
        public void received(ChangesPage page) {
            contact = clock.instant();
            lag.received(page);
        }

        @Override
        public void dealtWith(ChangesPage page) {
            lag.reached(page.lastSeq());
            endOutage();
        }
    }

    private boolean isDone() {
        JobFeed followed = feed;
        return switch (until) {
            case INTERRUPTED -> false;
            case ONCE -> true;
            case IDLE -> followed != null && followed.debts() == 0;
        };
    }

    /** One reading of a lower sequence may come from a backend that lags behind, two with a wait between them do not. */
    private void beginEpoch(String why) {
        endOutage();
        waiting.after(false);
        if (!doubtsEpoch && until == Until.INTERRUPTED) {
            doubtsEpoch = true;
            listener.resetSuspected(why);
            return;
        }
        doubtsEpoch = false;
        listener.reconciling("The feed began a new epoch: everything is compared by revision.");
        state = SyncStatus.State.RECONCILING;
        lag.reset();
        try {
            Objects.requireNonNull(feed, "a feed that was reset").beginEpoch();
        } catch (RuntimeException e) {
            requireOutage(e);
            beginOutage(e);
        }
    }

    private void endOutage() {
        Instant since = outageSince;
        if (since != null) {
            listener.resumed(Duration.between(since, clock.instant()));
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

    /** @throws RuntimeException {@code failure} when waiting would not mend it, or somebody waits for this run to end */
    private void requireOutage(RuntimeException failure) {
        boolean isNoRegistry = failure instanceof OriginException || failure instanceof NotARegistryException;
        boolean mayPass = failure instanceof RequestException
                || (isNoRegistry && contact != null)
                || failure instanceof TooManyDebtsException
                || (failure instanceof StorageException store && store.retryable())
                || failure instanceof UnwalkedException;
        boolean isInterrupt = Thread.currentThread().isInterrupted();
        if (isInterrupt || failure instanceof AuthException || !mayPass || until == Until.ONCE) {
            throw failure;
        }
    }

    private void pause() {
        Instant now = clock.instant();
        JobFeed followed = feed;
        Duration wait = waiting.next();
        if (followed != null && problem == null) {
            Duration debt = followed.nextDebtDue()
                    .map(due -> Duration.between(now, due))
                    .filter(left -> left.compareTo(wait) < 0)
                    .orElse(wait);
            sleep(debt.isNegative() ? Duration.ZERO : debt);
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

    /** How long to wait: the interval while there are changes, longer each time while there are none or nobody answers; never in step with others. */
    static final class Waiting {
        /** A registry that is away is asked every few minutes, however seldom its changes are asked for. */
        private static final Duration LONGEST_OUTAGE_WAIT = Duration.ofMinutes(5);

        private final Duration interval;
        private final Duration longest;
        private Duration current;

        Waiting(Duration interval, Duration longest) {
            this.interval = interval;
            this.longest = longest;
            this.current = interval;
        }

        void after(boolean quiet) {
            current = quiet ? shorter(current.multipliedBy(2), longest) : interval;
        }

        void afterFailure() {
            Duration most = longest.compareTo(LONGEST_OUTAGE_WAIT) < 0 ? longest : LONGEST_OUTAGE_WAIT;
            current = shorter(current.multipliedBy(2), most);
        }

        private static Duration shorter(Duration one, Duration other) {
            return one.compareTo(other) < 0 ? one : other;
        }

        /** The wait, less up to a fifth. */
        Duration next() {
            long millis = current.toMillis();
            return Duration.ofMillis(millis - ThreadLocalRandom.current().nextLong(millis / 5 + 1));
        }
    }

    /** Where it stands now. */
    public SyncStatus status() {
        JobFeed followed = feed;
        return new SyncStatus(
                state,
                problem,
                lag.position(),
                lag.origin(),
                lag.sequences(),
                lag.rows(),
                lag.behind(clock.instant()),
                contact,
                followed == null ? 0 : followed.debts(),
                followed == null ? 0 : followed.stalePartitions(),
                outages.get(),
                bootstrap.counts(),
                wire.get());
    }

    /** What a follower is made of. Everything given is shared and not closed. Not thread-safe. */
    public static final class Builder {
        private @Nullable SyncClients clients;
        private @Nullable Bootstrap bootstrap;
        private SyncListener listener = SyncListener.NONE;
        private Until until = Until.INTERRUPTED;
        private Duration interval = Duration.ofSeconds(5);
        private Duration longestInterval = Duration.ofMinutes(1);
        private Duration walkEvery = Duration.ofDays(1);

        private Builder() {}

        /** Of the job. */
        public Builder clients(SyncClients value) {
            clients = value;
            return this;
        }

        /** On the same clients. */
        public Builder bootstrap(Bootstrap value) {
            bootstrap = value;
            return this;
        }

        /** Default: none is shown. */
        public Builder listener(SyncListener value) {
            listener = value;
            return this;
        }

        /** Default: {@link Until#INTERRUPTED}. */
        public Builder until(Until value) {
            until = value;
            return this;
        }

        /** Between two questions while there are changes, and while there are none. Default: 5 s and 1 min. */
        public Builder interval(Duration shortest, Duration longest) {
            interval = shortest;
            longestInterval = longest;
            return this;
        }

        /** How often the names of partitions that changed are listed anew, zero for never. Default: 1 day. */
        public Builder walkEvery(Duration value) {
            walkEvery = value;
            return this;
        }

        /** The follower; nothing is asked yet. */
        public Follower build() {
            return new Follower(this);
        }
    }
}
