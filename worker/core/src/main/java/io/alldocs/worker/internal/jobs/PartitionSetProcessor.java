package io.alldocs.worker.internal.jobs;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.alldocs.cache.CacheKey;
import io.alldocs.packument.NameFilter;
import io.alldocs.partition.Partition;
import io.alldocs.partition.PartitionClient;
import io.alldocs.partition.PartitionSet;
import io.alldocs.sync.JobInUseException;
import io.alldocs.sync.RegistrySync;
import io.alldocs.sync.SyncForm;
import io.alldocs.sync.SyncJob;
import io.alldocs.worker.WorkException;
import io.alldocs.worker.WorkItem;
import io.alldocs.worker.WorkResult;
import io.alldocs.worker.internal.Json;
import io.alldocs.worker.internal.context.ItemContext;
import io.alldocs.worker.internal.context.ItemProcessor;
import io.alldocs.worker.internal.context.Payload;
import io.alldocs.worker.internal.lease.FailureDecision;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * {@code partition-set}: starts or resumes a job, which lists all names of a range and fetches their packuments.
 * Enqueues the item of the job's coordinator, which enqueues all others.
 *
 * <p>Members of the payload:
 *
 * <ul>
 * <li>{@code set}: a name for people. Default: the item's id
 * <li>{@code start}, {@code end}: the range of names. Default: all names
 * <li>{@code pivots}: boundaries of the partitions, for a job that has no plan yet
 * <li>{@code targetRows}: names in a partition, for a job that has no plan yet and no {@code pivots}. Default: 64
 *     partitions with at least 1,000 names each
 * <li>{@code packuments}: whether to fetch a packument for every name. Default: false
 * <li>{@code allow}, {@code deny}: patterns of the names whose packuments are fetched, at most 10,000 each. Default:
 *     all names
 * <li>{@code batch}: names in one item, at most 5,000. Default: 1,000
 * <li>{@code follow}: whether to keep the job current afterwards. Default: false
 * <li>{@code origin}: the origin that the worker is expected to use; another one is an error
 * </ul>
 *
 * <p>For a job that workers of this queue already run, {@code follow} enables or disables following from the
 * coordinator's next pass on. When it is absent, following is unchanged. {@code batch}, {@code targetRows} and
 * {@code pivots} have no effect. Items of the job that the queue has lost are enqueued again. A job that another queue
 * or process runs is refused; the message names its owner.
 */
final class PartitionSetProcessor implements ItemProcessor {
    static final String TYPE = "partition-set";

    /** Maximum length of a name, so that the keys of its records fit every store that can store checkpoints. */
    private static final int MAX_NAME_BYTES = 128;

    private static final int MAX_PIVOTS = 100_000;

    /**
     * Maximum number of patterns. It is limited because the payloads of the coordinator's items contain the patterns.
     */
    private static final int MAX_PATTERNS = 10_000;

    /**
     * Delay before claiming again: the holder of a job may have crashed, and its heartbeat has expired by the last
     * attempt.
     */
    private static final Duration CLAIM_AGAIN = Duration.ofSeconds(35);

    @Override
    public String type() {
        return TYPE;
    }

    @Override
    public WorkResult process(WorkItem item, ItemContext context) {
        Payload payload = new Payload(item);
        String set = requireName(payload.optionalText("set").orElse(item.id()));
        requireOrigin(context.partitions(), payload.optionalText("origin"));
        Optional<Boolean> follow = payload.has("follow") ? Optional.of(payload.flag("follow")) : Optional.empty();
        if (follow.orElse(false) && context.isInline()) {
            throw WorkException.permanent(
                    "This platform processes one request at a time and cannot follow a feed. Set \"follow\" to false"
                            + " and send the item on a schedule, or run a worker with a queue.",
                    null);
        }
        SyncJob job = job(payload, context);
        CoordinationRecords records = new CoordinationRecords(context.checkpoints());
        new KnownSets(context.checkpoints())
                .add(set, job.id(), payload.flag("packuments"), earlier -> isOver(earlier, records));
        Optional<Coordination> running = alreadyCoordinated(job, records, context);
        Coordination known = running.orElseGet(() -> begin(set, job, payload, item, context));
        if (follow.isPresent() || running.isEmpty()) {
            known.follow = follow.orElse(false);
            records.follow(job.id(), known.follow);
        }
        context.enqueue(List.of(JobItems.of(known).coordinate(known)));
        ObjectNode details = Json.MAPPER.createObjectNode().put("set", set).put("job", job.id());
        return WorkResult.of(1, details.put("claim", known.claim));
    }

