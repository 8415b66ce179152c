package io.alldocs.worker;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * What was done.
 *
 * @param units of work in the item, for rates: names in a batch of packuments, rows of a partition; 0 or more
 * @param details for who waits for the answer; not kept
 */
public record WorkResult(long units, ObjectNode details) {

    /**
     * Checks the number.
     *
     * @throws IllegalArgumentException when it is negative
     */
    public WorkResult {
        if (units < 0) {
            throw new IllegalArgumentException("Units of work are not negative: " + units);
        }
    }

    /** One unit, no details. */
    public static WorkResult done() {
        return of(1);
    }

    /** So many units, no details. */
    public static WorkResult of(long units) {
        return new WorkResult(units, JsonNodeFactory.instance.objectNode());
    }
}
