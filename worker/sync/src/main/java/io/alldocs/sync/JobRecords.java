package io.alldocs.sync;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.alldocs.cache.Cache;
import io.alldocs.cache.PartitionCheckpoint;
import io.alldocs.cache.entry.IntegrityException;
import io.alldocs.packument.NameFilter;
import io.alldocs.partition.Partition;
import io.alldocs.partition.PartitionSet;
import io.alldocs.partition.Sequence;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The records that a job keeps between processes in addition to its checkpoints: a header, and
 * {@link Progress records of progress}. Callers write a record after the data that it describes is stored. Reading
 * requires no claim on the job; writing does. Safe for concurrent use.
 */
final class JobRecords {
    private static final Logger LOG = System.getLogger(JobRecords.class.getName());

    /** Prefix of the keys of all headers. */
    static final String HEADERS = "v1:bootstrap:";

    private final RecordStore store;
    private final String job;
    private final Progress progress;
    private final ReentrantLock lock = new ReentrantLock();
    private @Nullable Fence fence;
    private JobHeader header = JobHeader.NONE;

    private JobRecords(Cache cache, String job) {
        this.store = new RecordStore(cache);
        this.job = job;
        this.progress = new Progress(this);
    }

    /**
     * Reads the records as {@link #read(Cache, String)} does. From its next change on, the header contains a
     * description of the job, and the job as JSON.
     */
    static JobRecords read(Cache cache, SyncJob job) {
        JobRecords records = read(cache, job.id());
        records.header = records.header.describing(job);
        return records;
    }

    /**
     * Returns the records of {@code job}, or empty ones if there are none or they are damaged.
     *
     * @throws StateFormatException if a newer version of this library wrote them
     */
    static JobRecords read(Cache cache, String job) {
        JobRecords records = new JobRecords(cache, job);
        try {
            records.store.read(HEADERS + job).ifPresent(records::restore);
            return records;
        } catch (IllegalArgumentException | DateTimeException e) {
            LOG.log(
                    Level.WARNING,
                    "The header of the job {0} is damaged and is treated as absent. {1}",
                    job,
                    e.getMessage());
            return new JobRecords(cache, job);
        }
    }

    /** Runs {@code call} while no other thread uses the records. */
    <T> T locked(Supplier<T> call) {
        lock.lock();
        try {
            return call.get();
        } finally {
            lock.unlock();
        }
    }

    /** Does the same as {@link #locked} for a call without a result. */
    void change(Runnable call) {
        lock.lock();
        try {
            call.run();
        } finally {
            lock.unlock();
        }
    }

    /** Allows progress to be written on this claim, and records the claim. */
    void own(Fence claim) {
        change(() -> {
            fence = claim;
            if (exists()) {
                save(header);
            }
        });
    }

    /** Allows one step to write progress on a claim that is already recorded; see {@link #own}. */
    void write(Fence claim) {
        change(() -> {
            fence = claim;
            if (header.isOfEarlierVersion()) {
                save(header);
            }
        });
    }

    /** Returns whether the job ever began. */
    boolean exists() {
        return locked(() -> header.exists());
    }

    /** Begins a baseline: from now on, only entries that are validated later count as current by their age. */
    void beginBaseline(JobHeader.Kind why, Optional<Sequence> position, NameFilter names) {
        change(() -> {
            replace(header.beginning(
                    UUID.randomUUID().toString(), now(), why, position.orElse(null), names.fingerprint()));
            progress.begin(header.from());
        });
    }

    private Instant now() {
        return store.cache().clock().instant().truncatedTo(ChronoUnit.MILLIS);
    }

    /**
     * Corrects a baseline whose time is in the future, because the clock was ahead when it began. Otherwise nothing
     * that is stored from now on would count as later than the baseline.
     */
    void correctBaseline() {
        change(() -> {
            Instant now = now();
            if (exists() && header.baseline().isAfter(now)) {
                save(header.withBaseline(now));
            }
        });
    }

    /**
     * Returns whether the baseline was begun with another filter. Names that it excluded may be allowed now, and may
     * have changed since they were stored.
     */
    boolean hasOtherFilter(NameFilter now) {
        return locked(() -> exists() && !header.filter().equals(now.fingerprint()));
    }

