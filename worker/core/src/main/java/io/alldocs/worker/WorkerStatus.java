package io.alldocs.worker;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a worker has done since it was made.
 *
 * @param state of the worker
 * @param startedAt when it was made
 * @param concurrency items at the same time
 * @param busy items being done now
 * @param held items that it has leases of, those being done included
 * @param types counts by {@link WorkItem#type()}
 * @param donePerSecond items done in each of the last 60 whole seconds, oldest first
 * @param unitsPerSecond likewise {@link WorkResult#units}
 * @param errors the last 20, newest first
 * @param failure what stopped it
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

    /** Where a worker stands. */
    public enum State {
        /** Made, not started. */
        NEW,
        /** Taking and doing items. */
        RUNNING,
        /** Taking no more. */
        STOPPING,
        /** Doing nothing. */
        STOPPED
    }

    /**
     * Items of one type.
     *
     * @param done to their end
     * @param retried failed, to be tried again
     * @param givenUp failed for good
     * @param handedBack not done, for no fault of theirs
     * @param units of work in those that are done
     * @param seconds that they took, all together
     */
    public record Counts(long done, long retried, long givenUp, long handedBack, long units, double seconds) {}

    /**
     * An item that failed.
     *
     * @param at when
     * @param type of the item
     * @param id of the item
     * @param attempt which of its attempts it was
     * @param reason in one line
     */
    public record Failure(Instant at, String type, String id, int attempt, String reason) {}
}
