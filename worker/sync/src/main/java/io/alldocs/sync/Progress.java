package io.alldocs.sync;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.alldocs.cache.entry.IntegrityException;
import io.alldocs.partition.Change;
import io.alldocs.partition.PartitionSet;
import io.alldocs.partition.Sequence;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The records of a job's progress. They contain the sequence up to which the feed was followed. For each partition,
 * they contain whether it is stale and which names are to be retried. Each partition has one writer at a time, so no
 * executor overwrites another one's progress. Read on first use. Safe for concurrent use: the lock of the
 * {@link JobRecords} guards all fields.
 */
final class Progress {
    /**
     * Maximum number of pending retries, of which there are usually few. A job stops if its registry cannot serve
     * 10,000 changed names.
     */
    private static final int MAX_RETRIES = 10_000;

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

    private <T> T loaded(Supplier<T> read) {
        return records.locked(() -> {
            load();
            return read.get();
        });
    }

    private void change(Runnable change) {
        records.change(() -> {
            load();
            change.run();
        });
    }

    /** Returns the sequence up to which the feed was followed. */
    Optional<Sequence> sequence() {
        return loaded(() -> Optional.ofNullable(sequence));
    }

    Optional<Instant> followedAt() {
        return loaded(() -> Optional.ofNullable(followedAt));
    }

    /** Returns the partitions that have changed since they were listed. */
    Set<Integer> stale() {
        return loaded(() -> new TreeSet<>(stale));
    }

    Map<String, PendingRetry> retries() {
        return loaded(() -> new LinkedHashMap<>(retries));
    }

    boolean isRetried(String name) {
        return loaded(() -> retries.containsKey(name));
    }

    int pendingRetries() {
        return loaded(retries::size);
    }

    /**
     * Returns the retry for {@code change}. If a page is read again after an interrupt, the number of tries continues.
     */
    PendingRetry retryFor(Change change) {
        return loaded(() -> {
            PendingRetry fresh = new PendingRetry(change.rev(), change.deleted());
            PendingRetry known = retries.getOrDefault(change.id(), fresh);
            return known.rev().equals(fresh.rev()) && known.deleted() == fresh.deleted() ? known : fresh;
        });
    }

    /**
     * Records the sequence up to which the feed was followed. Before that, it records which partitions have changed
     * since they were listed, and the pending retries.
     */
    void advance(Sequence to, Set<Integer> touched) {
        change(() -> {
            touched.forEach(partition -> stale(partition, true));
            writeRetries();
            follow(to, followedAt);
        });
    }

    /** Records that the end of the feed was reached at {@code when}. */
    void followedToTheEnd(Instant when) {
        change(() -> follow(Objects.requireNonNull(sequence), when));
    }

    private void follow(Sequence to, @Nullable Instant endSeenAt) {
        sequence = to;
        followedAt = endSeenAt;
        ObjectNode json = RecordStore.object();
        json.set("sequence", to.toJson().as(JsonNode.class));
        records.write(prefix() + "sequence", json.put("followedAt", RecordStore.text(endSeenAt)));
    }

    /** Records that a stale partition was listed again. */
    void listedAgain(int partition) {
        change(() -> stale(partition, false));
    }

    /** Records partitions that are to be listed again. */
    void distrust(Set<Integer> partitions) {
        change(() -> partitions.forEach(partition -> stale(partition, true)));
    }

    /**
     * Marks a partition as stale or current. It writes the record before it changes memory, so that the next call
     * repeats a failed write.
     */
    private void stale(int partition, boolean isStale) {
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

    /**
     * Adds {@code name} to the retries, because a change of it is still to be fetched. The next {@link #advance} or
     * {@link #saveRetries} writes it.
     *
     * @throws TooManyRetriesException if there are more than 10,000
     */
    void retry(String name, PendingRetry retry) {
        change(() -> {
            retries.put(name, retry);
            unsaved.add(name);
            if (retries.size() > MAX_RETRIES) {
                throw new TooManyRetriesException(MAX_RETRIES);
            }
        });
    }

    void settle(String name) {
        change(() -> {
            if (retries.remove(name) != null) {
                unsaved.add(name);
            }
        });
    }

    void saveRetries() {
        change(this::writeRetries);
    }

    private void writeRetries() {
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
        change(() -> {
            unsaved.addAll(retries.keySet());
            writeRetries();
            stale.forEach(partition -> saveStale(partition, true));
            Sequence position = sequence;
            if (position != null) {
                follow(position, followedAt);
            }
        });
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
            Instant seen = RecordStore.instant(json.path("followedAt"));
            sequence = RecordStore.sequence(json.path("sequence"));
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
        sequence = RecordStore.sequence(json.path("sequence"));
        followedAt = RecordStore.instant(json.path("followedAt"));
        json.path("stale").forEach(index -> stale.add(index.asInt()));
        json.path("owed").properties().forEach(this::restore);
    }

    /** Restores one retry. Earlier versions also retried ids that cannot be requested from a registry. */
    private void restore(Map.Entry<String, JsonNode> change) {
        if (PackumentFetch.isAskable(change.getKey())) {
            retries.put(change.getKey(), PendingRetry.of(change.getValue()));
        }
    }
}
