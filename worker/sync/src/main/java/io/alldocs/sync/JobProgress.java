package io.alldocs.sync;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.alldocs.cache.Cache;
import io.alldocs.cache.JsonTree;
import io.alldocs.cache.PartitionCheckpoint;
import io.alldocs.partition.Sequence;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The progress of a job in names, according to its records. Every process that reads them gets the same values.
 *
 * @param id of the job
 * @param what a description of the names and their source
 * @param partitions in the plan
 * @param listed partitions whose names are listed
 * @param names names in those
 * @param withOutcome names that have an outcome; 0 if the job lists only names
 * @param complete partitions in which every name has an outcome
 * @param retries names whose change is still to be fetched
 * @param stale partitions that changed since they were listed
 * @param from the sequence of the feed before the names were listed, or null
 * @param position sequence up to which the feed was followed, or null
 * @param followed when the end of the feed was last reached, or null
 * @param begun when the current baseline began
 * @param finished when a run of this baseline finished, or null
 */
public record JobProgress(
        String id,
        String what,
        int partitions,
        int listed,
        long names,
        long withOutcome,
        int complete,
        int retries,
        int stale,
        @Nullable Sequence from,
        @Nullable Sequence position,
        @Nullable Instant followed,
        Instant begun,
        @Nullable Instant finished) {

    /** Returns how many names there will be, estimated from the partitions that are listed; 0 while none is. */
    public long expectedNames() {
        return listed == 0 ? 0 : names * partitions / listed;
    }

    /** Returns the progress as JSON; times are in ISO 8601, and unknown values are null. */
    public JsonTree toJson() {
        ObjectNode json = RecordStore.object().put("job", id).put("what", what);
        json.putObject("names").put("done", names).put("total", expectedNames()).put("estimated", listed < partitions);
        json.putObject("packuments")
                .put("done", withOutcome)
                .put("total", expectedNames())
                .put("estimated", listed < partitions);
        json.putObject("partitions")
                .put("total", partitions)
                .put("listed", listed)
                .put("complete", complete);
        json.put("retries", retries).put("stalePartitions", stale);
        json.set("from", from == null ? null : from.toJson().as(JsonNode.class));
        json.set("sequence", position == null ? null : position.toJson().as(JsonNode.class));
        json.put("followedAt", RecordStore.text(followed));
        json.put("begun", begun.toString()).put("finished", RecordStore.text(finished));
        return JsonTree.of(json);
    }

    /**
     * Reads the progress of one job repeatedly. A partition that was complete is not read again. Safe for concurrent
     * use.
     */
    public static final class Reader {
        private final Cache checkpoints;
        private final String job;
        private final int batchNames;
        private final ReentrantLock lock = new ReentrantLock();
        private String run = "";
        private Set<Integer> stale = Set.of();
        private final Counted listed = new Counted();
        private final Counted fetched = new Counted();

        /**
         * @param checkpoints where the job's records are
         * @param batchNames names in a batch of the job's executor
         */
        public Reader(Cache checkpoints, String job, int batchNames) {
            this.checkpoints = checkpoints;
            this.job = job;
            this.batchNames = batchNames;
        }

        /** Partitions that were complete at an earlier read, and the number of names in each. */
        private static final class Counted {
            private final Map<Integer, Long> names = new HashMap<>();

            long sum() {
                return names.values().stream().mapToLong(Long::longValue).sum();
            }
        }

        /** Returns the progress now; empty when the job never began. */
        public Optional<JobProgress> read() {
            lock.lock();
            try {
                JobRecords records = JobRecords.read(checkpoints, job);
                if (!records.exists()) {
                    return Optional.empty();
                }
                if (!records.run().equals(run)) {
                    run = records.run();
                    listed.names.clear();
                    fetched.names.clear();
                }
                forgetListedAgain(records.progress().stale());
                PartitionCheckpoint names = new PartitionCheckpoint(checkpoints, job + "-names");
                PartitionCheckpoint outcomes = new PartitionCheckpoint(checkpoints, job + "-packuments");
                int total = records.hasBegun() ? partitions(names, outcomes) : 0;
                count(names, total, listed);
                List<Integer> open = count(outcomes, total, fetched);
                long inBatches = 0;
                for (int partition : open) {
                    inBatches += listed.names.containsKey(partition) ? namesInBatches(records, names, partition) : 0;
                }
                return Optional.of(new JobProgress(
                        job,
                        records.what(),
                        total,
                        listed.names.size(),
                        listed.sum(),
                        fetched.sum() + inBatches,
                        fetched.names.size(),
                        records.progress().pendingRetries(),
                        records.progress().stale().size(),
                        records.from().orElse(null),
                        records.progress().sequence().orElse(null),
                        records.progress().followedAt().orElse(null),
                        records.baseline(),
                        records.finishedAt().orElse(null)));
            } finally {
                lock.unlock();
            }
        }

        /**
         * Removes partitions that were stale at the last read from the counts: they may be listed again by now, with
         * other names.
         */
        private void forgetListedAgain(Set<Integer> nowStale) {
            listed.names.keySet().removeAll(stale);
            fetched.names.keySet().removeAll(stale);
            stale = nowStale;
        }

        private static int partitions(PartitionCheckpoint names, PartitionCheckpoint outcomes) {
            return Math.max(
                    SyncContext.partitionsOf(names).size(),
                    SyncContext.partitionsOf(outcomes).size());
        }

        /** @return the partitions that are not complete */
        private static List<Integer> count(PartitionCheckpoint checkpoint, int total, Counted known) {
            List<Integer> open = new ArrayList<>();
            for (int i = 0; i < total; i++) {
                if (known.names.containsKey(i)) {
                    continue;
                }
                PartitionCheckpoint.Record record = checkpoint.record(i);
                if (record.state() == PartitionCheckpoint.State.COMPLETE) {
                    known.names.put(i, Numbers.longValue(record.details().get("rows")));
                } else {
                    open.add(i);
                }
            }
            return open;
        }

        private long namesInBatches(JobRecords records, PartitionCheckpoint names, int partition) {
            long rows = Numbers.longValue(names.record(partition).details().get("rows"));
            long sum = 0;
            for (int batch = 0; (long) batch * batchNames < rows; batch++) {
                sum += records.recorded(Batches.key(job, partition, batchNames, batch))
                        .map(json -> json.path("details").path("rows").asLong())
                        .orElse(0L);
            }
            return sum;
        }
    }
}
