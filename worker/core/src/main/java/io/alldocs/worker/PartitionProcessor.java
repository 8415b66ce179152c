package io.alldocs.worker;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.alldocs.cache.CacheMode;
import io.alldocs.cache.RequestOptions;
import io.alldocs.partition.Partition;
import io.alldocs.partition.PartitionResult;
import io.alldocs.partition.PartitionRows;
import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * {@code partition}: walks one partition of a set and records it as complete once its pages are stored; then, if packuments are wanted, adds a
 * {@code packument} item for each batch of its names. Those have a higher priority, so a partition is begun only when no packuments wait: what is in the queue stays
 * in proportion to the number of workers. Of a very large partition {@value #BATCHES_AT_ONCE} batches are added at a time, and an item to go on from there.
 *
 * <p>Payload of a partition of a set: {@code set}, {@code run}, {@code index}, {@code packuments}, {@code batch}, {@code from} (the first batch).
 * Payload of any other partition: {@code startKey} and {@code endKey}, null or absent for an open end. Its pages are stored, and nothing is recorded.
 */
final class PartitionProcessor implements Processor {
    static final String TYPE = "partition";

    static final int BATCHES_AT_ONCE = 200;

    @Override
    public String type() {
        return TYPE;
    }

    static WorkItem item(SetPlan plan, int index, int from, boolean fetch, int batch, int priority) {
        ObjectNode payload = JsonNodeFactory.instance.objectNode();
        payload.put("set", plan.set()).put("run", plan.header().runId()).put("index", index);
        payload.put("packuments", fetch).put("batch", batch).put("from", from);
        String id = from == 0 ? plan.id(TYPE, index) : plan.id(TYPE, index) + ":" + from;
        return WorkItem.of(TYPE, id, payload).withPriority(Math.max(WorkItem.MIN_PRIORITY, priority - 1));
    }

    @Override
    public WorkResult process(WorkItem item, WorkContext context) {
        Payload payload = new Payload(item);
        if (!payload.has("set")) {
            return range(payload, context);
        }
        String set = SetPlan.requireName(payload.text("set"));
        Optional<SetPlan> found = SetPlan.find(context, set, payload.text("run"));
        if (found.isEmpty()) {
            return WorkResult.of(0); // of a run that is over
        }
        SetPlan plan = found.get();
        int index = payload.number("index", -1, 0, plan.header().partitions().size() - 1);
        long rows = walk(plan, index, context);
        if (payload.flag("packuments") && !plan.isFetched(index)) {
            new Expansion(
                            plan,
                            index,
                            payload.number("batch", PackumentProcessor.DEFAULT_BATCH, 1, PackumentProcessor.MAX_BATCH),
                            payload.number("from", 0, 0, Integer.MAX_VALUE),
                            item.priority(),
                            context)
                    .run();
        }
        return WorkResult.of(rows);
    }

    /** What the JavaScript project documents. Pages of an earlier attempt are not requested again while they are fresh. */
    private static WorkResult range(Payload payload, WorkContext context) {
        Partition range = Partition.of(
                payload.optionalText("startKey").orElse(null),
                payload.optionalText("endKey").orElse(null));
        AtomicLong rows = new AtomicLong();
        AtomicLong pages = new AtomicLong();
        AtomicReference<@Nullable RuntimeException> failed = new AtomicReference<>();
        context.partitions()
                .requestAll(
                        List.of(range),
                        RequestOptions.DEFAULT,
                        page -> {
                            rows.addAndGet(page.rows());
                            pages.incrementAndGet();
                            keep(page, context);
                        },
                        (partition, failure) -> failed.set(failure));
        RuntimeException failure = failed.get();
        if (failure != null) {
            throw failure;
        }
        ObjectNode details = JsonNodeFactory.instance.objectNode();
        details.put("rows", rows.get()).put("pages", pages.get());
        return new WorkResult(rows.get(), details);
    }

    /** Pages are read again soon after they were stored, so the client keeps them with the checkpoints. */
    private static void keep(PartitionResult page, WorkContext context) {
        if (context.cache() != context.checkpoints()) {
            URI origin = context.partitions().origin();
            context.cache().set(page.partition().key(origin).toString(), page.entry());
        }
    }

    private static long walk(SetPlan plan, int index, WorkContext context) {
        AtomicLong rows = new AtomicLong();
        context.partitions().request(plan.names(), index, RequestOptions.of(CacheMode.RELOAD), page -> {
            rows.addAndGet(page.rows());
            keep(page, context);
        });
        return rows.get();
    }

    /** Some batches of a partition's names on their way into the queue. */
    private record Expansion(SetPlan plan, int index, int batch, int from, int priority, WorkContext context) {

        void run() {
            Map<Integer, List<String>> window = new LinkedHashMap<>();
            long names = read(window);
            int batches = Math.toIntExact((names + batch - 1) / batch);
            if (plan.isFetched(index)) {
                return; // by who did this item before, while the names were read here
            }
            if (from == 0 && !plan.packuments().record(index).details().containsKey("batches")) {
                // Once: who did this item before may be at its end, and what says so is not to be undone.
                plan.packuments().markPending(index, Map.of("names", names, "batches", batches));
            }
            BatchLedger ledger = new BatchLedger(plan, index, batches, context);
            List<WorkItem> items = new ArrayList<>();
            window.forEach((number, its) -> {
                if (!ledger.has(number)) {
                    items.add(item(number, batches, its));
                }
            });
            context.enqueue(items);
            int next = from + BATCHES_AT_ONCE;
            if (next < batches) {
                context.enqueue(List.of(PartitionProcessor.item(plan, index, next, true, batch, priority + 1)));
            }
            ledger.completeIfDone(0);
        }

        /** @return how many names there are in all; those of this window come into {@code window} */
        private long read(Map<Integer, List<String>> window) {
            long names = 0;
            try (PartitionRows rows =
                    context.partitions().rows(plan.partition(index), RequestOptions.of(CacheMode.ONLY_IF_CACHED))) {
                while (rows.hasNext()) {
                    String name = rows.next().id();
                    int number = (int) (names / batch);
                    if (number >= from && number < from + BATCHES_AT_ONCE) {
                        window.computeIfAbsent(number, n -> new ArrayList<>()).add(name);
                    }
                    names++;
                }
            }
            return names;
        }

        private WorkItem item(int number, int batches, List<String> names) {
            ObjectNode payload = JsonNodeFactory.instance.objectNode();
            payload.put("set", plan.set()).put("run", plan.header().runId()).put("index", index);
            payload.put("batch", number).put("batches", batches);
            ArrayNode array = payload.putArray("names");
            names.forEach(array::add);
            return WorkItem.of(PackumentProcessor.TYPE, plan.id(PackumentProcessor.TYPE, index) + ":" + number, payload)
                    .withPriority(Math.min(WorkItem.MAX_PRIORITY, priority + 1));
        }
    }
}
