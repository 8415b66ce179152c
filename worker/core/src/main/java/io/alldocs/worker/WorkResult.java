package io.alldocs.worker;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * The result of a work item.
 *
 * @param units units of work in the item, for rates: the names in a batch of packuments, or the rows of a partition; 0
 *     or more
 * @param details for the caller that waits for the response; not stored
 */
public record WorkResult(long units, ObjectNode details) {

    /**
     * Checks the units.
     *
     * @throws IllegalArgumentException if {@code units} is negative
     */
    public WorkResult {
        if (units < 0) {
            throw new IllegalArgumentException("The units of work must not be negative, but are " + units + ".");
        }
    }

    /** Returns a result of one unit, without details. */
    public static WorkResult done() {
        return of(1);
    }

    /** Returns a result of the given number of units, without details. */
    public static WorkResult of(long units) {
        return new WorkResult(units, JsonNodeFactory.instance.objectNode());
    }
}
