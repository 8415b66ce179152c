package io.alldocs.sync;

import java.util.Locale;

/** A part of a job that takes long enough to show. */
public enum SyncPhase {
    /** Reads the sequence of the feed and computes the partitions. */
    PLAN,
    /** Lists the names of the origin. */
    LIST,
    /** Fetches a packument, or another outcome, for each name. */
    FETCH,
    /** Reads the feed of changes and fetches what changed. */
    REPLAY,
    /** Waits for the registry to catch up with its feed, and requests lagging names again. */
    SETTLE,
    /** Counts the entries in the cache. Sends no request. */
    COUNT,
    /** Counts the documents of the origin. */
    COMPARE;

    /** Returns the phase in lower case, as in JSON. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
