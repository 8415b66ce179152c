package io.alldocs.sync;

import io.alldocs.cache.entry.IntegrityException;
import io.alldocs.partition.PartitionSet;
import io.alldocs.partition.SequenceResetException;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Runs the steps of a job in sequence in this process: plan, list, fetch, replay, settle, prove. For one thread at a
 * time.
 */
final class Bootstrap {
    private static final int MAX_BASELINES = 3;

    /** How many times a run lists the names of its baseline, if the store loses their pages. */
    private static final int MAX_LISTINGS = 3;

    private final SyncContext context;
    private final SyncJob job;
    private final JobRecords records;
    private final Planning planning;
    private final PermanentFailures permanent = new PermanentFailures();
    private ResultBuilder result;

    Bootstrap(SyncContext context) {
        this.context = context;
        this.job = context.job();
        this.records = context.records();
        this.planning = new Planning(context);
        this.result = new ResultBuilder(context);
    }

    /**
     * Runs the remaining steps; may be called again. For a failure of an origin or a store, or an interrupt, the method
     * throws no exception; the result reports it. An interrupt leaves the thread's flag set.
     *
     * @param reload whether everything is fetched again
     * @throws RuntimeException the failure that ended the run, if the store cannot be read for the result either
     */
    SyncResult run(boolean reload) {
        result = new ResultBuilder(context);
        permanent.clear();
        context.listener().phaseStarted(SyncPhase.PLAN, 0);
        try {
            if (planning.begin(reload)) {
                result.resumed();
                planning.distrustRecords();
            }
            work();
        } catch (RuntimeException e) {
            context.listener().phaseEnded();
            return resultOf(e);
        }
        context.listener().phaseEnded();
        return result.build();
    }

    /**
     * Does the same as {@link #run}, and lists {@code partitions} again regardless of their records; they are given by
     * their index in the plan.
     */
    SyncResult repair(Set<Integer> partitions) {
        if (records.exists()) {
            records.progress().distrust(partitions);
        }
        return run(false);
    }

    private SyncResult resultOf(RuntimeException cause) {
        boolean interrupted = Thread.interrupted(); // the store must be readable for the result
        try {
            result.stopped(cause, interrupted);
            return result.build();
        } catch (RuntimeException e) {
            if (e != cause) {
                cause.addSuppressed(e);
            }
            throw cause;
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private void work() {
        for (int baseline = 1; ; baseline++) {
            try {
                workThroughBaseline();
                records.finished(context.cache().clock().instant());
                return;
            } catch (SequenceResetException e) {
                if (baseline == MAX_BASELINES) {
                    throw e;
                }
                context.listener().reconciling(Failures.message(e) + " All names are compared by revision.");
                reconcile();
            }
        }
    }

    /**
     * Begins a baseline after a feed reset. The sequences of the old feed have no meaning in the new one, so everything
     * stored is compared by revision.
     */
    void reconcile() {
        context.tally().resets.incrementAndGet();
        planning.beginBaseline(JobHeader.Kind.RECONCILE);
    }

    private void workThroughBaseline() {
        PartitionSet plan = planning.plan();
        if (job.names().isEmpty()) {
            new Listing(context).run(result);
        }
        fetch(plan);
        if (job.origin().isEmpty()) {
            return;
        }
        replay(plan);
        if (job.names().isEmpty() && !records.progress().stale().isEmpty()) {
            relist(plan);
            replay(plan);
        }
        new Retries(context).settle();
    }

    /** Fetches the listed names. Partitions whose stored pages are lost are listed again. */
    private void fetch(PartitionSet plan) {
        for (int listings = 1; job.form() != SyncForm.NAMES; listings++) {
            try {
                fetch(names(plan));
                return;
            } catch (UnlistedException e) {
                if (listings == MAX_LISTINGS) {
                    throw e;
                }
                new Listing(context).run(result);
            }
        }
    }

    private void fetch(NameSource names) {
        new PackumentFetch(context, permanent).run(names);
        records.progress().saveRetries();
        if (job.names().isEmpty()) {
            new VanishedNames(context).run(names);
        }
    }

    private NameSource names(PartitionSet plan) {
        return job.names().<NameSource>map(FileNames::new).orElseGet(() -> new StoredNames(context, plan));
    }

    private void replay(PartitionSet plan) {
        result.replayed(new Replay(context, plan, isListed()).run(page -> {}, page -> {}));
    }

    /** Returns a predicate for the names of the job. A list of names is read once for it, into 8 bytes per name. */
    private Predicate<String> isListed() {
        return job.names().isPresent() ? job.listed() : name -> true;
    }

    /** Lists the partitions again that have changed since, and fetches names that are missing in any partition. */
    void relistStale() {
        if (job.names().isEmpty()) {
            permanent.clear();
            relist(planning.plan());
        }
    }

    private void relist(PartitionSet plan) {
        new Listing(context).relistStale(plan);
        fetch(plan);
    }

    /** Returns whether a run has finished, so that only following the feed remains. */
    boolean isFinished() {
        try {
            return records.isFinished() && !planning.hasLostItsPlan();
        } catch (IntegrityException e) {
            return false;
        }
    }

    /** Returns whether names have no final outcome; a bootstrap requests them again. */
    boolean hasOpenNames() {
        return job.form() != SyncForm.NAMES && new OpenOutcomes(context.fetched()).exist();
    }

    /** Returns the replay of the feed, to be followed once {@link #isFinished()} returns true. */
    Replay feed() {
        return new Replay(
                context,
                records.plan().orElseThrow(() -> new IllegalStateException("The job has no plan.")),
                isListed());
    }
}
