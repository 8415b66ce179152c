package io.alldocs.worker.mirror;

import io.alldocs.cache.CacheEntry;
import io.alldocs.cache.entry.EntryMetadata;
import io.alldocs.packument.Outcome;
import io.alldocs.packument.PackumentForm;
import io.alldocs.packument.PackumentResult;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The document to serve for a name.
 *
 * @param form of the document, which may differ from the requested form
 * @param entry reads the document from the store; empty if there is none to serve
 * @param stale whether the document needed revalidation, but the registry was unavailable
 */
record Document(
        String name,
        PackumentForm form,
        Outcome outcome,
        EntryMetadata head,
        Supplier<Optional<CacheEntry>> entry,
        boolean stale) {

    /**
     * Converts a result. If the registry sent a damaged document, the last good one is served. A package that was taken
     * down stays unavailable.
     */
    static Document of(PackumentResult result) {
        Supplier<Optional<CacheEntry>> entry = result.outcome() == Outcome.MALFORMED ? result::lastGood : result::entry;
        return new Document(result.name(), result.form(), result.outcome(), result.head(), entry, false);
    }

    Document asStale() {
        return new Document(name, form, outcome, head, entry, true);
    }

    /** Returns the same document for comparisons only. Unlike this one, it does not keep a received text in memory. */
    Document withoutText() {
        return new Document(name, form, outcome, head, Optional::empty, stale);
    }

    /** Returns whether a response built from {@code other} is also valid for this document. */
    boolean isSameAs(@Nullable Document other) {
        return other != null && form == other.form && outcome == other.outcome && head.equals(other.head);
    }

    /**
     * Returns whether this document can satisfy a request for {@code wanted}. An abbreviated document cannot satisfy a
     * request for the full form. If a packument has no {@code time}, npm and bun assume that all versions are old.
     */
    boolean answers(PackumentForm wanted) {
        return wanted == form
                || form == PackumentForm.FULL
                || outcome == Outcome.NOT_FOUND
                || outcome == Outcome.BLOCKED;
    }

    boolean isFull() {
        return form == PackumentForm.FULL;
    }
}
