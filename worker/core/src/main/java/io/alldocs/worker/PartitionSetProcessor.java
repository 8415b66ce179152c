package io.alldocs.worker;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.alldocs.cache.PartitionCheckpoint;
import io.alldocs.cache.PartitionCheckpoint.Header;
import io.alldocs.partition.Partition;
import io.alldocs.partition.PartitionClient;
import io.alldocs.partition.PartitionSet;
import io.alldocs.partition.Pivots;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * {@code partition-set}: plans a set of partitions, or takes up the plan that is stored, and adds a {@code partition} item for each that is not complete.
 *
 * <p>Payload: {@code set} (the item's id); {@code start}, {@code end} (default: everything); {@code pivots}, else {@code targetRows} (10,000); {@code packuments} whether a
 * packument is fetched for every name (false); {@code batch} names in one item (100, at most 500); {@code origin} to make sure of it.
 */
final class PartitionSetProcessor implements Processor {
    static final String TYPE = "partition-set";

    /** A page of npm's replica. */
    private static final int DEFAULT_TARGET_ROWS = 10_000;

    private static final int MAX_PIVOTS = 100_000;
    private static final int ITEMS_AT_ONCE = 500;

    @Override
    public String type() {
        return TYPE;
    }

    @Override
    public WorkResult process(WorkItem item, WorkContext context) {
        Payload payload = new Payload(item);
        String set = SetPlan.requireName(payload.optionalText("set").orElse(item.id()));
        boolean fetch = payload.flag("packuments");
        int batch = payload.number("batch", PackumentProcessor.DEFAULT_BATCH, 1, PackumentProcessor.MAX_BATCH);
        SetPlan.requireOrigin(context.partitions(), payload.optionalText("origin"));
        SetPlan plan = plan(set, payload, fetch, context);
        new KnownSets(context.checkpoints()).add(set);
        return expand(plan, fetch, batch, item.priority(), context);
    }

    private static SetPlan plan(String set, Payload payload, boolean fetch, WorkContext context) {
        PartitionClient client = context.partitions();
        Partition range = Partition.of(
                payload.optionalText("start").orElse(null),
                payload.optionalText("end").orElse(null));
        PartitionCheckpoint names = SetPlan.names(context, set);
        PartitionCheckpoint packuments = SetPlan.packuments(context, set);
        try {
            Optional<Header> stored = names.header();
            boolean given = payload.has("pivots");
            List<Partition> partitions = stored.isPresent() && !given
                    ? storedPlan(set, stored.get(), range)
                    : newPlan(client, payload, range).partitions();
            Header header = names.recordPartitions(header(partitions, stored, "names", context));
            if (fetch) {
                packuments.recordPartitions(header(partitions, Optional.of(header), "full", context));
            }
            return new SetPlan(set, names, packuments, header);
        } catch (IllegalStateException e) {
            throw WorkException.permanent(Verdict.reason(e), e);
        }
    }

    /** Resume never re-plans. */
    private static List<Partition> storedPlan(String set, Header stored, Partition range) {
        PartitionSet partitions =
                PartitionSet.of(stored.partitions().stream().map(Partition::of).toList());
        if (!partitions.range().equals(range)) {
            throw new IllegalStateException("The checkpoint " + set + " is of another plan: it covers "
                    + partitions.range() + ", asked for is " + range + ". Name another set, or clear the checkpoint.");
        }
        return partitions.partitions();
    }

    private static PartitionSet newPlan(PartitionClient client, Payload payload, Partition range) {
        int targetRows = payload.number("targetRows", DEFAULT_TARGET_ROWS, 1, Integer.MAX_VALUE);
        PartitionSet partitions = payload.has("pivots")
                ? PartitionSet.fromPivots(payload.pivots("pivots", MAX_PIVOTS))
                : PartitionSet.fromPivots(Pivots.balanced(client, range, targetRows));
        return partitions.clip(range);
    }

    /** The sequence is read before anything is walked, so that no change can slip between the walk and the feed. */
    private static Header header(List<Partition> partitions, Optional<Header> known, String form, WorkContext context) {
        PartitionClient client = context.partitions();
        return new Header(
                known.map(Header::runId).orElseGet(() -> UUID.randomUUID().toString()),
                known.map(Header::startedAt).orElseGet(() -> context.clock().instant()),
                client.origin().toString(),
                form,
                known.isPresent() ? known.get().sequence() : sequence(client),
                partitions.stream()
                        .map(partition -> partition.key(client.origin()))
                        .toList());
    }

    private static JsonNode sequence(PartitionClient client) {
        return client.info().updateSeq().toJson();
    }

    private static WorkResult expand(SetPlan plan, boolean fetch, int batch, int priority, WorkContext context) {
        List<WorkItem> items = new ArrayList<>(ITEMS_AT_ONCE);
        int total = plan.header().partitions().size();
        int expanded = 0;
        for (int index = 0; index < total; index++) {
            if (!plan.isWalked(index) || (fetch && !plan.isFetched(index))) {
                items.add(PartitionProcessor.item(plan, index, 0, fetch, batch, priority));
                expanded++;
            }
            if (items.size() == ITEMS_AT_ONCE || index == total - 1) {
                context.enqueue(items);
                items.clear();
            }
        }
        ObjectNode details = JsonNodeFactory.instance.objectNode();
        details.put("set", plan.set()).put("run", plan.header().runId());
        details.put("partitions", total).put("open", expanded);
        return new WorkResult(1, details);
    }
}
