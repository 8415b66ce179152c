package io.alldocs.cache.entry;

/** The format in which entries are stored. Both formats can always be read. */
public enum EntryFormat {
    /** Metadata and body stored separately; the body as received. */
    NATIVE,
    /**
     * One JSON value {@code {statusCode, headers, body, integrity, timestamp, version}}, as the JavaScript project
     * stores it.
     */
    JSON
}
