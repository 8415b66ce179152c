package io.alldocs.worker;

import io.alldocs.cache.Cache;
import io.alldocs.cache.PartitionCheckpoint;
import io.alldocs.cache.PartitionCheckpoint.Header;
import io.alldocs.cache.PartitionCheckpoint.Progress;
import io.alldocs.cache.PartitionCheckpoint.Record;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;

/**
 * How far the known sets are, for whoever watches. The store is asked again only after a second, and after ten times as long as it took before; what was
 * complete is not asked for again. Safe for concurrent use.
 */
final class SetsProgress {
    private static final long LEAST_AGE_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final int AGE_TO_COST = 10;

    private final WorkContext context;
    private final Map<String, Watched> watched = new HashMap<>();
    private List<View> latest = List.of();
    private long dueAt = System.nanoTime();

    SetsProgress(WorkContext context) {
        this.context = context;
    }

    /** One set; packuments where they are wanted. */
    record View(String set, Progress names, Optional<Progress> packuments) {}

    synchronized List<View> look() {
        long start = System.nanoTime();
        if (start - dueAt >= 0) {
            latest = read();
            long cost = System.nanoTime() - start;
            dueAt = start + Math.max(LEAST_AGE_NANOS, AGE_TO_COST * cost);
        }
        return latest;
    }

    private List<View> read() {
        List<View> views = new ArrayList<>();
        Cache cache = context.checkpoints();
        if (!cache.driver().capabilities().readAfterWrite()) {
            return views; // no checkpoints are kept there
        }
        for (String set : new TreeSet<>(new KnownSets(cache).names())) {
            progress(SetPlan.names(context, set), "names:" + set)
                    .ifPresent(names -> views.add(
                            new View(set, names, progress(SetPlan.packuments(context, set), "packuments:" + set))));
        }
        return views;
    }

    private Optional<Progress> progress(PartitionCheckpoint checkpoint, String key) {
        return checkpoint.header().map(header -> {
            Watched known = watched.get(key);
            if (known == null || !known.run.equals(header.runId())) {
                known = new Watched(header);
                watched.put(key, known);
            }
            return known.progress(checkpoint);
        });
    }

    /** One checkpoint of one run. */
    private static final class Watched {
        private final String run;
        private final int total;
        private final BitSet complete = new BitSet();
        private long rowsOfComplete;

        Watched(Header header) {
            this.run = header.runId();
            this.total = header.partitions().size();
        }

        Progress progress(PartitionCheckpoint checkpoint) {
            int failed = 0;
            long rowsOfOthers = 0;
            for (int i = complete.nextClearBit(0); i < total; i = complete.nextClearBit(i + 1)) {
                Record record = checkpoint.record(i);
                long rows = record.details().get("rows") instanceof Number number ? number.longValue() : 0;
                switch (record.state()) {
                    case COMPLETE -> {
                        complete.set(i);
                        rowsOfComplete += rows;
                    }
                    case FAILED -> failed++;
                    case PENDING -> rowsOfOthers += rows;
                }
            }
            int done = complete.cardinality();
            return new Progress(total, done, failed, total - done - failed, rowsOfComplete + rowsOfOthers);
        }
    }
}
