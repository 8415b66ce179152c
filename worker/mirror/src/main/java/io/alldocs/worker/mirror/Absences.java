package io.alldocs.worker.mirror;

import io.alldocs.packument.Outcome;
import java.util.Optional;

/** The answers where there is no document to give out, with the reason. Safe for concurrent use. */
final class Absences {
    private final Documents documents;
    private final boolean pullThrough;

    Absences(Documents documents, boolean pullThrough) {
        this.documents = documents;
        this.pullThrough = pullThrough;
    }

    /** {@code found}, if anything, is not a document that is given out. */
    Reply absent(String name, Optional<Document> found) {
        return found.map(document ->
                        Replies.absent(document.outcome(), document.head().status()))
                .orElseGet(() -> nothing(name));
    }

    /** Nothing is held of {@code name}, and the registry is not asked. */
    Reply nothing(String name) {
        return pullThrough && !documents.asksFor(name)
                ? Replies.error(
                        404,
                        "The npm configuration of this mirror names another registry for the scope of " + name
                                + ": ask that one")
                : Replies.absent(Outcome.NOT_FOUND, 404);
    }

    /** Not 404, which npm takes for a word on the name, and not 5xx, after which its client asks again and again. */
    Reply lesserForm(String name) {
        return documents.asksFor(name)
                ? Replies.error(
                        502, "The registry sent the abbreviated form of " + name + " for a request for the full form")
                : Replies.error(
                        406,
                        "This mirror has only the abbreviated form of " + name + ", which has no times of publication."
                                + " It needs the full form in its cache, or --pull-through to fetch it");
    }
}