    private static SyncJob job(Payload payload, ItemContext context) {
        return SyncJob.builder()
                .origin(context.partitions().origin())
                .registry(context.packuments().registry())
                .form(payload.flag("packuments") ? SyncForm.FULL : SyncForm.NAMES)
                .range(Partition.of(
                        payload.optionalText("start").orElse(null),
                        payload.optionalText("end").orElse(null)))
                .filter(NameFilter.of(patterns(payload, "allow"), patterns(payload, "deny")))
                .build();
    }

    private static List<String> patterns(Payload payload, String member) {
        return payload.has(member) ? payload.texts(member, MAX_PATTERNS) : List.of();
    }

    /**
     * Returns the coordinator's state if this queue already has a coordinator for the job. Only its next pass is then
     * enqueued, in case the queue has lost it.
     */
    private static Optional<Coordination> alreadyCoordinated(
            SyncJob job, CoordinationRecords records, ItemContext context) {
        return records.latest(job.id())
                .filter(latest -> !latest.ended() && latest.queue().equals(context.queueName()))
                .map(CoordinationRecords.Latest::lostLook)
                .filter(known -> isHeld(context.sync(job), known.claim));
    }

    private static boolean isOver(String job, CoordinationRecords records) {
        return records.latest(job).map(CoordinationRecords.Latest::ended).orElse(true);
    }

    private static boolean isHeld(RegistrySync sync, long claim) {
        try {
            sync.renewShared(claim);
            return true;
        } catch (JobInUseException e) {
            return false;
        }
    }

    private static Coordination begin(String set, SyncJob job, Payload payload, WorkItem item, ItemContext context) {
        int batch = payload.number("batch", JobItems.DEFAULT_BATCH, 1, JobItems.MAX_BATCH);
        int targetRows = payload.number("targetRows", 0, 0, Integer.MAX_VALUE);
        List<String> pivots = pivots(payload, job.range());
        try {
            RegistrySync sync = context.sync(job);
            long claim = sync.claimShared("the workers of the queue " + context.queueName());
            context.onEnd(() -> sync.releaseShared(claim));
            Coordination known =
                    new Coordination(set, job, claim, Math.min(item.priority(), WorkItem.MAX_PRIORITY - 3));
            known.batch = batch;
            known.targetRows = targetRows;
            known.pivots = pivots;
            sync.steps(claim).withBatchesOf(batch).beginRun();
            return known;
        } catch (JobInUseException e) {
            throw WorkException.temporary(FailureDecision.reason(e), CLAIM_AGAIN, e);
        }
    }

    /** Returns the pivots within the range; a null at either end is optional. */
    private static List<String> pivots(Payload payload, Partition range) {
        if (!payload.has("pivots")) {
            return List.of();
        }
        List<String> pivots = new ArrayList<>();
        for (String pivot : payload.pivots("pivots", MAX_PIVOTS)) {
            if (pivot != null) {
                pivots.add(pivot);
            }
        }
        PartitionSet.fromPivots(pivots).clip(range); // throws if the pivots cannot form a plan
        return pivots;
    }

    private static String requireName(String set) {
        if (set.getBytes(StandardCharsets.UTF_8).length > MAX_NAME_BYTES) {
            throw new IllegalArgumentException("The name of a set must be at most " + MAX_NAME_BYTES + " bytes long.");
        }
        return set;
    }

    /** Checks the origin. If the workers of one fleet used different origins, their names would be mixed. */
    private static void requireOrigin(PartitionClient client, Optional<String> asked) {
        asked.filter(origin -> !CacheKey.originPart(URI.create(origin)).equals(CacheKey.originPart(client.origin())))
                .ifPresent(origin -> {
                    throw new IllegalArgumentException("The item is for the origin " + withoutUser(URI.create(origin))
                            + ", but this worker uses " + client.origin()
                            + ". Set NPM_ORIGIN to the same value for all workers of the queue.");
                });
    }

    private static String withoutUser(URI origin) {
        String port = origin.getPort() < 0 ? "" : ":" + origin.getPort();
        return origin.getScheme() + "://" + origin.getHost() + port + origin.getRawPath();
    }
}
