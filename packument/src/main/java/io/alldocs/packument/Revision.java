package io.alldocs.packument;

import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * CouchDB revisions, {@code N-hash}. N is the generation, which increases by one with each update (<a
 * href="https://docs.couchdb.org/en/stable/replication/conflicts.html">CouchDB on revisions</a>).
 */
final class Revision {

    private static final int MAX_DIGITS = 18;

    private Revision() {}

    /**
     * Returns the generation of {@code rev}; empty for null and for text that is not a revision, which mirrors and
     * damaged documents contain.
     */
    static OptionalLong generation(@Nullable String rev) {
        int dash = rev == null ? -1 : rev.indexOf('-');
        if (rev == null || dash < 1 || dash > MAX_DIGITS || dash == rev.length() - 1) {
            return OptionalLong.empty();
        }
        long generation = 0;
        for (int i = 0; i < dash; i++) {
            char c = rev.charAt(i);
            if (c < '0' || c > '9') {
                return OptionalLong.empty();
            }
            generation = generation * 10 + (c - '0');
        }
        return OptionalLong.of(generation);
    }

    /** Returns whether both are readable and {@code rev} is of an earlier generation than {@code wanted}. */
    static boolean isBehind(@Nullable String rev, String wanted) {
        OptionalLong have = generation(rev);
        OptionalLong want = generation(wanted);
        return have.isPresent() && want.isPresent() && have.getAsLong() < want.getAsLong();
    }

    /**
     * Returns whether {@code rev} equals {@code wanted}, or both are readable and {@code rev} is of a later generation.
     */
    static boolean hasReached(@Nullable String rev, String wanted) {
        OptionalLong have = generation(rev);
        OptionalLong want = generation(wanted);
        return wanted.equals(rev) || (have.isPresent() && want.isPresent() && have.getAsLong() > want.getAsLong());
    }
}
