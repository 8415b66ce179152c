package io.alldocs.sync;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.alldocs.cache.Cache;
import io.alldocs.cache.IntegrityException;
import io.alldocs.cache.PartitionCheckpoint;
import io.alldocs.packument.NameFilter;
import io.alldocs.partition.Change;
import io.alldocs.partition.Partition;
import io.alldocs.partition.PartitionSet;
import io.alldocs.partition.Sequence;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What a job remembers between processes, beside its checkpoints: a header, and {@link Progress records of progress}.
 * Callers write after the data that a record describes is stored. Reading needs no claim on the job; writing does. Safe
 * for concurrent use.
 */
final class JobRecords {
    /** Pending retries are few; a job whose registry answers none of 10,000 changes stops. */
    private static final int MAX_RETRIES = 10_000;

    private static final Logger LOG = System.getLogger(JobRecords.class.getName());

    /** Of the keys of all headers. */
    static final String HEADERS = "v1:bootstrap:";

    private final RecordStore store;
    private final String job;
    private final Progress progress;
    private @Nullable Fence fence;
    private JobHeader header = JobHeader.NONE;

    private JobRecords(Cache cache, String job) {
        this.store = new RecordStore(cache);
        this.job = job;
        this.progress = new Progress(this);
    }

    /**
     * As {@link #read(Cache, String)}, and from its next change on the header says which job it is of, in words and as
     * JSON.
     */
    static JobRecords read(Cache cache, SyncJob job) {
        JobRecords records = read(cache, job.id());
        records.header = records.header.describing(job);
        return records;
    }

    /**
     * The records that {@code job} left, or empty ones when there are none or they are damaged.
     *
     * @throws StateFormatException when a newer version of this library wrote them
     */
    static JobRecords read(Cache cache, String job) {
        JobRecords records = new JobRecords(cache, job);
        try {
            records.store.read(HEADERS + job).ifPresent(records::restore);
            return records;
        } catch (IllegalArgumentException | DateTimeException e) {
            LOG.log(
                    Level.WARNING,
                    "The header of the job {0} is damaged and counts as absent. {1}",
                    job,
                    e.getMessage());
            return new JobRecords(cache, job);
        }
    }

    /** From now on progress is written, on this claim, which is recorded. */
    synchronized void own(Fence claim) {
        fence = claim;
        if (exists()) {
            save(header);
        }
    }

    /** As {@link #own} for one step on a claim that is recorded. */
    synchronized void write(Fence claim) {
        fence = claim;
        if (header.isOfEarlierVersion()) {
            save(header);
        }
    }

    /** Whether the job ever began. */
    synchronized boolean exists() {
        return header.exists();
    }

    /** Begins a baseline: from now on only what is validated later counts as current by its age. */
    synchronized void beginBaseline(JobHeader.Kind why, Optional<Sequence> position, NameFilter names) {
        replace(header.beginning(UUID.randomUUID().toString(), now(), why, position.orElse(null), names.fingerprint()));
        progress.begin(header.from());
    }

    private Instant now() {
        return store.cache().clock().instant().truncatedTo(ChronoUnit.MILLIS);
    }

    /**
     * A baseline of the future was begun by a clock that was ahead, and nothing that is stored from now on would count
     * as later.
     */
    synchronized void correctBaseline() {
        Instant now = now();
        if (exists() && header.baseline().isAfter(now)) {
            save(header.withBaseline(now));
        }
    }

    /**
     * Whether the baseline was begun with another filter: what that left out may be wanted now, and may have changed
     * since it was stored.
     */
    synchronized boolean hasOtherFilter(NameFilter now) {
        return exists() && !header.filter().equals(now.fingerprint());
    }

    /** Says that the checkpoints know of the baseline. */
    synchronized void begun() {
        if (!header.begun()) {
            save(header.withBegun());
        }
    }

    synchronized void finished(Instant when) {
        save(header.withFinishedAt(when));
        new GivenUp(this).record(Map.of());
    }

    synchronized void reopened() {
        save(header.withFinishedAt(null));
    }

    synchronized boolean hasBegun() {
        return header.begun();
    }

    synchronized boolean isFinished() {
        return header.finishedAt() != null;
    }

    synchronized Optional<Instant> finishedAt() {
        return Optional.ofNullable(header.finishedAt());
    }

    String job() {
        return job;
    }

    synchronized String what() {
        return header.what();
    }

