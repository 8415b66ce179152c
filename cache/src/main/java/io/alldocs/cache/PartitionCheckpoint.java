package io.alldocs.cache;

import com.fasterxml.jackson.databind.JsonNode;
import io.alldocs.cache.entry.IntegrityException;
import io.alldocs.cache.internal.key.Utf8;
import io.alldocs.cache.spi.StorageCapabilities;
import io.alldocs.cache.spi.StorageDriver;
import java.net.URI;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The progress of a set of partitions, stored in a cache under {@code v1:checkpoint:{hex(set)}:…}. It consists of a
 * header that never changes and one small record per partition, so workers never overwrite each other's progress. Safe
 * for concurrent use by several threads and processes.
 *
 * <p>A record contains the id of its run. A late write by a worker of an earlier run is therefore ignored.
 */
public final class PartitionCheckpoint {
    private static final String HEADER = "header";

    private final Cache cache;
    private final StorageDriver driver;
    private final String set;
    private final String prefix;
    private final CheckpointFormat format;
    private volatile @Nullable Header known;

    /**
     * Creates a handle for a checkpoint, which may already exist.
     *
     * @param set name of the set, 1 to {@link CacheKey#MAX_TEXT_BYTES} bytes of UTF-8
     * @throws IllegalArgumentException if a read of the cache's store may miss an earlier write, or the name is empty,
     *     too long or not valid Unicode
     */
    public PartitionCheckpoint(Cache cache, String set) {
        this.cache = cache;
        this.driver = cache.driver();
        this.set = set;
        byte[] name = Utf8.bytes(set, "name of a partition set");
        if (name.length == 0 || name.length > CacheKey.MAX_TEXT_BYTES) {
            throw new IllegalArgumentException("The name of a partition set must have between 1 and "
                    + CacheKey.MAX_TEXT_BYTES + " bytes, but is " + Utf8.quote(set) + ".");
        }
        this.prefix = "v1:checkpoint:" + Utf8.hex(name) + ':';
        this.format = new CheckpointFormat(set);
        if (!driver.capabilities().readAfterWrite()) {
            throw new IllegalArgumentException("The " + driver.name()
                    + " store is eventually consistent: a read after a write may return the old value. It"
                    + " cannot hold checkpoints. Name another driver in CHECKPOINT_DRIVER, or use another"
                    + " cache for checkpoints.");
        }
    }

    /**
     * The plan of a run. A resumed run uses the plan in the stored header; recording a different header is an error.
     *
     * @param runId identity of the run
     * @param startedAt when the run began
     * @param origin registry or database that the names come from
     * @param form what the run fetches for each name: full, abbreviated or names
     * @param sequence update_seq that was read before the walk, as JSON (a number on npm, a string on CouchDB), or null
     * @param partitions keys of the partitions, in order
     */
    public record Header(
            String runId,
            Instant startedAt,
            String origin,
            String form,
            @Nullable JsonTree sequence,
            List<CacheKey> partitions) {

        /** Copies the partitions. */
        public Header {
            partitions = List.copyOf(partitions);
        }
    }

    /** The state of a partition. */
    public enum State {
        /** Not complete; it may have been started. */
        PENDING,
        /** Complete. */
        COMPLETE,
        /** Failed, and not retried for now. */
        FAILED
    }

    /**
     * The record of one partition. Refer to it as {@code PartitionCheckpoint.Record} outside this class. The caller
     * defines the {@code details} (rows, next start, counts …). {@code at} is when the record was written, or the epoch
     * if nothing was recorded.
     */
    @SuppressWarnings("JavaLangClash")
    public record Record(int index, State state, Map<String, Object> details, Instant at) {

        /** Copies the details. */
        public Record {
            details = Collections.unmodifiableMap(new LinkedHashMap<>(details));
        }

        long rows() {
            return details.get("rows") instanceof Number number ? number.longValue() : 0;
        }
    }

    /** Totals over all records. {@code rows} is the sum of {@code details.rows} over all records. */
    public record Progress(int total, int complete, int failed, int pending, long rows) {

        /** Returns the share of complete partitions in percent, 0 to 100; 100 if there are no partitions. */
        public double percentComplete() {
            return total == 0 ? 100 : 100.0 * complete / total;
        }

        /** Returns the counts under the names that the JavaScript project documents. */
        public Stats stats() {
            return new Stats(total, complete, failed, pending);
        }
    }

    /** The total number of partitions, and the number in each state. */
    public record Stats(int total, int completed, int failed, int pending) {}

    /**
     * Returns the stored header, or empty if there is none.
     *
     * @throws IntegrityException if the header is damaged
     */
    public Optional<Header> header() {
        Optional<Header> header = cache.get(prefix + HEADER, JsonNode.class).map(format::header);
        known = header.orElse(null);
        return header;
    }

    /**
     * Stores the header, or accepts a stored header with the same origin, form and partitions. If several processes
     * start at the same time and the store supports conditional puts, exactly one of their headers is stored.
     *
     * @return the header in force: the stored one if there was one
     * @throws IllegalStateException if the stored header belongs to another plan; the message names the field that
     *     differs and what to do
     */
    public Header recordPartitions(Header header) {
        Optional<Header> stored = header();
        if (stored.isEmpty()) {
            if (cache.setIfAbsent(prefix + HEADER, CheckpointFormat.json(header))) {
                known = header;
                return header;
            }
            stored = header();
        }
        Header inForce = stored.orElseThrow(
                () -> new IllegalStateException("Another process is deleting the checkpoint " + set + "."));
        requireSame("origin", inForce.origin(), header.origin());
        requireSame("form", inForce.form(), header.form());
        requireSame(
                "number of partitions",
                inForce.partitions().size(),
                header.partitions().size());
        requireSame("partitions", inForce.partitions(), header.partitions());
        return inForce;
    }

