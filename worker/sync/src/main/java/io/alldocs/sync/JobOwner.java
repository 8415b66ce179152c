package io.alldocs.sync;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.alldocs.cache.Cache;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Optional;

/**
 * The claim of one executor on a job. Claims are numbered: claim n+1 is taken by a conditional put once the holder of claim n has released it, has not renewed its
 * heartbeat for {@link #EXPIRY}, or is a process of this machine that has ended. Whoever holds an older claim is refused at its next write.
 *
 * <p>A claim renews its heartbeat on a thread of its own until it is closed. Safe for concurrent use.
 */
public final class JobOwner implements AutoCloseable, Fence {
    /** A heartbeat that is older than this has expired. */
    public static final Duration EXPIRY = Duration.ofSeconds(60);

    private static final Duration INTERVAL = Duration.ofSeconds(20);
    private static final Logger LOG = System.getLogger(JobOwner.class.getName());

    private final RecordStore records;
    private final String job;
    private final long epoch;
    private final Thread heartbeat;
    private volatile Instant renewedAt;
    private volatile boolean lost;
    private volatile boolean closing;
    private volatile Runnable onClose = () -> {};

    private JobOwner(RecordStore records, String job, long epoch) {
        this.records = records;
        this.job = job;
        this.epoch = epoch;
        this.renewedAt = Instant.EPOCH;
        renew();
        this.heartbeat = new Thread(this::beat, "heartbeat of " + job);
        heartbeat.setDaemon(true);
        heartbeat.start();
    }

    /**
     * Claims a job; does not wait.
     *
     * @param who the claimer in words, for others that are refused
     * @throws JobInUseException when another executor holds the job
     */
    static JobOwner claim(Cache checkpoints, String job, String who) {
        JobHolder holder = JobHolder.ofThisProcess(who, checkpoints.clock().instant());
        return new JobOwner(new RecordStore(checkpoints), job, claim(checkpoints, job, holder));
    }

    /**
     * Claims a job for an executor of many processes, which {@link #renew(Cache, String, long) renew} the heartbeat; does not wait.
     *
     * @return the claim's number
     */
    static long claimShared(Cache checkpoints, String job, String who) {
        long epoch = claim(
                checkpoints,
                job,
                JobHolder.ofManyProcesses(who, checkpoints.clock().instant()));
        renew(checkpoints, job, epoch);
        return epoch;
    }

    private static long claim(Cache checkpoints, String job, JobHolder holder) {
        RecordStore records = new RecordStore(checkpoints);
        long last = latest(records, job);
        if (last > 0) {
            requireExpired(records, job, last);
        }
        if (!records.create(lockKey(job, last + 1), holder.toJson(last + 1))) {
            throw inUse(records, job, last + 1);
        }
        return last + 1;
    }

    /** Renews the heartbeat of a shared claim. @throws JobInUseException when there is a later claim */
    static void renew(Cache checkpoints, String job, long epoch) {
        RecordStore records = new RecordStore(checkpoints);
        requireLatest(records, job, epoch);
        write(records, job, epoch, false);
    }

    /** Releases a shared claim, so that the next executor need not wait. */
    static void release(Cache checkpoints, String job, long epoch) {
        write(new RecordStore(checkpoints), job, epoch, true);
    }

    private static Instant write(RecordStore records, String job, long epoch, boolean released) {
        Instant now = records.cache().clock().instant();
        ObjectNode beat = RecordStore.object().put("n", epoch).put("at", now.toString());
        records.write(beatKey(job, epoch), released ? beat.put("released", true) : beat);
        return now;
    }

    /** Goes on with a claim that another process took for the same executor. @throws JobInUseException when there is a later claim */
    static JobOwner adopt(Cache checkpoints, String job, long epoch) {
        RecordStore records = new RecordStore(checkpoints);
        requireLatest(records, job, epoch);
        return new JobOwner(records, job, epoch);
    }

    /** A fence for a process that works on another one's claim. */
    static Fence fence(Cache checkpoints, String job, long epoch) {
        RecordStore records = new RecordStore(checkpoints);
        return new Fence() {
            @Override
            public long epoch() {
                return epoch;
            }

            @Override
            public void require() {
                requireLatest(records, job, epoch);
            }
        };
    }

