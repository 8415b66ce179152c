package io.alldocs.sync;

import io.alldocs.cache.IntegrityException;
import io.alldocs.partition.PartitionSet;
import io.alldocs.partition.SequenceResetException;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Does the steps of a job one after the other, in this process: plan, list, fetch, replay, settle, prove. For one
 * thread at a time.
 */
final class Bootstrap {
    private static final int MAX_BASELINES = 3;

    private final SyncContext context;
    private final SyncJob job;
    private final JobRecords records;
    private final Planning planning;
    private ResultBuilder result;

    Bootstrap(SyncContext context) {
        this.context = context;
        this.job = context.job();
        this.records = context.records();
        this.planning = new Planning(context);
        this.result = new ResultBuilder(context);
    }

    /**
     * Does what is left to do; may be called again. Does not throw for what an origin, a store or an interrupt did: the
     * result says so. An interrupt leaves the thread's flag set.
     *
     * @param reload whether everything is loaded anew
     * @throws RuntimeException what ended the run, when the store cannot be read for the result either
     */
    SyncResult run(boolean reload) {
        result = new ResultBuilder(context);
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
     * As {@link #run}, and lists {@code partitions} again, by their index in the plan, whatever is recorded of them.
     */
    SyncResult repair(Set<Integer> partitions) {
        if (records.exists()) {
            records.distrust(partitions);
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
                context.listener().reconciling(Failures.message(e) + " Comparing everything by revision.");
                reconcile();
            }
        }
    }

    /** What the feed said so far says nothing of what comes: everything that is stored is compared by revision. */
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
        if (job.names().isEmpty() && !records.stale().isEmpty()) {
            relist(plan);
            replay(plan);
        }
        new Retries(context).settle();
    }

    private void fetch(PartitionSet plan) {
        if (job.form() != SyncForm.NAMES) {
            NameSource names = names(plan);
            new PackumentFetch(context).run(names);
            records.saveRetries();
            if (job.names().isEmpty()) {
                new VanishedNames(context).run(names);
            }
        }
    }

    private NameSource names(PartitionSet plan) {
        return job.names().<NameSource>map(FileNames::new).orElseGet(() -> new StoredNames(context, plan));
    }

    private void replay(PartitionSet plan) {
        result.replayed(new Replay(context, plan, isListed()).run(page -> {}, page -> {}));
    }

    /** Whether a name is one of the job's; a list of names is read for it once, into 8 bytes a name. */
    private Predicate<String> isListed() {
        return job.names().isPresent() ? job.listed() : name -> true;
    }

    /** Lists the partitions again that changed since, and fetches what is missing in any. */
    void relistStale() {
        if (job.names().isEmpty()) {
            relist(planning.plan());
        }
    }

    private void relist(PartitionSet plan) {
        new Listing(context).relistStale(plan);
        fetch(plan);
    }

    /** Whether a run came to its end, so that there is nothing left but the feed to follow. */
    boolean isFinished() {
        try {
            return records.isFinished() && !planning.hasLostItsPlan();
        } catch (IntegrityException e) {
            return false;
        }
    }

    /** The feed, to be followed once {@link #isFinished()}. */
    Replay feed() {
        return new Replay(
                context,
                records.plan().orElseThrow(() -> new IllegalStateException("The job has no plan.")),
                isListed());
    }
}
