package io.alldocs.sync;

/** A part of a job that takes long enough to show. */
public enum SyncPhase {
    /** Lists the names of the origin. */
    LIST,
    /** Fetches a packument, or another outcome, for each name. */
    FETCH,
    /** Reads the feed of changes and fetches what changed. */
    REPLAY,
    /** Counts what the cache holds. Sends no request. */
    COUNT,
    /** Counts what the origin holds. */
    COMPARE
}
