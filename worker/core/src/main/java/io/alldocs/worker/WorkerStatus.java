package io.alldocs.worker;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A snapshot of a worker's state and counts since it was created.
 *
 * @param state state of the worker
 * @param startedAt when the worker was created
 * @param concurrency maximum number of items processed at the same time
 * @param busy number of items being processed now
 * @param held number of leased items, including those being processed
 * @param types counts by {@link WorkItem#type()}
 * @param donePerSecond items finished in each of the last 60 whole seconds, oldest first
 * @param unitsPerSecond likewise for {@link WorkResult#units}
 * @param errors the last 20 failures, newest first
 * @param failure what stopped the worker
 */
public record WorkerStatus(
        State state,
        Instant startedAt,
        int concurrency,
        int busy,
        int held,
        Map<String, Counts> types,
        List<Long> donePerSecond,
        List<Long> unitsPerSecond,
        List<Failure> errors,
        Optional<String> failure) {

    /** Copies the collections. */
    public WorkerStatus {
        types = Collections.unmodifiableMap(new LinkedHashMap<>(types));
        donePerSecond = List.copyOf(donePerSecond);
        unitsPerSecond = List.copyOf(unitsPerSecond);
        errors = List.copyOf(new ArrayList<>(errors));
    }

    /** The lifecycle state of a worker. */
    public enum State {
        /** Created, not started. */
        NEW,
        /** Leasing and processing items. */
        RUNNING,
        /** Leasing no more items. */
        STOPPING,
        /** Stopped. */
        STOPPED
    }

    /**
     * Counts of the items of one type.
     *
     * @param done items that succeeded
     * @param retried items that failed and will be retried
     * @param dead items that failed permanently
     * @param released items returned to the queue unprocessed, for reasons unrelated to them
     * @param units units of work in the items that succeeded
     * @param seconds total processing time of the items that succeeded or failed
     */
    public record Counts(long done, long retried, long dead, long released, long units, double seconds) {}

    /**
     * A failed item.
     *
     * @param at when it failed
     * @param type type of the item
     * @param id id of the item
     * @param attempt number of the attempt that failed
     * @param reason the reason, on one line
     */
    public record Failure(Instant at, String type, String id, int attempt, String reason) {}
}
