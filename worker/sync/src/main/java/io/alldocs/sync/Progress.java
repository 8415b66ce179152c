package io.alldocs.sync;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.alldocs.cache.JsonTree;
import io.alldocs.cache.entry.IntegrityException;
import io.alldocs.partition.PartitionSet;
import io.alldocs.partition.Sequence;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The records of a job's progress. They contain the sequence up to which the feed was followed. For each partition,
 * they contain whether it is stale and which names are to be retried. Each partition has one writer at a time, so no
 * executor overwrites another one's progress. Read on first use; guarded by its {@link JobRecords}.
 */
final class Progress {
    private static final Logger LOG = System.getLogger(Progress.class.getName());

    private final JobRecords records;
    private final TreeSet<Integer> stale = new TreeSet<>();
    private final Map<String, PendingRetry> retries = new LinkedHashMap<>();
    private final Set<String> unsaved = new TreeSet<>();

    /** Partitions with a record that cannot be read. Retries may be missing until their changes are read again. */
    private final Set<Integer> damaged = new TreeSet<>();

    private @Nullable Sequence sequence;
    private @Nullable Instant followedAt;
    private @Nullable PartitionSet plan;
    private boolean loaded;

    Progress(JobRecords records) {
        this.records = records;
    }

    /** Starts without any progress; from now on, records of an earlier run count as absent. */
    void begin(@Nullable Sequence from) {
        forget(from);
        loaded = true;
    }

    private void forget(@Nullable Sequence from) {
        stale.clear();
        retries.clear();
        unsaved.clear();
        damaged.clear();
        sequence = from;
        followedAt = null;
        plan = null;
    }

    @Nullable
    Sequence sequence() {
        load();
        return sequence;
    }

    @Nullable
    Instant followedAt() {
        load();
        return followedAt;
    }

    Set<Integer> stale() {
        load();
        return stale;
    }

    Map<String, PendingRetry> retries() {
        load();
        return retries;
    }

    void follow(Sequence to, @Nullable Instant endSeenAt) {
        load();
        sequence = to;
        followedAt = endSeenAt;
        ObjectNode json = RecordStore.object();
        json.set("sequence", to.toJson().as(JsonNode.class));
        records.write(prefix() + "sequence", json.put("followedAt", RecordStore.text(endSeenAt)));
    }

    /**
     * Marks a partition as stale or current. It writes the record before it changes memory, so that the next call
     * repeats a failed write.
     */
    void stale(int partition, boolean isStale) {
        load();
        if (stale.contains(partition) == isStale && !damaged.contains(partition)) {
            return;
        }
        saveStale(partition, isStale);
        if (isStale) {
            stale.add(partition);
        } else {
            stale.remove(partition);
        }
    }

    private void saveStale(int partition, boolean isStale) {
        records.write(prefix() + "stale:" + partition, RecordStore.object().put("stale", isStale));
    }

    /** Adds a retry and returns the number of pending retries. */
    int retry(String name, PendingRetry change) {
        load();
        retries.put(name, change);
        unsaved.add(name);
        return retries.size();
    }

    void settle(String name) {
        load();
        if (retries.remove(name) != null) {
            unsaved.add(name);
        }
    }

    void saveRetries() {
        load();
        Set<Integer> partitions = new TreeSet<>(damaged);
        unsaved.forEach(name -> partitions.add(partitionOf(name)));
        Sequence position = sequence;
        if (!damaged.isEmpty() && position != null) {
            // before the damaged record is overwritten, because its names would be lost otherwise
            follow(position, followedAt);
        }
        if (!partitions.isEmpty()) {
            saveRetries(partitions);
        }
        unsaved.clear();
        damaged.clear();
    }

    private void saveRetries(Set<Integer> partitions) {
        Map<Integer, ObjectNode> byPartition = new LinkedHashMap<>();
        partitions.forEach(partition -> byPartition.put(partition, RecordStore.object()));
        retries.forEach((name, change) -> {
            ObjectNode names = byPartition.get(partitionOf(name));
            if (names != null) {
                names.set(name, change.toJson());
            }
        });
        byPartition.forEach((partition, names) -> {
            ObjectNode json = RecordStore.object();
            json.set("retries", names);
            records.write(prefix() + "retries:" + partition, json);
        });
    }