    /** Records that the checkpoints belong to the baseline. */
    void begun() {
        change(() -> {
            if (!header.begun()) {
                save(header.withBegun());
            }
        });
    }

    void finished(Instant when) {
        change(() -> {
            save(header.withFinishedAt(when));
            new GivenUp(this).record(Map.of());
        });
    }

    void reopened() {
        change(() -> save(header.withFinishedAt(null)));
    }

    boolean hasBegun() {
        return locked(() -> header.begun());
    }

    boolean isFinished() {
        return locked(() -> header.finishedAt() != null);
    }

    Optional<Instant> finishedAt() {
        return locked(() -> Optional.ofNullable(header.finishedAt()));
    }

    String job() {
        return job;
    }

    String what() {
        return locked(() -> header.what());
    }

    /** Returns the job as {@link SyncJob#definition} wrote it; empty if an earlier version wrote the header. */
    Optional<JsonNode> definition() {
        return locked(() -> Optional.ofNullable(header.definition()));
    }

    String run() {
        return locked(() -> header.run());
    }

    Instant baseline() {
        return locked(() -> header.baseline());
    }

    JobHeader.Kind kind() {
        return locked(() -> header.kind());
    }

    /** Returns the sequence of the feed before the names were listed. */
    Optional<Sequence> from() {
        return locked(() -> Optional.ofNullable(header.from()));
    }

    /** Returns the records of the job's progress. */
    Progress progress() {
        return progress;
    }

    /** Returns the checkpoint that records which partitions of a job have an outcome for every name. */
    static PartitionCheckpoint fetched(Cache checkpoints, String job) {
        return new PartitionCheckpoint(checkpoints, job + "-packuments");
    }

    /**
     * Returns the stored plan; a list of names is one partition. Empty if there is no plan, or if it cannot be read.
     */
    Optional<PartitionSet> plan() {
        try {
            return fetched(store.cache(), job)
                    .header()
                    .map(header -> PartitionSet.of(
                            header.partitions().stream().map(Partition::of).toList()));
        } catch (IntegrityException e) {
            return Optional.empty();
        }
    }

    RecordStore store() {
        return store;
    }

    /** Writes a record of this run, with the number of the claim. */
    void write(String key, ObjectNode record) {
        change(() -> write(key, record, header.run()));
    }

    private void write(String key, ObjectNode record, String run) {
        Fence claim = Objects.requireNonNull(fence, "a claim on the job");
        claim.require();
        store.write(key, record.put("n", claim.epoch()).put("run", run));
    }

    /** Returns a record of this run; a record of another run counts as absent. */
    Optional<JsonNode> recorded(String key) {
        return store.read(key).filter(this::isOfThisRun);
    }

    /**
     * Returns a record as {@link #recorded} does, for records whose loss must be compensated.
     *
     * @throws IntegrityException if it is damaged
     */
    Optional<JsonNode> intact(String key) {
        Optional<JsonNode> record = store.readIntact(key);
        if (record.filter(json -> !json.path("run").isTextual()).isPresent()) {
            throw new IntegrityException("The record " + key + " does not name its run", null);
        }
        return record.filter(this::isOfThisRun);
    }

    private boolean isOfThisRun(JsonNode record) {
        return record.path("run").asText().equals(run());
    }

    private void save(JobHeader next) {
        if (header.isOfEarlierVersion()) {
            progress.saveAll();
            new OpenOutcomes(fetched(store.cache(), job)).reopenOfEarlierVersion();
        }
        replace(next.ofThisVersion());
    }

    /**
     * Writes the header before it replaces the one in memory. If the store refuses the header, it does not take effect,
     * and the step that wrote it is repeated.
     */
    private void replace(JobHeader next) {
        write(HEADERS + job, next.toJson(), next.run());
        header = next;
    }

    private void restore(JsonNode json) {
        header = JobHeader.of(json);
        if (header.isOfEarlierVersion()) {
            progress.restoreVersion1(json);
        }
    }
}
