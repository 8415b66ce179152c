package io.alldocs.worker;

import io.alldocs.cache.JsonTree;
import java.util.Map;

/**
 * The result of a work item.
 *
 * @param units units of work in the item, for rates: the names in a batch of packuments, or the rows of a partition; 0
 *     or more
 * @param details an object for the caller that waits for the response; not stored
 */
public record WorkResult(long units, JsonTree details) {

    private static final JsonTree NONE = JsonTree.of(Map.of());

    /**
     * Checks the components.
     *
     * @throws IllegalArgumentException if {@code units} is negative, or {@code details} is not an object
     */
    public WorkResult {
        if (units < 0) {
            throw new IllegalArgumentException("The units of work must not be negative, but are " + units + ".");
        }
        if (!details.isObject()) {
            throw new IllegalArgumentException("The details of a result must be a JSON object.");
        }
    }

    /** Returns a result of one unit, without details. */
    public static WorkResult done() {
        return of(1);
    }

    /**
     * Returns a result of the given number of units.
     *
     * @param details any value that {@link JsonTree#of} writes as an object: a Map, a record …
     * @throws IllegalArgumentException if {@code units} is negative, or the details cannot be written as an object
     */
    public static WorkResult of(long units, Object details) {
        return new WorkResult(units, JsonTree.of(details));
    }

    /** Returns a result of the given number of units, without details. */
    public static WorkResult of(long units) {
        return new WorkResult(units, NONE);
    }
}
