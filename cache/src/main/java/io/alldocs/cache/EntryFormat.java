package io.alldocs.cache;

/** How entries are stored. Both are always read. */
public enum EntryFormat {
    /** Head and body apart, the body as received. */
    NATIVE,
    /** One JSON value {@code {statusCode, headers, body, integrity, timestamp, version}}, as the JavaScript project stores it. */
    JSON
}
