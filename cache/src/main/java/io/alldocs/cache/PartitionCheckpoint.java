package io.alldocs.cache;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Progress of a set of partitions, kept in a cache under {@code v1:checkpoint:{set}:…}: a header that never changes and one small record per
 * partition, so that workers never rewrite each other's progress. Safe for concurrent use by many threads and processes.
 */
public final class PartitionCheckpoint {

    /** @throws IllegalArgumentException when the cache's store is not consistent after a write */
    public PartitionCheckpoint(Cache cache, String set) {
        throw new AssertionError("skeleton");
    }

    /**
     * What a run is about. Resume never re-plans: the stored header wins, a different one is an error.
     *
     * @param runId identity of the run
     * @param startedAt when it began
     * @param origin where the names come from
     * @param form what is fetched for each name: full, abbreviated or names
     * @param sequence update_seq read before the walk, as JSON (a number on npm, a string on CouchDB)
     * @param partitions keys of the partitions, in order
     */
    public record Header(
            String runId,
            Instant startedAt,
            String origin,
            String form,
            @Nullable JsonNode sequence,
            List<CacheKey> partitions) {}

    public enum State {
        PENDING,
        COMPLETE,
        FAILED
    }

    /** One partition's record; {@code details} are the caller's (rows, next start, counts …). */
    public record Record(int index, State state, Map<String, Object> details, Instant at) {}

    /** Sums over all records. */
    public record Progress(int total, int complete, int failed, int pending, long rows) {}

    public Optional<Header> header() {
        throw new AssertionError("skeleton");
    }

    /**
     * Writes the header, or accepts an equal one (same origin, form and partitions) that is there.
     *
     * @return the header in force: the stored one when there was one
     * @throws IllegalStateException when the stored header is of another plan; says which field differs and what to do
     */
    public Header recordPartitions(Header header) {
        throw new AssertionError("skeleton");
    }

    /** Written after the data it speaks of. {@code details.rows} counts into {@link Progress#rows}. */
    public void markComplete(int index, Map<String, Object> details) {
        throw new AssertionError("skeleton");
    }

    /** Progress inside a partition that is not complete yet. */
    public void markPending(int index, Map<String, Object> details) {
        throw new AssertionError("skeleton");
    }

    public void markFailed(int index, String reason) {
        throw new AssertionError("skeleton");
    }

    public Record record(int index) {
        throw new AssertionError("skeleton");
    }

    public Progress getProgress() {
        throw new AssertionError("skeleton");
    }

    /** Deletes header and records. */
    public void clear() {
        throw new AssertionError("skeleton");
    }
}
