package io.alldocs.worker.internal.jobs;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.alldocs.cache.JsonTree;
import io.alldocs.sync.ChangeWindow;
import io.alldocs.sync.SyncForm;
import io.alldocs.sync.SyncJob;
import io.alldocs.sync.SyncSteps;
import io.alldocs.worker.WorkItem;
import io.alldocs.worker.internal.Json;
import io.alldocs.worker.internal.context.ItemContext;

/**
 * The work items of a job. There is one for each partition to list, each batch of names to fetch, and each chunk of a
 * window of changes. The last one is the coordinator's item. Ids contain the claim, so another claim on the same job
 * has different ids.
 */
public final class JobItems {
    public static final String COORDINATE = "sync";
    static final String LIST = "sync-list";
    public static final String FETCH = "sync-fetch";
    static final String CHANGES = "sync-changes";

    /** Number of names in an item that fetches packuments. */
    public static final int DEFAULT_BATCH = 1_000;

    static final int MAX_BATCH = SyncSteps.BATCH_NAMES;

    private final SyncJob job;
    private final long claim;
    private final int priority;
    private final int batch;

    private JobItems(SyncJob job, long claim, int priority, int batch) {
        this.job = job;
        this.claim = claim;
        this.priority = priority;
        this.batch = batch;
    }

    static JobItems of(Coordination known) {
        return new JobItems(known.job, known.claim, known.priority, known.batch);
    }

    /** @throws IllegalArgumentException if the item was not created by a worker */
    static JobItems of(WorkItem item) {
        JsonNode payload = requireWritten(item).payload().as(JsonNode.class);
        return new JobItems(
                SyncJob.of(JsonTree.of(payload.path("job"))),
                payload.path("claim").asLong(),
                payload.path("priority").asInt(),
                payload.path("batchNames").asInt(DEFAULT_BATCH));
    }

    /**
     * Returns the item if it has all members of a job's item.
     *
     * @throws IllegalArgumentException otherwise
     */
    static WorkItem requireWritten(WorkItem item) {
        JsonNode payload = item.payload().as(JsonNode.class);
        boolean isWhole =
                payload.path("job").isObject() && payload.path("claim").isIntegralNumber();
        if (!isWhole || (item.type().equals(COORDINATE) && !Coordination.hasPhase(payload))) {
            throw new IllegalArgumentException("The payload of the " + item.type() + " item " + item.id()
                    + " is incomplete. Workers add items of this type themselves; add a partition-set item instead.");
        }
        return item;
    }

    boolean fetchesPackuments() {
        return job.form() != SyncForm.NAMES;
    }

    SyncSteps steps(ItemContext context) {
        return context.sync(job).steps(claim).withBatchesOf(batch);
    }

    /** @param require called before every step and before every record a step writes */
    SyncSteps steps(ItemContext context, Runnable require) {
        return context.sync(job).steps(claim, require).withBatchesOf(batch);
    }

    /** Returns the common prefix of the ids of all items of this claim. */
    String prefix() {
        return prefix(job.id()) + claim + ':';
    }

    /** Returns the common prefix of the ids of all items of a job. */
    public static String prefix(String job) {
        return "sync:" + job + ':';
    }

    WorkItem list(int partition) {
        return list(partition, 0);
    }

    /** @param relistings how often the partition was listed before, because the cache had lost its pages */
    WorkItem list(int partition, int relistings) {
        return item(LIST, "list:" + partition, ofPartition(partition, relistings), 0);
    }

    /**
     * Returns an item with priority over unlisted partitions, so that the queue's size stays proportional to the number
     * of workers.
     */
    WorkItem fetch(int partition, int batch) {
        return fetch(partition, batch, 0);
    }

    /** @param relistings how often the partition was listed before, because the cache had lost its pages */
    WorkItem fetch(int partition, int batch, int relistings) {
        return item(
                FETCH,
                "fetch:" + partition + ':' + batch,
                ofPartition(partition, relistings).put("batch", batch),
                1);
    }

    /** Returns how often the partition of an item was listed before, because the cache had lost its pages. */
    static int relistings(JsonNode payload) {
        return payload.path("relistings").asInt(0);
    }

    private ObjectNode ofPartition(int partition, int relistings) {
        ObjectNode payload = payload().put("partition", partition);
        return relistings == 0 ? payload : payload.put("relistings", relistings);
    }

    WorkItem changes(ChangeWindow.Chunk chunk) {
        ObjectNode payload = payload();
        payload.set("chunk", chunk.toJson().as(JsonNode.class));
        return item(CHANGES, "changes:" + chunk.window() + ':' + chunk.index(), payload, 2);
    }

    WorkItem coordinate(Coordination known) {
        return item(COORDINATE, "look:" + known.tick, known.toJson(), 3);
    }

    private ObjectNode payload() {
        ObjectNode payload = Json.MAPPER
                .createObjectNode()
                .put("claim", claim)
                .put("priority", priority)
                .put("batchNames", batch);
        payload.set("job", job.toJson().as(JsonNode.class));
        return payload;
    }

    private WorkItem item(String type, String id, ObjectNode payload, int above) {
        return WorkItem.of(type, prefix() + id, payload)
                .withPriority(Math.min(WorkItem.MAX_PRIORITY, priority + above));
    }
}
