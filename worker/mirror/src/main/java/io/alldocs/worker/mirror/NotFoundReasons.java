package io.alldocs.worker.mirror;

import io.alldocs.packument.Outcome;
import java.util.Optional;

/** Builds the responses for a name without a document to serve, including the reason. Safe for concurrent use. */
final class NotFoundReasons {
    private final Documents documents;
    private final boolean pullThrough;

    NotFoundReasons(Documents documents, boolean pullThrough) {
        this.documents = documents;
        this.pullThrough = pullThrough;
    }

    /** Returns the response if {@code found}, if present, is not a document to serve. */
    Response absent(String name, Optional<Document> found) {
        return found.map(document ->
                        Responses.absent(document.outcome(), document.head().status()))
                .orElseGet(() -> nothing(name));
    }

    /** Returns the response if nothing is cached for {@code name} and no request is sent to the registry. */
    Response nothing(String name) {
        return pullThrough && !documents.asksFor(name)
                ? Responses.error(
                        404,
                        "The npm configuration of this mirror names another registry for the scope of " + name + "."
                                + " Request the package from that registry.")
                : Responses.absent(Outcome.NOT_FOUND, 404);
    }

    /**
     * Returns the response if only the abbreviated form is available: 502 if it was requested from the registry,
     * otherwise 406. For npm, a 404 means that the package does not exist, and its client retries a 5xx.
     */
    Response lesserForm(String name) {
        return documents.asksFor(name)
                ? Responses.error(
                        502,
                        "The registry returned the abbreviated form of " + name + ", although the full form was"
                                + " requested")
                : Responses.error(
                        406,
                        "This mirror has only the abbreviated form of " + name + ", which has no publication times."
                                + " Store the full form in the cache, or run the mirror with --pull-through.");
    }
}
