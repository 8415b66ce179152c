package io.alldocs.sync;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A job that runs in this process. It allows one call at a time, on a claim of that call or on a claim that is held for
 * longer. Safe for concurrent use.
 */
final class ClaimedJob {
    private final SyncJob job;
    private final SyncClients clients;
    private final Activity activity;
    private final Tally tally = new Tally();
    private final ReentrantLock lock = new ReentrantLock();
    private final AtomicBoolean isBusy = new AtomicBoolean();
    private volatile @Nullable JobOwner claim;

    ClaimedJob(SyncJob job, SyncClients clients, Activity activity) {
        this.job = job;
        this.clients = clients;
        this.activity = activity;
    }

    boolean isBusy() {
        return isBusy.get();
    }

    /**
     * Runs {@code work} on a claim.
     *
     * @throws JobInUseException if another executor, or another call of this object, is running the job
     */
    <T> T claimed(Function<SyncContext, T> work) {
        if (!isBusy.compareAndSet(false, true)) {
            throw new JobInUseException("Another call of this RegistrySync is running the job. Wait until it ends.");
        }
        try {
            JobOwner held = claim;
            if (held != null) {
                return work.apply(context(held));
            }
            try (JobOwner owner = JobOwner.claim(clients.checkpoints, job.id(), "all-docs")) {
                return work.apply(context(owner));
            }
        } finally {
            isBusy.set(false);
        }
    }

    /** Claims the job for longer than one call. */
    JobOwner claim(String who) {
        lock.lock();
        try {
            return held(JobOwner.claim(clients.checkpoints, job.id(), who));
        } finally {
            lock.unlock();
        }
    }

    private JobOwner held(JobOwner taken) {
        taken.onClose(() -> claim = null);
        claim = taken;
        return taken;
    }

    JobRecords records() {
        return JobRecords.read(clients.checkpoints, job);
    }

    /** Returns a context for reading. */
    SyncContext context() {
        return clients.context(job, records(), activity, tally);
    }

    /** Returns a context whose records are read now and may be written on {@code fence}. */
    private SyncContext context(Fence fence) {
        SyncContext context = context();
        context.records().own(fence);
        return context;
    }

    /**
     * Returns a context as {@link #context(Fence)} does, for one step that counts its own failures.
     *
     * @param stored receives the packuments that the step stores
     */
    SyncContext step(Fence fence, StoredOutcomes stored) {
        JobRecords records = records();
        records.write(fence);
        return clients.context(job, records, activity, new Tally(stored));
    }

    /** Returns the status of the job while it does not follow its feed. */
    SyncStatus status(@Nullable String problem, boolean isStarting) {
        return SyncStatus.of(problem, isStarting || isBusy.get(), tally, clients.wire.counts(), activity);
    }
}
