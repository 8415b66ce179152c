package io.alldocs.worker;

import io.alldocs.cache.Cache;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Which batches of a partition are done, each in a record of its own: workers that finish batches at the same time never rewrite each other's. Whoever finds
 * that all are there marks the partition as complete; it is whoever looked last, since each writes before it looks. The records go when the partition is marked.
 */
final class BatchLedger {
    private final SetPlan plan;
    private final int index;
    private final int batches;
    private final Cache cache;
    private final String prefix;

    BatchLedger(SetPlan plan, int index, int batches, WorkContext context) {
        this.plan = plan;
        this.index = index;
        this.batches = batches;
        this.cache = context.checkpoints();
        String set = HexFormat.of().formatHex(plan.set().getBytes(StandardCharsets.UTF_8));
        this.prefix = "v1:batch:" + set + ':' + plan.header().runId() + ':' + index + ':';
    }

    boolean has(int batch) {
        return cache.has(prefix + batch);
    }

    /** To be called after what the batch speaks of is stored. */
    void add(int batch) {
        cache.set(prefix + batch, Map.of("at", cache.clock().millis()));
    }

    /** Looks first at what follows {@code batch}: while the partition is under way that is seldom done, and one look is enough. */
    void completeIfDone(int batch) {
        boolean done = IntStream.range(0, batches).allMatch(i -> has((batch + 1 + i) % batches));
        if (!done) {
            return;
        }
        Map<String, Object> details =
                new HashMap<>(plan.packuments().record(index).details());
        details.put("rows", details.getOrDefault("names", 0));
        plan.packuments().markComplete(index, details);
        List<String> records =
                IntStream.range(0, batches).mapToObj(i -> prefix + i).toList();
        cache.driver().deleteBatch(records);
    }
}
