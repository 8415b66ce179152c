package io.alldocs.sync;

import io.alldocs.cache.Cache;
import io.alldocs.cache.CacheMode;
import io.alldocs.cache.Env;
import io.alldocs.cache.RequestOptions;
import io.alldocs.http.BaseHttpClient;
import io.alldocs.http.HttpTransport;
import io.alldocs.http.NpmConfig;
import io.alldocs.packument.PackumentClient;
import io.alldocs.packument.PackumentResult;
import java.time.Duration;
import java.util.HashSet;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Does a {@link SyncJob}: fetches all of it into a cache, keeps it current, compares it with its origin and repairs it. Interrupted or killed at any moment, the
 * next call resumes where the last one left off, in this process or another.
 *
 * <p>Everything that the job remembers is in the cache. One executor at a time works on a job in a cache: another one is refused with a {@link
 * JobInUseException} that names the first. {@link #report}, {@link #status} and {@link #packument} need no claim and may run beside it. Safe for concurrent use.
 */
public final class RegistrySync implements AutoCloseable {
    private final SyncJob job;
    private final SyncClients clients;
    private final Activity activity;
    private final Tally tally = new Tally();
    private final AtomicBoolean isBusy = new AtomicBoolean();
    private volatile @Nullable JobOwner claim;
    private volatile @Nullable Follower follower;
    private volatile @Nullable BackgroundSync background;
    private volatile boolean closed;

    private RegistrySync(Builder builder) {
        NpmConfig npm = SyncClients.npmConfig(builder);
        this.job = Objects.requireNonNull(builder.job, "job").excludingScopes(npm);
        this.activity = new Activity(builder.listener);
        this.clients = new SyncClients(job, builder, npm);
    }

    /** A builder; the job must be given. */
    public static Builder builder() {
        return new Builder();
    }

    /** What is worked on. */
    public SyncJob job() {
        return job;
    }

    /** Where it is stored. */
    public Cache cache() {
        return clients.cache;
    }

    /** Where the job's own records are: the same cache, unless its store may answer with old values after a write. */
    public Cache checkpoints() {
        return clients.checkpoints;
    }

    /**
     * Does what is left to do: lists the names, fetches a packument for each, and catches up with the changes made meanwhile. After it has finished once, it
     * only catches up and repairs what is damaged. Failures of the origin, the registry or the store, and an interrupt, end the run but are no exception: the
     * result says so. An interrupt leaves the thread's flag set.
     *
     * @throws JobInUseException when another executor works on the job
     * @throws StateFormatException when a newer version of this library wrote the job's records
     */
    public SyncResult bootstrap() {
        return claimed(context -> new Bootstrap(context).run(false));
    }

    /** As {@link #bootstrap()}, and loads everything again, whatever is stored. */
    public SyncResult reload() {
        return claimed(context -> new Bootstrap(context).run(true));
    }

    /**
     * Does what a bootstrap has left to do, then follows the feed of changes. Outages of the origin, the registry and the store are waited for.
     *
     * @return true when the cache was current at the end: the bootstrap had finished, and no name is to be retried or the thread was interrupted, whose flag stays set
     * @throws JobInUseException when another executor works on the job
     * @throws IllegalStateException when the job has no origin
     * @throws RuntimeException what waiting does not mend, such as refused credentials
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
     * What the cache holds of the job, compared with what its origin has. An origin that is away does not end it: the report says so. An interrupt ends the
     * counting, and leaves the thread's flag set.
     *
     * @throws UnknownJobException when the job never ran on the cache
     */
    public SyncReport report() {
        return new Reporter(context(records())).take(false, null);
    }

    /** As {@link #report()}, but sends no request: the report says what the cache holds. */
    public SyncReport reportStored() {
        return new Reporter(context(records())).take(true, null);
    }

    /**
     * Fetches what {@code report} says is missing, lists the partitions again that differ without a reason, and reports again.
     *
     * @return a report with {@link SyncReport#repair()}
     * @throws JobInUseException when another executor works on the job
     */
    public SyncReport repair(SyncReport report) {
        SyncResult repaired = claimed(context -> new Bootstrap(context).repair(new HashSet<>(report.drifted())));
        return new Reporter(context(records())).take(false, repaired);
    }

    /**
     * What the job remembers in the cache. Sends no request.
     *
     * @throws StateFormatException when a newer version of this library wrote the job's records
     */
    public JobState state() {
        return JobState.of(records());
    }

    /** Where the job stands in this process. Sends no request. */
    public SyncStatus status() {
        Follower running = follower;
        BackgroundSync started = background;
        String problem = started == null ? null : started.problem();
        boolean waits = problem != null && !isBusy.get();
        return running != null && !waits
                ? running.status(activity)
                : SyncStatus.of(problem, isBusy.get(), tally, clients.wire.counts(), activity);
    }

    /** The stored packument of a name, or another outcome. Sends no request. @throws io.alldocs.cache.NotCachedException when nothing is stored */
    public PackumentResult packument(String name) {
        return clients.packuments.request(name, RequestOptions.of(CacheMode.ONLY_IF_CACHED));
    }

    /** As {@link #start(FollowOptions)} with {@link FollowOptions#DEFAULT}. */
    public CompletableFuture<Void> start() {
        return start(FollowOptions.DEFAULT);
    }

    /**
     * Bootstraps and follows on a thread of its own until {@link #close()}; a job without an origin ends with its bootstrap. Outages are waited for.
     *
     * @return done when it has ended: exceptionally with what waiting does not mend, such as a {@link JobInUseException} or refused credentials
     * @throws IllegalStateException when it was started before, or is closed
     */
    public synchronized CompletableFuture<Void> start(FollowOptions options) {
        requireOpen();
        if (background != null) {
            throw new IllegalStateException("The job was started before.");
        }
        BackgroundSync started = new BackgroundSync(this, options, activity, clients::close);
        background = started;
        return started.start();
    }

    /**
     * Claims the job for longer than one call: calls of this object work on the claim until it is closed.
     *
     * @param who this executor in words, for others that are refused
     * @throws JobInUseException when another executor holds the job
     */
    public synchronized JobOwner claim(String who) {
        return held(JobOwner.claim(clients.checkpoints, job.id(), who));
    }

    /**
     * Goes on with a claim that another process of the same executor took.
     *
     * @throws JobInUseException when there is a later claim
     */
    public synchronized JobOwner adopt(long epoch) {
        return held(JobOwner.adopt(clients.checkpoints, job.id(), epoch));
    }

    /**
     * Claims the job for an executor of many processes. Any of them {@link #renewShared renews} the claim, more often than every {@link JobOwner#EXPIRY}.
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

    private JobOwner held(JobOwner taken) {
        taken.onClose(() -> claim = null);
        claim = taken;
        return taken;
    }

    /** The job's steps, for an executor that runs them in several processes on one claim. */
    public SyncSteps steps(long epoch) {
        return new SyncSteps(this, JobOwner.fence(clients.checkpoints, job.id(), epoch));
    }

    /**
     * As {@link #steps(long)}, for an executor one of whose processes at a time does some of the steps.
     *
     * @param require called before each step and before each record that a step writes; throws to refuse it
     */
    public SyncSteps steps(long epoch, Runnable require) {
        Fence claimed = JobOwner.fence(clients.checkpoints, job.id(), epoch);
        return new SyncSteps(this, new Fence() {
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
            throw new IllegalStateException("The RegistrySync is closed; build another one.");
        }
    }

    private <T> T claimed(Function<SyncContext, T> work) {
        requireOpen();
        if (!isBusy.compareAndSet(false, true)) {
            throw new JobInUseException("Another call of this RegistrySync is at work on the job; wait until it ends.");
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

    private JobRecords records() {
        return JobRecords.read(clients.checkpoints, job);
    }

    /** A context whose records are read now, and may be written on {@code fence}. */
    private SyncContext context(Fence fence) {
        JobRecords records = records();
        records.own(fence);
        return context(records);
    }

    /** As {@link #context(Fence)} for one step, which counts its own failures. */
    SyncContext step(Fence fence) {
        JobRecords records = records();
        records.write(fence);
        return clients.context(job, records, activity, new Tally());
    }

    private SyncContext context(JobRecords records) {
        return clients.context(job, records, activity, tally);
    }

    /**
     * Ends what {@link #start} started, after requests in flight, and closes what the builder did not get. Idempotent; safe to call from several threads. Called by a
     * listener on the job's own thread it does not wait: the job ends after the call.
     */
    @Override
    public void close() {
        BackgroundSync running;
        synchronized (this) {
            closed = true;
            running = background;
        }
        if (running == null || running.stop()) {
            clients.close();
        }
    }

    /** Settings; what is given is shared and not closed. Not thread-safe. */
    public static final class Builder {
        @Nullable
        SyncJob job;

        Env env = Env.system();

        @Nullable
        Cache cache;

        @Nullable
        Cache checkpoints;

        @Nullable
        NpmConfig npmConfig;

        BaseHttpClient.Builder http = BaseHttpClient.builder();

        @Nullable
        HttpTransport transport;

        SyncListener listener = SyncListener.NONE;
        int concurrency = PackumentClient.Builder.DEFAULT_CONCURRENCY;

        @Nullable
        Double rate;

        int changesPage = 1_000;
        Duration lagWait = Duration.ofSeconds(10);
        int failureLimit = 50;

        private Builder() {}

        /** What is wanted. */
        public Builder job(SyncJob value) {
            job = value;
            return this;
        }

        /** Where the cache, its checkpoints and the npm configuration are read from, unless they are given. Default: the process environment. */
        public Builder env(Env value) {
            env = value;
            return this;
        }

        /** Where everything is stored. Default: as the environment says. */
        public Builder cache(Cache value) {
            cache = value;
            return this;
        }

        /**
         * Where the job's records are, in a store that is consistent after a write. Default: the given cache, which must be so then; else as the environment
         * says ({@code CHECKPOINT_DRIVER}).
         */
        public Builder checkpoints(Cache value) {
            checkpoints = value;
            return this;
        }

        /** Credentials, proxies and certificates, as npm is configured. Default: as the environment says. */
        public Builder npmConfig(NpmConfig value) {
            npmConfig = value;
            return this;
        }

        /** Other settings of the HTTP client; its npm configuration and transport are set here. Default: those of the builder. */
        public Builder http(BaseHttpClient.Builder value) {
            http = value;
            return this;
        }

        /** What sends the requests. Default: the JDK's client. */
        public Builder transport(HttpTransport value) {
            transport = value;
            return this;
        }

        /** Receives what the job does. Default: nobody. */
        public Builder listener(SyncListener value) {
            listener = value;
            return this;
        }

        /** Packuments requested at the same time, at least 1. Default: 32. */
        public Builder concurrency(int value) {
            concurrency = value;
            return this;
        }

        /** Requests a second to the registry; 0 for no limit. Default: 50, none on the loopback interface. */
        public Builder rate(double perSecond) {
            rate = perSecond;
            return this;
        }

        /** Changes requested at a time, 1 to 10,000; the position in the feed is recorded after so many. Default: 1,000. */
        public Builder changesPage(int rows) {
            changesPage = rows;
            return this;
        }

        /** Pause before a name is requested again that lags behind the feed; grows with each round. Default: 10 s. */
        public Builder lagWait(Duration value) {
            lagWait = value;
            return this;
        }

        /** Failed requests, each retried by its client, without a success between them that end a run. Default: 50. */
        public Builder failureLimit(int value) {
            failureLimit = value;
            return this;
        }

        /**
         * A sync of the job. Sends no request.
         *
         * @throws NullPointerException when there is no job
         * @throws IllegalArgumentException when a setting is out of range
         * @throws IllegalStateException when the environment names a storage driver that is not there
         */
        public RegistrySync build() {
            return new RegistrySync(this);
        }
    }
}
