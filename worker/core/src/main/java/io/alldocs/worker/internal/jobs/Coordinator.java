package io.alldocs.worker.internal.jobs;

import io.alldocs.partition.SequenceResetException;
import io.alldocs.sync.ChangeWindow;
import io.alldocs.sync.JobPlan;
import io.alldocs.sync.SyncSteps;
import io.alldocs.worker.WorkItem;
import io.alldocs.worker.internal.context.ItemContext;
import io.alldocs.worker.internal.jobs.Coordination.Phase;
import io.alldocs.worker.spi.DeadLetter;
import io.alldocs.worker.spi.QueueSizes;
import io.alldocs.worker.spi.WorkQueue;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One pass over a job on a queue. It compares the job's records with its plan and enqueues the items of the current
 * phase. It starts the next phase when the current one has ended, and returns when the next pass is due. Passes are
 * idempotent, even after another worker's pass: every decision is based on the job's records.
 *
 * <p>A phase ends when each of its items is done or a dead letter. Dead letters make the result of the job partial; the
 * {@link Coordination} contains their reasons.
 */
public final class Coordinator {
    private static final Duration SHORTEST = Duration.ofMillis(100);
    private static final Duration LONGEST = Duration.ofSeconds(5);
    private static final Duration SHORTEST_QUIET = Duration.ofSeconds(1);
    private static final Duration LONGEST_QUIET = Duration.ofSeconds(30);
    private static final Duration REFRESH_EVERY = Duration.ofDays(1);
    private static final long POLL_MILLIS = 20;

    /** Approximate maximum time that one pass spends on windows of the feed; the lease of its item is longer. */
    private static final Duration BUDGET = Duration.ofSeconds(3);

    /** After this long without progress the coordinator checks for dead letters. */
    private static final Duration SUSPICIOUS = Duration.ofSeconds(1);

    /** After this long without progress, unfinished items are enqueued again, in case the queue has lost them. */
    private static final Duration STALLED = Duration.ofSeconds(15);

    private static final int SETTLE_ROUNDS = 4;

    private final SyncSteps steps;
    private final Coordination known;
    private final JobItems items;
    private final ItemContext context;
    private final WorkQueue queue;
    private final Clock clock;
    private @Nullable ChangeWindow window;

    /** @param records the records of this pass; they refuse writes of a worker that was suspended for too long */
    public Coordinator(Coordination known, CoordinationRecords records, ItemContext context) {
        this.known = known;
        this.items = JobItems.of(known);
        this.steps = items.steps(context, () -> records.requireLatest(known));
        this.context = context;
        this.queue = context.queue();
        this.clock = context.clock();
    }

    /**
     * Runs one pass.
     *
     * @return the delay until the next pass; empty when the job has ended
     * @throws InterruptedException when the worker stops
     */
    public Optional<Duration> look() throws InterruptedException {
        try {
            return lookFor(BUDGET);
        } finally {
            StepProcessors.revalidate(known.set, steps, context.hold());
        }
    }

    private Optional<Duration> lookFor(Duration budget) throws InterruptedException {
        long end = System.nanoTime() + budget.toNanos();
        while (true) {
            Optional<Duration> wait = advance();
            boolean mayPoll = isReplaying() && !context.isInline();
            boolean isSoon = wait.isPresent() && (wait.get().isZero() || (mayPoll && isShort(wait.get())));
            if (!isSoon || System.nanoTime() - end >= 0 || context.isStopping()) {
                return wait;
            }
            TimeUnit.MILLISECONDS.sleep(wait.get().isZero() ? 0 : POLL_MILLIS);
        }
    }

    private boolean isReplaying() {
        return known.phase == Phase.REPLAY || known.phase == Phase.REPLAY_AGAIN || known.phase == Phase.FOLLOW;
    }

    private static boolean isShort(Duration wait) {
        return wait.compareTo(SHORTEST) <= 0;
    }

