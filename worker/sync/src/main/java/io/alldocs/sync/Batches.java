package io.alldocs.sync;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.alldocs.cache.CacheMode;
import io.alldocs.cache.PartitionCheckpoint;
import io.alldocs.cache.PartitionCheckpoint.Record;
import io.alldocs.cache.RequestOptions;
import io.alldocs.partition.Partition;
import io.alldocs.partition.PartitionRow;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.function.LongConsumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The step "fetch" for executors that share a partition. Each batch has its own record, and the executor that finishes
 * the last batch adds the records up. Any processes may fetch batches of one partition at the same time.
 */
final class Batches {
    private final SyncContext context;
    private final int partition;
    private final int names;
    private final Partition range;
    private final long rows;
    private final @Nullable Record listing;
    private final BooleanSupplier isAbandoned;
    private final LongConsumer counted;

    /**
     * @param isAbandoned once it returns true, no further name is requested
     * @param counted called with the number of names that have received an outcome
     * @throws UnlistedException if the partition is not listed
     */
    Batches(SyncContext context, int partition, int names, BooleanSupplier isAbandoned, LongConsumer counted) {
        this.context = context;
        this.isAbandoned = isAbandoned;
        this.counted = counted;
        this.names = names;
        this.partition = partition;
        Optional<NameList> list = context.job().names();
        if (list.isPresent()) {
            this.range = Partition.all();
            this.rows = list.get().count();
            this.listing = null;
            return;
        }
        PartitionCheckpoint listed = context.listed();
        this.range = Partition.of(SyncContext.partitionsOf(listed).get(partition));
        Record record = listed.record(partition);
        if (record.state() != PartitionCheckpoint.State.COMPLETE) {
            throw new UnlistedException(range);
        }
        this.rows = Numbers.longValue(record.details().get("rows"));
        this.listing = record;
    }

    private NameSource.Rows names() {
        Record stored = listing;
        return stored == null
                ? new FileNames(context.job().names().orElseThrow()).rows()
                : new PageRows(
                        context.partitions().rows(range, RequestOptions.of(CacheMode.ONLY_IF_CACHED)),
                        failure -> new LostPages(context).failure(partition, stored, failure));
    }

    private long listedAt() {
        return listing == null ? 0 : listing.at().toEpochMilli();
    }

    int count() {
        return (int) Math.max(1, (rows + names - 1) / names);
    }

    /** Returns the number of names in one batch. */
    long size(int batch) {
        return new Slice(batch).size;
    }

    /** Returns the batches that have no record yet. */
    List<Integer> open() {
        if (SyncContext.isComplete(context.fetched(), partition)) {
            return List.of();
        }
        return IntStream.range(0, count())
                .filter(batch -> recorded(batch).isEmpty())
                .boxed()
                .toList();
    }

    /** Deletes the records of batches with malformed names. */
    void reopenMalformed() {
        IntStream.range(0, count())
                .filter(batch -> recorded(batch)
                        .filter(record -> record.path("details").has(SyncResult.MALFORMED))
                        .isPresent())
                .forEach(batch -> context.records().store().delete(key(batch)));
    }

    /**
     * Fetches an outcome for every name of one batch.
     *
     * @return whether the partition is complete now
     * @throws IncompleteBatchException if requests of the batch failed
     * @throws UnlistedException if the store has lost pages of the partition
     */
    boolean fetch(int batch) {
        PartitionCheckpoint fetched = context.fetched();
        fetched.header();
        if (SyncContext.isComplete(fetched, partition)) {
            return true;
        }
        if (recorded(batch).isEmpty()) {
            context.tally().beginRound();
            BatchLedger ledger = new BatchLedger(batch);
            PermanentFailures permanent = new PermanentFailures();
            new PackumentFetch(context, ledger, ledger.lagging::put, permanent, isAbandoned, counted)
                    .pass(new Slice(batch));
            if (recorded(batch).isEmpty()) {
                long failed = context.tally().failed();
                boolean mayPass = failed == 0 || failed > permanent.size();
                throw new IncompleteBatchException(range, batch, context.tally().failures(), mayPass);
            }
        }
        return completeIfAllAreThere();
    }

    private boolean completeIfAllAreThere() {
        Map<String, Object> sums = new TreeMap<>();
        Map<String, PendingRetry> lagging = new LinkedHashMap<>();
        for (int batch = 0; batch < count(); batch++) {
            Optional<JsonNode> record = recorded(batch);
            if (record.isEmpty()) { // not fetched yet, or removed by the process that completed the partition
                return SyncContext.isComplete(context.fetched(), partition);
            }
            record.get()
                    .path("details")
                    .properties()
                    .forEach(count -> sums.merge(
                            count.getKey(),
                            count.getValue().asLong(),
                            (one, other) -> Numbers.longValue(one) + Numbers.longValue(other)));
            record.get()
                    .path("lagging")
                    .properties()
                    .forEach(name -> lagging.put(name.getKey(), PendingRetry.of(name.getValue())));
        }
        lagging.forEach(context.records().progress()::retry);
        context.records().progress().saveRetries();
        context.fetched().markComplete(partition, sums);
        IntStream.range(0, count()).forEach(batch -> context.records().store().delete(key(batch)));
        return true;
    }

    private String key(int batch) {
        return key(context.job().id(), partition, names, batch);
    }

    /** Returns the key of a batch's record; batches of another size have other records. */
    static String key(String job, int partition, int names, int batch) {
        return "v1:sync:" + job + ":batch:" + partition + ':' + names + ':' + batch;
    }

    /**
     * Returns the record of a batch; a batch of an earlier listing of the partition contains other names, so its record
     * is ignored.
     */
    private Optional<JsonNode> recorded(int batch) {
        return context.records()
                .recorded(key(batch))
                .filter(json -> json.path("listedAt").asLong() == listedAt());
    }

    private final class BatchLedger implements PackumentFetch.Ledger {
        private final int batch;
        private final Map<String, PendingRetry> lagging = new LinkedHashMap<>();

        BatchLedger(int batch) {
            this.batch = batch;
        }

        @Override
        public boolean isComplete(int part) {
            return false;
        }

        @Override
        public void markComplete(int part, Map<String, Object> details) {
            ObjectNode json = RecordStore.object().put("listedAt", listedAt());
            ObjectNode counts = json.putObject("details");
            details.forEach((outcome, count) -> counts.put(outcome, Numbers.longValue(count)));
            ObjectNode late = json.putObject("lagging");
            lagging.forEach((name, retry) -> late.set(name, retry.toJson()));
            context.records().write(key(batch), json);
        }

        @Override
        public void markPending(int part, Map<String, Object> details) {
            // Ignored: the batch is fetched again, and each stored name only costs a read of its metadata.
        }
    }

    /** The stored names of one batch. */
    private final class Slice implements NameSource {
        private final long first;
        private final long size;

        Slice(int batch) {
            this.first = (long) batch * names;
            this.size = Math.max(0, Math.min(names, rows - first));
        }

        @Override
        public List<Partition> partitions() {
            return List.of(range);
        }

        @Override
        public long size(int index) {
            return size;
        }

        @Override
        public Rows rows() {
            Rows stored = names();
            for (long skipped = 0; skipped < first && stored.hasNext(); skipped++) {
                stored.next();
            }
            return new Rows() {
                private long left = size;

                @Override
                public boolean hasNext() {
                    return left > 0 && stored.hasNext();
                }

                @Override
                public PartitionRow next() {
                    left--;
                    return stored.next();
                }

                @Override
                public void close() {
                    stored.close();
                }
            };
        }
    }
}