    /**
     * Stores a header like {@link #recordPartitions(Header)}, for a new run that begins now, fetches names only and
     * records no sequence.
     *
     * @throws IllegalStateException if the stored header belongs to another plan
     */
    public Header recordPartitions(URI origin, List<CacheKey> partitions) {
        return recordPartitions(new Header(
                UUID.randomUUID().toString(),
                cache.clock().instant(),
                CacheKey.originPart(origin),
                "names",
                null,
                partitions));
    }

    private void requireSame(String what, Object stored, Object asked) {
        if (!stored.equals(asked)) {
            throw new IllegalStateException(
                    "The checkpoint " + set + " belongs to another plan: its " + what + " differs ("
                            + shorten(stored) + " stored, " + shorten(asked)
                            + " requested). Resume with the stored plan, clear the checkpoint, or use another set"
                            + " name.");
        }
    }

    private static String shorten(Object value) {
        String text = value.toString();
        return text.length() <= 120 ? text : text.substring(0, 120) + "…";
    }

    /**
     * Records that a partition is complete. Call this method after the partition's data is stored. {@code details.rows}
     * counts toward {@link Progress#rows}.
     *
     * @throws IndexOutOfBoundsException if there is no such partition
     * @throws IllegalStateException if no header was recorded yet
     */
    public void markComplete(int index, Map<String, Object> details) {
        write(index, State.COMPLETE, details);
    }

    /**
     * Records progress within a partition that is not complete yet.
     *
     * @throws IndexOutOfBoundsException if there is no such partition
     * @throws IllegalStateException if no header was recorded yet
     */
    public void markPending(int index, Map<String, Object> details) {
        write(index, State.PENDING, details);
    }

    /**
     * Records that a partition failed and is not retried for now. {@code reason} is stored as {@code details.reason}.
     *
     * @throws IndexOutOfBoundsException if there is no such partition
     * @throws IllegalStateException if no header was recorded yet
     */
    public void markFailed(int index, String reason) {
        write(index, State.FAILED, Map.of("reason", reason));
    }

    private void write(int index, State state, Map<String, Object> details) {
        Header header = required();
        Record record = new Record(index, state, details, cache.clock().instant());
        cache.set(key(index, header), CheckpointFormat.json(record, header.runId()));
    }

    /**
     * Returns the record of a partition. If none is stored, the record is PENDING and has no details.
     *
     * @throws IndexOutOfBoundsException if there is no such partition
     * @throws IllegalStateException if no header was recorded yet
     */
    public Record record(int index) {
        Header header = required();
        return cache.get(key(index, header), JsonNode.class)
                .flatMap(json -> format.record(index, json, header))
                .orElseGet(() -> new Record(index, State.PENDING, Map.of(), Instant.EPOCH));
    }

    /** Returns all stored records in the order of their index. Reads them in batches. */
    public List<Record> records() {
        Header header = required();
        StorageCapabilities can = driver.capabilities();
        List<String> keys = recordKeys(header, can);
        int step = Math.max(1, Math.min(can.maxBatch(), 1000));
        List<Record> records = new ArrayList<>(keys.size());
        for (int from = 0; from < keys.size(); from += step) {
            driver.getBatch(keys.subList(from, Math.min(keys.size(), from + step)))
                    .forEach((key, entry) -> format.record(key, entry, header).ifPresent(records::add));
        }
        records.sort(Comparator.comparingInt(Record::index));
        return records;
    }

    /**
     * If the store has no ordered listing, takes the possible keys from the header, because listing would scan all keys
     * of the store.
     */
    private List<String> recordKeys(Header header, StorageCapabilities can) {
        if (!can.orderedListing()) {
            return IntStream.range(0, header.partitions().size())
                    .mapToObj(index -> key(index, header))
                    .toList();
        }
        try (Stream<String> listed = driver.list(prefix + "p:", null)) {
            return listed.toList();
        }
    }

    /**
     * Adds up all records.
     *
     * @throws IllegalStateException if no header was recorded yet
     */
    public Progress getProgress() {
        int total = required().partitions().size();
        int complete = 0;
        int failed = 0;
        long rows = 0;
        for (Record record : records()) {
            complete += record.state() == State.COMPLETE ? 1 : 0;
            failed += record.state() == State.FAILED ? 1 : 0;
            rows += record.rows();
        }
        return new Progress(total, complete, failed, total - complete - failed, rows);
    }

    /**
     * Deletes the header and the records. The header is deleted last, so after a crash the checkpoint can be cleared
     * again.
     */
    public void clear() {
        List<String> keys;
        try (Stream<String> listed = driver.list(prefix + "p:", null)) {
            keys = listed.toList();
        }
        driver.deleteBatch(keys);
        driver.delete(prefix + HEADER);
        known = null;
    }

    private Header required() {
        Header header = known;
        return header != null
                ? header
                : header().orElseThrow(() -> new IllegalStateException(
                        "The checkpoint " + set + " has no partitions yet. Call recordPartitions first."));
    }

    private String key(int index, Header header) {
        Objects.checkIndex(index, header.partitions().size());
        String digits = Integer.toString(index);
        return prefix + "p:" + "00000000".substring(Math.min(8, digits.length())) + digits;
    }
}
