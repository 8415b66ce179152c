package io.alldocs.sync;

/** Defines how a job handles a stored packument whose name the origin deleted. */
public enum DeletionPolicy {
    /** Keeps the stored packument, and sends no request. */
    KEEP,
    /**
     * Requests the name from the registry, and records the response as the name's outcome. The last packument stays
     * stored.
     */
    MARK,
    /**
     * Requests the name from the registry. Once the registry answers that it does not have the name, deletes the stored
     * packument in both forms.
     */
    DELETE
}
