package io.alldocs.sync;

import io.alldocs.cache.Cache;
import io.alldocs.cache.CacheMode;
import io.alldocs.cache.RequestOptions;
import io.alldocs.http.NpmConfig;
import io.alldocs.packument.PackumentResult;
import java.util.HashSet;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Runs a {@link SyncJob}: fetches the job's names and packuments into a cache, keeps the cache current, compares it
 * with its origin and repairs it. After an interrupt or a kill at any moment, the next call resumes where the last one
 * left off, in this process or another.
 *
 * <p>All records of the job are in the cache. Only one executor at a time works on a job in a cache. Another executor
 * is refused with a {@link JobInUseException} that names the first. {@link #report}, {@link #status} and
 * {@link #packument} need no claim and may run at the same time. Safe for concurrent use.
 */
public final class RegistrySync implements AutoCloseable {
    private final SyncJob job;
    private final SyncClients clients;
    private final Activity activity;
    private final ClaimedJob work;
    private volatile @Nullable Follower follower;
    private volatile @Nullable BackgroundSync background;
    private volatile boolean closed;
    private final ReentrantLock lock = new ReentrantLock();

    RegistrySync(RegistrySyncBuilder builder) {
        NpmConfig npm = SyncClients.npmConfig(builder);
        this.job = Objects.requireNonNull(builder.job, "job").excludingScopes(npm);
        this.activity = new Activity(builder.listener);
        this.clients = new SyncClients(job, builder, npm);
        this.work = new ClaimedJob(job, clients, activity);
    }

    /** Returns a builder; the job must be given. */
    public static RegistrySyncBuilder builder() {
        return new RegistrySyncBuilder();
    }

    /** Returns the job, without the names of scopes that have another registry. */
    public SyncJob job() {
        return job;
    }

    /** Returns the cache in which the job stores names and packuments. */
    public Cache cache() {
        return clients.cache;
    }

    /**
     * Returns the cache with the job's own records: the same one, unless its store may return old values after a write.
     */
    public Cache checkpoints() {
        return clients.checkpoints;
    }

    /**
     * Runs the remaining work: lists the names, fetches a packument for each, and catches up with the changes made
     * meanwhile. After it has finished once, it only catches up and repairs damaged entries. A failure of the origin,
     * the registry or the store, or an interrupt, ends the run without an exception; the result reports it. An
     * interrupt leaves the thread's flag set.
     *
     * @throws io.alldocs.cache.spi.StorageException when the store fails at the claim, or cannot be read for the result
     *     after a failure
     * @throws JobInUseException when another executor works on the job
     * @throws StateFormatException when a newer version of this library wrote the job's records
     */
    public SyncResult bootstrap() {
        return bootstrapping(bootstrap -> bootstrap.run(false));
    }

    /** Does the same as {@link #bootstrap()}, but fetches everything again, whatever is stored. */
    public SyncResult reload() {
        return bootstrapping(bootstrap -> bootstrap.run(true));
    }

    private SyncResult bootstrapping(Function<Bootstrap, SyncResult> work) {
        return claimed(context -> {
            follower = null; // the status now describes this call
            return work.apply(new Bootstrap(context));
        });
    }

    /**
     * Finishes the bootstrap, then follows the feed of changes. Waits while the origin, the registry or the store is
     * unavailable.
     *
     * @return true if the cache was current at the end. The bootstrap had finished, and either no name is to be retried
     *     or the thread was interrupted. The interrupt flag stays set
     * @throws JobInUseException when another executor works on the job
     * @throws IllegalStateException when the job has no origin
     * @throws RuntimeException for failures that waiting does not resolve, such as refused credentials
     */
    public boolean follow(FollowOptions options) {
        return follow(options, () -> {});
    }

    /** @param begun called once the job is claimed */
    boolean follow(FollowOptions options, Runnable begun) {
        requireOrigin();
        return claimed(context -> {
            begun.run();
            Follower running = new Follower(context, options);
            follower = running;
            return running.run();
        });
    }

    private void requireOrigin() {
        if (job.origin().isEmpty()) {
            throw new IllegalStateException("A job without an origin has no feed to follow.");
        }
    }

    /**
     * Compares the stored entries of the job with its origin. If the origin is unavailable, the report states that. An
     * interrupt ends the counting, and leaves the thread's flag set.
     *
     * @throws UnknownJobException when the job never ran on the cache
     */
    public SyncReport report() {
        return new Reporter(work.context()).take(false, null);
    }

    /** Reports the stored entries of the job, as {@link #report()} does, but sends no request. */
    public SyncReport reportStored() {
        return new Reporter(work.context()).take(true, null);
    }

    /**
     * Fetches the names that are missing according to {@code report}, lists the partitions again whose difference has
     * no known reason, and creates another report.
     *
     * @return a report with {@link SyncReport#repair()}
     * @throws JobInUseException when another executor works on the job
     */
    public SyncReport repair(SyncReport report) {
        SyncResult repaired = bootstrapping(bootstrap -> bootstrap.repair(new HashSet<>(report.drifted())));
        return new Reporter(work.context()).take(false, repaired);
    }

    /**
     * Returns the recorded state of the job in the cache. Sends no request.
     *
     * @throws StateFormatException when a newer version of this library wrote the job's records
     */
    public JobState state() {
        return JobState.of(work.records());
    }

    /** Returns where the job is in this process. Sends no request. */
    public SyncStatus status() {
        Follower running = follower;
        BackgroundSync started = background;
        String problem = started == null ? null : started.problem();
        boolean waits = problem != null && !work.isBusy();
        boolean isStarting = started != null && problem == null && !started.hasEnded();
        return running != null && !waits ? running.status(activity) : work.status(problem, isStarting);
    }

    /**
     * Returns the stored packument of a name, or another outcome. Sends no request. @throws
     * io.alldocs.cache.NotCachedException when nothing is stored
     */
    public PackumentResult packument(String name) {
        return clients.packuments.request(name, RequestOptions.of(CacheMode.ONLY_IF_CACHED));
    }

    /** Does the same as {@link #start(FollowOptions)} with {@link FollowOptions#DEFAULT}. */
    public CompletableFuture<Void> start() {
        return start(FollowOptions.DEFAULT);
    }

    /**
     * Bootstraps and follows on a separate thread until {@link #close()}; a job without an origin ends with its
     * bootstrap. Waits while the origin, the registry or the store is unavailable.
     *
     * @return a future that completes when the job has ended; exceptionally for failures that waiting does not resolve,
     *     such as a {@link JobInUseException} or refused credentials
     * @throws IllegalStateException when it was started before, or is closed
     */
    public CompletableFuture<Void> start(FollowOptions options) {
        lock.lock();
        try {
            requireOpen();
            if (background != null) {
                throw new IllegalStateException("The job has already been started.");
            }
            BackgroundSync started = new BackgroundSync(this, options, activity, clients::close);
            background = started;
            return started.start();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Claims the job for longer than one call: calls of this object work on the claim until it is closed.
     *
     * @param who this executor in words, for others that are refused
     * @throws JobInUseException when another executor holds the job
     */
    public JobOwner claim(String who) {
        return work.claim(who);
    }

    /**
     * Claims the job for an executor of many processes. Any of them {@link #renewShared renews} the claim, more often
     * than every {@link JobOwner#EXPIRY}.
     *
     * @param who this executor in words, for others that are refused
     * @return the claim's number
     * @throws JobInUseException when another executor holds the job
     */
    public long claimShared(String who) {
        return JobOwner.claimShared(clients.checkpoints, job.id(), who);
    }

    /**
     * Renews the heartbeat of a shared claim.
     *
     * @throws JobInUseException when there is a later claim
     */
    public void renewShared(long epoch) {
        JobOwner.renew(clients.checkpoints, job.id(), epoch);
    }

    /** Releases a shared claim, so that the next executor need not wait. */
    public void releaseShared(long epoch) {
        JobOwner.release(clients.checkpoints, job.id(), epoch);
    }

    /** Returns the job's steps, for an executor that runs them in several processes on one claim. */
    public SyncSteps steps(long epoch) {
        return new SyncSteps(work, JobOwner.fence(clients.checkpoints, job.id(), epoch));
    }

    /**
     * Returns the steps as {@link #steps(long)} does, for an executor that checks more than the claim before it writes.
     *
     * @param require called before each step and before each record that a step writes; throws to refuse it
     */
    public SyncSteps steps(long epoch, Runnable require) {
        Fence claimed = JobOwner.fence(clients.checkpoints, job.id(), epoch);
        return new SyncSteps(work, new Fence() {
            @Override
            public long epoch() {
                return epoch;
            }

            @Override
            public void require() {
                claimed.require();
                require.run();
            }
        });
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("The RegistrySync is closed. Build another one.");
        }
    }

    private <T> T claimed(Function<SyncContext, T> call) {
        requireOpen();
        return work.claimed(call);
    }

    /**
     * Ends the job that {@link #start} started, and closes the resources that were not passed to the builder. Waits
     * until the job has ended, including for a listener that blocks. A listener that calls this on the job's own thread
     * does not wait: the job ends after the call. A call on another thread, such as {@link #bootstrap}, ends because
     * its clients are closed. Idempotent; safe to call from several threads.
     */
    @Override
    public void close() {
        BackgroundSync running;
        lock.lock();
        try {
            closed = true;
            running = background;
        } finally {
            lock.unlock();
        }
        if (running == null || running.stop()) {
            clients.close();
        }
    }
}
