package io.alldocs.worker.mirror;

import io.alldocs.cache.CacheEntry;
import io.alldocs.cache.EntryHead;
import io.alldocs.packument.Outcome;
import io.alldocs.packument.PackumentForm;
import io.alldocs.packument.PackumentResult;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What is to be answered for a name.
 *
 * @param form of the document, which need not be the one asked for
 * @param entry reads the document from the store; empty where there is none to serve
 * @param stale whether the registry could not be asked although it should have been
 */
record Document(
        String name,
        PackumentForm form,
        Outcome outcome,
        EntryHead head,
        Supplier<Optional<CacheEntry>> entry,
        boolean stale) {

    /** A document that the registry damaged is no word on the package, so the last good one stands for it; what was taken down stays down. */
    static Document of(PackumentResult result) {
        Supplier<Optional<CacheEntry>> entry = result.outcome() == Outcome.MALFORMED ? result::lastGood : result::entry;
        return new Document(result.name(), result.form(), result.outcome(), result.head(), entry, false);
    }

    Document asStale() {
        return new Document(name, form, outcome, head, entry, true);
    }

    /** Whether what was made of {@code other} stands for this one too. */
    boolean isSameAs(@Nullable Document other) {
        return other != null && form == other.form && outcome == other.outcome && head.equals(other.head);
    }

    /**
     * Whether this is an answer to a request for {@code wanted}. An abbreviated document is none to a request for the full one, whose members a client needs
     * that asks for it: npm and bun take a packument without {@code time} for one whose versions are all old.
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
