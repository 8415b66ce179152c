package io.alldocs.examples.registry;

import java.util.Locale;

/** The endpoint of a request. */
public enum Endpoint {
    /** {@code /}, {@code /registry} or {@code /registry/}: the database's name, document count and sequence. */
    INFO,
    /** {@code _all_docs}: a page of names. */
    ALL_DOCS,
    /** {@code _changes}: a page of the feed. */
    CHANGES,
    /** Any other path: the packument of a name, even if that name does not exist. */
    PACKUMENT;

    /**
     * Returns the name used in the text form of faults: {@code info}, {@code all-docs}, {@code changes} or
     * {@code packument}.
     */
    public String switchName() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
