package io.alldocs.cache.entry;

/** Where an entry came from in this call. */
public enum EntrySource {
    /** Loaded in full from the origin. */
    FETCHED,
    /** Stored and still fresh. In a mode that ignores the age of entries, any stored entry has this source. */
    HIT,
    /** Stored, and the origin confirmed that it is unchanged. */
    REVALIDATED,
    /** Stored and no longer fresh; served because the mode or stale-while-revalidate allows it. */
    STALE
}
