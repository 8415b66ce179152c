package io.alldocs.storage.fastly;

import io.alldocs.cache.spi.ParallelBatches;
import io.alldocs.cache.spi.StoredEntry;
import io.alldocs.http.ClientRequest;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;

/** Stores many entries as items of a KV store, several per request. */
final class BatchWriter {
    /** Maximum values in one request; Fastly documents no limit. */
    static final int MAX_BATCH = 100;

    /**
     * Maximum bytes of values in one such request. Values over half of this size are sent in a request of their own.
     */
    private static final long MAX_BATCH_BYTES = 2 << 20;

    private static final int BAD_REQUEST = 400;
    private static final int TOO_LARGE = 413;

    private final FastlyStore store;
    private final ItemPaths paths;
    private final ItemWriter writer;

    BatchWriter(FastlyStore store, ItemPaths paths, ItemWriter writer) {
        this.store = store;
        this.paths = paths;
        this.writer = writer;
    }

    /** @param concurrency maximum number of parallel requests */
    void put(Map<String, StoredEntry> entries, int concurrency, Executor executor) {
        store.support().requireAll(entries);
        ParallelBatches.each(batches(entries), concurrency, executor, this::storeAll);
    }

    private static List<List<Map.Entry<String, StoredEntry>>> batches(Map<String, StoredEntry> entries) {
        List<List<Map.Entry<String, StoredEntry>>> batches = new ArrayList<>();
        List<Map.Entry<String, StoredEntry>> batch = new ArrayList<>();
        long bytes = 0;
        for (Map.Entry<String, StoredEntry> entry : entries.entrySet()) {
            long size = entry.getValue().body().sizeBytes();
            if (size > MAX_BATCH_BYTES / 2) {
                batches.add(List.of(entry));
                continue;
            }
            if (batch.size() == MAX_BATCH || bytes + size > MAX_BATCH_BYTES) {
                batches.add(batch);
                batch = new ArrayList<>();
                bytes = 0;
            }
            batch.add(entry);
            bytes += size;
        }
        if (!batch.isEmpty()) {
            batches.add(batch);
        }
        return batches;
    }

    /**
     * Stores a batch, then stores the items that the batch did not complete one at a time. The error of an item's own
     * request reports the reason.
     */
    private void storeAll(List<Map.Entry<String, StoredEntry>> batch) {
        Collection<Map.Entry<String, StoredEntry>> left = batch.size() == 1 ? batch : leftBy(batch);
        left.forEach(entry -> writer.put(
                entry.getKey(), entry.getValue().head(), entry.getValue().body()));
    }

    private Collection<Map.Entry<String, StoredEntry>> leftBy(List<Map.Entry<String, StoredEntry>> batch) {
        List<Batch.Line> lines = batch.stream().map(this::line).toList();
        ClientRequest call = store.api()
                .put(paths.batch(), Batch.body(lines))
                .withHeader("content-type", "application/x-ndjson")
                .accepting(BAD_REQUEST, TOO_LARGE);
        Set<Integer> left = store.send(
                "store " + batch.size() + " values from",
                batch.get(0).getKey(),
                call,
                reply -> Batch.left(
                        lines, reply.status() < BAD_REQUEST, reply.body().readAllBytes()));
        store.seen();
        return left.stream().map(batch::get).toList();
    }

    private Batch.Line line(Map.Entry<String, StoredEntry> entry) {
        ItemWriter.Value value = writer.value(
                entry.getKey(), entry.getValue().head(), entry.getValue().body(), /* write= */ null);
        return new Batch.Line(store.support().nameOf(entry.getKey()), value.bytes(), value.metadata());
    }
}
