package io.alldocs.worker.mirror;

import io.alldocs.packument.Outcome;
import java.util.Optional;

/** Builds the responses for a name without a document to serve, including the reason. Safe for concurrent use. */
final class Absences {
    private final Documents documents;
    private final boolean pullThrough;

    Absences(Documents documents, boolean pullThrough) {
        this.documents = documents;
        this.pullThrough = pullThrough;
    }

    /** Returns the response if {@code found}, if present, is not a document to serve. */
    Reply absent(String name, Optional<Document> found) {
        return found.map(document ->
                        Replies.absent(document.outcome(), document.head().status()))
                .orElseGet(() -> nothing(name));
    }

    /** Returns the response if nothing is cached for {@code name} and the registry is not asked. */
    Reply nothing(String name) {
        return pullThrough && !documents.asksFor(name)
                ? Replies.error(
                        404,
                        "The npm configuration of this mirror names another registry for the scope of " + name
                                + ": ask that one")
                : Replies.absent(Outcome.NOT_FOUND, 404);
    }

    /**
     * Returns the response if only the abbreviated form is available: 502 if the registry was asked, otherwise 406. npm
     * treats a 404 as "package does not exist", and its client retries a 5xx.
     */
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