    /** @return zero when more work can be done immediately */
    private Optional<Duration> advance() throws InterruptedException {
        try {
            Optional<Duration> wait = switch (known.phase) {
                case FETCH, REFRESH -> Optional.of(fetch());
                case REPLAY, REPLAY_AGAIN, FOLLOW -> Optional.of(replay());
                case SETTLE -> settle();
            };
            known.resetSuspected = false;
            return wait;
        } catch (SequenceResetException e) {
            return Optional.of(reset());
        }
    }

    // ---- listing and fetching

    private Duration fetch() {
        JobPlan plan = steps.plan(known.targetRows, known.pivots);
        known.pivots = List.of();
        List<WorkItem> open = open(plan, known.phase == Phase.REFRESH);
        known.keepDead(ids(open));
        Optional<Duration> wait = await(open);
        if (wait.isPresent()) {
            return wait.get();
        }
        if (plan.unfetched().isEmpty()) {
            steps.fetchVanished();
        }
        known.enter(known.phase == Phase.FETCH ? Phase.REPLAY : Phase.REPLAY_AGAIN);
        return Duration.ZERO;
    }

    /** @param refresh whether stale partitions are listed again */
    private List<WorkItem> open(JobPlan plan, boolean refresh) {
        List<WorkItem> open = new ArrayList<>();
        Set<Integer> toList = new TreeSet<>(plan.unlisted());
        if (refresh) {
            toList.addAll(plan.stale());
        }
        toList.forEach(partition -> open.add(items.list(partition)));
        for (int partition : plan.unfetched()) {
            if (!toList.contains(partition)) {
                steps.openBatches(partition).forEach(batch -> open.add(items.fetch(partition, batch)));
            }
        }
        return open;
    }

    private static Set<String> ids(List<WorkItem> items) {
        return items.stream().map(WorkItem::id).collect(Collectors.toSet());
    }

    /**
     * Waits for items. Enqueues them when the phase begins, and again after a while without progress, in case the queue
     * has lost them.
     *
     * @return empty when every item is done or a dead letter
     */
    private Optional<Duration> await(List<WorkItem> open) {
        open.removeIf(item -> known.dead.containsKey(item.id()));
        long now = clock.millis();
        if (!open.isEmpty() && known.entered && open.size() == known.outstanding) {
            known.unchangedSinceMillis = Math.min(known.unchangedSinceMillis, now); // the clock may have been ahead
            long still = now - known.unchangedSinceMillis;
            boolean areLost = still >= SUSPICIOUS.toMillis() && noteDead(open);
            if (!open.isEmpty() && (areLost || still >= STALLED.toMillis())) {
                queue.enqueue(open, Duration.ZERO);
                known.unchangedSinceMillis = now;
            }
            if (!open.isEmpty()) {
                return Optional.of(between(SHORTEST, Duration.ofMillis(still / 2), LONGEST));
            }
        }
        if (open.isEmpty()) {
            return Optional.empty();
        }
        if (!known.entered) {
            queue.enqueue(open, Duration.ZERO);
            known.entered = true;
        }
        known.outstanding = open.size();
        known.unchangedSinceMillis = now;
        return Optional.of(SHORTEST);
    }

    /** @return whether the queue is empty, apart from this pass */
    private boolean noteDead(List<WorkItem> open) {
        QueueSizes sizes = queue.sizes();
        if (sizes.dead() > 0) {
            noteDeadLetters(open);
        }
        return sizes.open() <= 1;
    }

    private void noteDeadLetters(List<WorkItem> open) {
        Set<String> ids = ids(open);
        try (Stream<DeadLetter> letters = queue.deadLetters()) {
            letters.filter(letter -> ids.contains(letter.item().id()))
                    .forEach(letter -> known.died(letter.item().id(), letter.reason()));
        }
        if (open.removeIf(item -> known.dead.containsKey(item.id()))) {
            steps.recordGivenUp(known.dead);
        }
    }

