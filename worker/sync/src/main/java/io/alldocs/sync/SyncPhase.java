package io.alldocs.sync;

import java.util.Locale;

/** A part of a job that takes long enough to show. */
public enum SyncPhase {
    /** Reads where the feed stands, and finds the partitions. */
    PLAN,
    /** Lists the names of the origin. */
    LIST,
    /** Fetches a packument, or another outcome, for each name. */
    FETCH,
    /** Reads the feed of changes and fetches what changed. */
    REPLAY,
    /** Waits for the registry to catch up with its feed, and requests the names again that lag behind. */
    SETTLE,
    /** Counts what the cache holds. Sends no request. */
    COUNT,
    /** Counts what the origin holds. */
    COMPARE;

    /** Returns the phase in lower case, as in JSON. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