    private static void requireLatest(RecordStore records, String job, long epoch) {
        if (records.has(lockKey(job, epoch + 1))) {
            throw inUse(records, job, latest(records, job));
        }
    }

    /** Claims are numbered without a gap and stay, so the last one is found from the number that the job's header has. */
    private static long latest(RecordStore records, String job) {
        long last = records.read(JobRecords.HEADERS + job)
                .map(header -> header.path("n").asLong())
                .orElse(0L);
        while (records.has(lockKey(job, last + 1))) {
            last++;
        }
        return last;
    }

    private static void requireExpired(RecordStore records, String job, long last) {
        Optional<JsonNode> beat = records.read(beatKey(job, last));
        boolean released = beat.map(json -> json.path("released").asBoolean()).orElse(false);
        Optional<JobHolder> holder = holder(records, job, last);
        if (released || holder.filter(JobHolder::hasEnded).isPresent()) {
            return;
        }
        Optional<Instant> renewed = beat.flatMap(JobOwner::renewed).or(() -> holder.map(JobHolder::since));
        Instant now = records.cache().clock().instant();
        boolean isFresh = renewed.map(time -> Duration.between(time, now).abs())
                .filter(age -> age.compareTo(EXPIRY) < 0)
                .isPresent();
        if (isFresh) {
            throw inUse(records, job, last);
        }
    }

    /** Empty when the heartbeat is damaged. */
    private static Optional<Instant> renewed(JsonNode beat) {
        try {
            return Optional.of(Instant.parse(beat.path("at").asText()));
        } catch (DateTimeParseException e) {
            return Optional.empty();
        }
    }

    /** Empty when there is no such claim, or its record is damaged. */
    private static Optional<JobHolder> holder(RecordStore records, String job, long epoch) {
        try {
            return records.read(lockKey(job, epoch)).map(JobHolder::of);
        } catch (DateTimeParseException e) {
            return Optional.empty();
        }
    }

    private static JobInUseException inUse(RecordStore records, String job, long epoch) {
        String holder = holder(records, job, epoch).map(JobHolder::toString).orElse("an unknown process");
        return new JobInUseException("Another run of this job is at work in " + holder
                + "; wait until it ends, or stop it. It holds claim " + epoch + " of " + job + ".");
    }

    private static String lockKey(String job, long epoch) {
        return "v1:lock:" + job + ':' + epoch;
    }

    private static String beatKey(String job, long epoch) {
        return "v1:beat:" + job + ':' + epoch;
    }

    /** The claim's number. */
    @Override
    public long epoch() {
        return epoch;
    }

    /**
     * Checks that the claim is still the last one. Nobody can have taken the job over while the heartbeat is fresh; after that the store is asked.
     *
     * @throws JobInUseException when another executor has claimed the job
     */
    @Override
    public void require() {
        if (lost || age().compareTo(EXPIRY) >= 0) {
            requireLatest(records, job, epoch);
        }
    }

    private Duration age() {
        return Duration.between(renewedAt, records.cache().clock().instant()).abs();
    }

    void onClose(Runnable action) {
        onClose = action;
    }

    private void beat() {
        while (!lost && !closing) {
            try {
                Thread.sleep(INTERVAL.toMillis());
                tryToRenew();
            } catch (InterruptedException e) {
                // closing
            }
        }
        release();
    }

    /** On the heartbeat's thread: the one that closes may be interrupted, and once more while it waits. */
    private void release() {
        Thread.interrupted(); // the record must be written
        try {
            write(records, job, epoch, true);
        } catch (RuntimeException e) {
            LOG.log(Level.DEBUG, "The claim on {0} could not be released: {1}", job, e.getMessage());
        }
    }

    private void tryToRenew() {
        try {
            lost = records.has(lockKey(job, epoch + 1));
            if (!lost) {
                renew();
            }
        } catch (RuntimeException e) {
            LOG.log(Level.DEBUG, "The heartbeat of {0} could not be stored: {1}", job, e.getMessage());
        }
    }

    private void renew() {
        renewedAt = write(records, job, epoch, false);
    }

    /** Releases the claim, so that the next executor need not wait. A store that is away is no obstacle: then the heartbeat expires. */
    @Override
    public void close() {
        onClose.run();
        closing = true;
        heartbeat.interrupt();
        boolean interrupted = Thread.interrupted();
        while (heartbeat.isAlive()) {
            try {
                heartbeat.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
