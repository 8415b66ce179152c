package io.alldocs.sync;

/** What a job does about a stored packument whose name the origin deleted. */
public enum DeletionPolicy {
    /** Keeps what is stored, and sends no request. */
    KEEP,
    /** Asks the registry, and records its answer as the name's outcome. The last packument stays stored. */
    MARK,
    /**
     * Asks the registry. Once it answers that it does not have the name, deletes what is stored of it, in both forms.
     */
    DELETE
}
