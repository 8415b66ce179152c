package io.alldocs.cache.scan;

import io.alldocs.cache.CacheKey;
import io.alldocs.cache.entry.EntryMetadata;
import io.alldocs.cache.spi.StorageException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;

/**
 * Counts of the entries in a cache by kind and origin, computed from their metadata alone.
 *
 * @param groups in the order of kind and origin
 * @param damaged entries whose metadata cannot be read
 */
public record CacheInventory(List<Group> groups, long damaged) {
    /**
     * The kind of entries that are neither partitions nor packuments: checkpoints, notes, and the user's own values.
     */
    public static final String OTHER = "other";

    /** Copies the groups. */
    public CacheInventory {
        groups = List.copyOf(groups);
    }

    /**
     * The entries of one kind and origin, at least one.
     *
     * @param kind partition, packument, abbreviated or {@value CacheInventory#OTHER}
     * @param origin origin as written in keys; empty for {@value CacheInventory#OTHER}
     * @param bytes total size of all bodies as stored
     * @param outcomes number of entries per recorded outcome
     * @param oldest when the oldest body was requested
     * @param newest when the newest body was requested
     * @param largest size of the largest body
     * @param largestKey key of the largest body
     */
    public record Group(
            String kind,
            String origin,
            long entries,
            long bytes,
            Map<String, Long> outcomes,
            Instant oldest,
            Instant newest,
            long largest,
            String largestKey) {

        private static Group of(String kind, String origin, String key, EntryMetadata head) {
            Instant time = head.storedAt();
            return new Group(kind, origin, 0, 0, Map.of(), time, time, head.sizeBytes(), key).with(key, head);
        }

        private Group with(String key, EntryMetadata head) {
            Map<String, Long> counted = outcomes;
            if (head.outcome() != null) {
                counted = new TreeMap<>(outcomes);
                counted.merge(head.outcome(), 1L, Long::sum);
            }
            Instant time = head.storedAt();
            boolean larger = head.sizeBytes() > largest;
            return new Group(
                    kind,
                    origin,
                    entries + 1,
                    bytes + head.sizeBytes(),
                    counted,
                    time.isBefore(oldest) ? time : oldest,
                    time.isAfter(newest) ? time : newest,
                    larger ? head.sizeBytes() : largest,
                    larger ? key : largestKey);
        }
    }

    /**
     * Counts the entries that {@code scan} finds, on all processors. Only the groups are kept in memory.
     *
     * @throws StorageException if the store cannot be read
     */
    public static CacheInventory of(CacheScan scan) {
        ConcurrentMap<String, Group> groups = new ConcurrentSkipListMap<>();
        AtomicLong damaged = new AtomicLong();
        try (Stream<Boolean> heads = scan.onDamage((key, error) -> damaged.incrementAndGet())
                .heads((key, head) -> {
                    count(groups, key, head);
                    return true;
                })) {
            heads.parallel().forEach(counted -> {});
        }
        return new CacheInventory(List.copyOf(groups.values()), damaged.get());
    }

    private static void count(ConcurrentMap<String, Group> groups, String key, EntryMetadata head) {
        CacheKey parsed = CacheKey.find(key).orElse(null);
        String kind = kindOf(key);
        String origin = parsed == null ? "" : parsed.origin();
        groups.compute(
                kind + ' ' + origin,
                (name, group) -> group == null ? Group.of(kind, origin, key, head) : group.with(key, head));
    }

    /** Returns the kind of a key: partition, packument, abbreviated or {@value #OTHER}. */
    public static String kindOf(String key) {
        return CacheKey.find(key).map(found -> found.kind().word()).orElse(OTHER);
    }
}