    /** Writes all records of the progress that an earlier version kept in the header. */
    void saveAll() {
        load();
        unsaved.addAll(retries.keySet());
        saveRetries();
        stale.forEach(partition -> saveStale(partition, true));
        Sequence position = sequence;
        if (position != null) {
            follow(position, followedAt);
        }
    }

    private int partitionOf(String name) {
        PartitionSet known = plan;
        if (known == null) {
            known = records.plan().orElseThrow(() -> new IllegalStateException("The job has no plan yet."));
            plan = known;
        }
        return known.indexOf(name);
    }

    private String prefix() {
        return "v1:sync:" + records.job() + ':';
    }

    /**
     * Reads the records. If the store fails before the last one is read, the next call reads all of them again. An
     * incomplete set of retries must not replace the stored one.
     */
    private void load() {
        if (loaded) {
            return;
        }
        forget(records.from().orElse(null));
        records.recorded(prefix() + "sequence").ifPresent(this::restoreSequence);
        for (String key : keys()) {
            int partition = Integer.parseInt(key.substring(key.lastIndexOf(':') + 1));
            try {
                records.intact(key).ifPresent(json -> restore(partition, json));
            } catch (IntegrityException | IllegalArgumentException | DateTimeException e) {
                LOG.log(Level.WARNING, "The record {0} is damaged; the changes of its partition are read again.", key);
                damaged.add(partition);
                stale.add(partition);
            }
        }
        if (!damaged.isEmpty()) {
            sequence = records.from().orElse(null);
        }
        loaded = true;
    }

    private void restore(int partition, JsonNode json) {
        if (json.path("stale").asBoolean()) {
            stale.add(partition);
        }
        json.path("retries").properties().forEach(this::restore);
    }

    /**
     * Restores the sequence. Without it, the changes since the baseline are read again, and only names with another
     * stored revision are requested.
     */
    private void restoreSequence(JsonNode json) {
        try {
            Instant seen = instant(json.path("followedAt"));
            sequence = sequence(json.path("sequence"));
            followedAt = seen;
        } catch (IllegalArgumentException | DateTimeException e) {
            LOG.log(Level.WARNING, "The sequence of {0} is damaged; its changes are read again.", records.job());
        }
    }

    /**
     * Returns the keys of the records. A store without ordered keys would list all its keys to find a few, so the
     * possible keys are derived from the plan.
     */
    private List<String> keys() {
        if (!records.store().cache().capabilities().orderedListing()) {
            int partitions = records.plan().map(PartitionSet::size).orElse(0);
            return IntStream.range(0, partitions)
                    .boxed()
                    .flatMap(index -> Stream.of(prefix() + "stale:" + index, prefix() + "retries:" + index))
                    .toList();
        }
        try (Stream<String> keys = records.store().cache().keys(prefix())) {
            return keys.filter(key -> key.contains(":stale:") || key.contains(":retries:"))
                    .toList();
        }
    }

    /** Restores the progress from a header of version 1, which contained everything. */
    void restoreVersion1(JsonNode json) {
        loaded = true;
        sequence = sequence(json.path("sequence"));
        followedAt = instant(json.path("followedAt"));
        json.path("stale").forEach(index -> stale.add(index.asInt()));
        json.path("owed").properties().forEach(this::restore);
    }

    /** Restores one retry. Earlier versions also retried ids that cannot be requested from a registry. */
    private void restore(Map.Entry<String, JsonNode> change) {
        if (PackumentFetch.isAskable(change.getKey())) {
            retries.put(change.getKey(), PendingRetry.of(change.getValue()));
        }
    }

    static @Nullable Sequence sequence(JsonNode json) {
        return json.isNull() || json.isMissingNode() ? null : Sequence.of(JsonTree.of(json));
    }

    static @Nullable Instant instant(JsonNode json) {
        return json.isTextual() ? Instant.parse(json.asText()) : null;
    }
}
