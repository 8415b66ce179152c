package io.alldocs.sync;

import io.alldocs.partition.ChangesSummary;
import io.alldocs.partition.PartitionSet;
import io.alldocs.partition.Sequence;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Predicate;

/** The feed of a job, for whoever follows it on after a {@link Bootstrap} has finished. For one thread at a time; counts may be read by others. */
public final class JobFeed {
    /** The feed is followed no further while so many names are owed: a registry that is that far behind needs time, not questions. */
    private static final int MANY_DEBTS = 5_000;

    private final Bootstrap bootstrap;
    private final ChangeFollow changes;
    private final RunState state;
    private final PartitionSet plan;
    private final Predicate<String> concerns;

    JobFeed(Bootstrap bootstrap, ChangeFollow changes, RunState state, PartitionSet plan, Predicate<String> concerns) {
        this.bootstrap = bootstrap;
        this.changes = changes;
        this.state = state;
        this.plan = plan;
        this.concerns = concerns;
    }

    /** How far the feed was followed; a process that dies goes on from here. */
    public Sequence position() {
        return state.sequence()
                .orElseThrow(() -> new IllegalStateException("A job without an origin has no feed to follow."));
    }

    /** Names whose change is still to be fetched. */
    public int debts() {
        return state.owed().size();
    }

    /** Partitions that changed since their pages were stored. */
    public int stalePartitions() {
        return state.stale().size();
    }

    /** When the first of the owed names is to be asked for again. */
    public Optional<Instant> nextDebtDue() {
        return state.owed().values().stream().map(RunState.Owed::due).min(Instant::compareTo);
    }

    /** Whether so many names are owed that reading on would only add to them. */
    public boolean isOverdrawn() {
        return debts() >= MANY_DEBTS;
    }

    /**
     * Works through what changed since {@link #position()}, to the end of the feed.
     *
     * @throws io.alldocs.partition.SequenceResetException when the feed began a new epoch
     * @throws TooManyDebtsException when the registry did not catch up with more than 10,000 names
     * @throws RuntimeException what ended it: an origin, a registry or a store that is away, an interrupt
     */
    public ChangesSummary follow(ChangeFollow.Watcher watcher) {
        return changes.run(plan, concerns, watcher);
    }

    /** Asks again for the owed names whose time has come. Throws as {@link #follow} does. */
    public void retryDebts() {
        changes.retryDue();
    }

    /** Lists the names of partitions anew that changed since their pages were stored, and brings what is missing. Throws as {@link #follow} does. */
    public void walkStale() {
        bootstrap.walkStale();
    }

    /** Gives up the position: the next {@link Bootstrap#run()} walks all names and compares what is stored by revision. Nothing is deleted. */
    public void beginEpoch() {
        bootstrap.beginEpoch();
    }
}