    /** The job as {@link SyncJob#definition} wrote it; empty when an earlier version wrote the header. */
    synchronized Optional<JsonNode> definition() {
        return Optional.ofNullable(header.definition());
    }

    synchronized String run() {
        return header.run();
    }

    synchronized Instant baseline() {
        return header.baseline();
    }

    synchronized JobHeader.Kind kind() {
        return header.kind();
    }

    /** Where the feed stood before the names were listed. */
    synchronized Optional<Sequence> from() {
        return Optional.ofNullable(header.from());
    }

    /** How far the feed was followed. */
    synchronized Optional<Sequence> sequence() {
        return Optional.ofNullable(progress.sequence());
    }

    synchronized Optional<Instant> followedAt() {
        return Optional.ofNullable(progress.followedAt());
    }

    /**
     * Records how far the feed was followed, and before that which partitions changed since they were listed, and what
     * is to be retried.
     */
    synchronized void advance(Sequence to, Set<Integer> touched) {
        touched.forEach(partition -> progress.stale(partition, true));
        progress.saveRetries();
        progress.follow(to, progress.followedAt());
    }

    /** Records that the end of the feed was seen at {@code when}. */
    synchronized void followedToTheEnd(Instant when) {
        progress.follow(Objects.requireNonNull(progress.sequence()), when);
    }

    synchronized Set<Integer> stale() {
        return new TreeSet<>(progress.stale());
    }

    /** Records that a stale partition was listed again. */
    synchronized void listedAgain(int partition) {
        progress.stale(partition, false);
    }

    /** Records partitions that are to be listed again. */
    synchronized void distrust(Set<Integer> partitions) {
        partitions.forEach(partition -> progress.stale(partition, true));
    }

    /**
     * Notes that a change of {@code name} is still to be fetched; written with the next {@link #advance} or
     * {@link #saveRetries}.
     *
     * @throws TooManyRetriesException when there are more than 10,000
     */
    synchronized void retry(String name, PendingRetry change) {
        if (progress.retry(name, change) > MAX_RETRIES) {
            throw new TooManyRetriesException(MAX_RETRIES);
        }
    }

    /**
     * The retry for {@code change}: of a change that a page brings again, after an interrupt before its end, the tries
     * go on.
     */
    synchronized PendingRetry retryFor(Change change) {
        PendingRetry fresh = new PendingRetry(change.rev(), change.deleted());
        PendingRetry known = progress.retries().getOrDefault(change.id(), fresh);
        return known.rev().equals(fresh.rev()) && known.deleted() == fresh.deleted() ? known : fresh;
    }

    synchronized void settle(String name) {
        progress.settle(name);
    }

    synchronized Map<String, PendingRetry> retries() {
        return new LinkedHashMap<>(progress.retries());
    }

    synchronized boolean isRetried(String name) {
        return progress.retries().containsKey(name);
    }

    synchronized int pendingRetries() {
        return progress.retries().size();
    }

    synchronized void saveRetries() {
        progress.saveRetries();
    }

    /** The stored plan: a list of names is one partition. Empty when there is none, or it cannot be read. */
    Optional<PartitionSet> plan() {
        try {
            return new PartitionCheckpoint(store.cache(), job + "-packuments")
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
    synchronized void write(String key, ObjectNode record) {
        write(key, record, header.run());
    }

    private void write(String key, ObjectNode record, String run) {
        Fence claim = Objects.requireNonNull(fence, "a claim on the job");
        claim.require();
        store.write(key, record.put("n", claim.epoch()).put("run", run));
    }

    /** A record of this run; one of another run counts as absent. */
    Optional<JsonNode> recorded(String key) {
        return store.read(key).filter(this::isOfThisRun);
    }

    /**
     * As {@link #recorded}, for a record whose loss must be made up for.
     *
     * @throws IntegrityException when it is damaged
     */
    Optional<JsonNode> intact(String key) {
        Optional<JsonNode> record = store.readIntact(key);
        if (record.filter(json -> !json.path("run").isTextual()).isPresent()) {
            throw new IntegrityException("The record " + key + " does not say of which run it is", null);
        }
        return record.filter(this::isOfThisRun);
    }

    private boolean isOfThisRun(JsonNode record) {
        return record.path("run").asText().equals(run());
    }

    private void save(JobHeader next) {
        if (header.isOfEarlierVersion()) {
            progress.saveAll();
        }
        replace(next.ofThisVersion());
    }

    /**
     * Writes before it remembers: a header that the store refused is not in force, and the step that wrote it is done
     * again.
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