    private static Duration between(Duration least, Duration value, Duration most) {
        return value.compareTo(least) < 0 ? least : value.compareTo(most) > 0 ? most : value;
    }

    // ---- the feed

    /**
     * Processes one window: its chunks are distributed to the workers, and the sequence is checkpointed when every
     * chunk is done. Names of a dead chunk are retried later.
     */
    private Duration replay() throws InterruptedException {
        if (window == null) {
            window = steps.openWindow().orElse(null);
        }
        ChangeWindow open = window;
        if (open == null) {
            return endOfFeed();
        }
        if (!open.id().equals(known.window)) {
            known.window = open.id();
            known.enter(known.phase);
        }
        known.quiet = Duration.ZERO;
        if (open.chunks().size() == 1) {
            steps.fetchChanges(open.chunks().get(0)); // too small to be enqueued as a separate item
        } else if (!open.chunks().isEmpty()) {
            List<WorkItem> missing = new ArrayList<>();
            steps.openChunks(open).forEach(chunk -> missing.add(items.changes(chunk)));
            Optional<Duration> wait = await(missing);
            if (wait.isPresent()) {
                return wait.get();
            }
        }
        steps.closeWindow(open);
        open.chunks().forEach(chunk -> known.dead.remove(items.changes(chunk).id())); // their names are pending
        window = null;
        return Duration.ZERO;
    }

    private Duration endOfFeed() {
        switch (known.phase) {
            case REPLAY -> refreshOrSettle();
            case REPLAY_AGAIN -> known.enter(Phase.SETTLE);
            default -> {
                if (known.follow) {
                    return rest();
                }
                refreshOrSettle(); // following was disabled
            }
        }
        return Duration.ZERO;
    }

    private void refreshOrSettle() {
        known.enter(steps.plan().stale().isEmpty() ? Phase.SETTLE : Phase.REFRESH);
    }

    /**
     * While following the feed: retries names that are due. Once a day, refreshes the partitions that changed. Then
     * waits for a while without sending requests.
     */
    private Duration rest() {
        steps.settle();
        long since = clock.millis() - known.refreshedAtMillis;
        if (since < 0 || since >= REFRESH_EVERY.toMillis()) { // negative: the clock was ahead
            known.refreshedAtMillis = clock.millis();
            known.enter(Phase.REFRESH);
            return Duration.ZERO;
        }
        known.quiet = between(SHORTEST_QUIET, known.quiet.multipliedBy(2), LONGEST_QUIET);
        return known.quiet;
    }

    /**
     * Requires two responses with a lower sequence, with a pause between them, because a single one may come from a
     * server that lags behind.
     */
    private Duration reset() {
        window = null;
        if (!known.resetSuspected) {
            known.resetSuspected = true;
            return SHORTEST_QUIET;
        }
        known.resetSuspected = false;
        steps.reconcile();
        known.dead.clear();
        known.enter(Phase.FETCH);
        return Duration.ZERO;
    }

    // ---- the end

    private Optional<Duration> settle() {
        int pending = steps.settle();
        Optional<Instant> due = steps.nextRetryDue();
        if (pending > 0 && due.isPresent() && !known.follow && known.settleRounds < SETTLE_ROUNDS) {
            known.settleRounds++;
            return Optional.of(between(SHORTEST, Duration.between(clock.instant(), due.get()), LONGEST_QUIET));
        }
        known.settleRounds = 0;
        if (!known.dead.isEmpty()) { // an operator may have retried them meanwhile
            known.keepDead(ids(open(steps.plan(), true)));
        }
        steps.prove(known.dead);
        if (!known.follow) {
            return Optional.empty();
        }
        known.refreshedAtMillis = clock.millis();
        known.enter(Phase.FOLLOW);
        return Optional.of(SHORTEST_QUIET);
    }
}
