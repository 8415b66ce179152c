package io.alldocs.packument;

import io.alldocs.cache.entry.EntryMetadata;
import java.util.Locale;
import java.util.Optional;

/**
 * What a registry responded for a name. Each outcome is a result and not an error. It is recorded, and the name is
 * requested again only when the outcome is no longer fresh. Throttling, refused credentials and interrupted connections
 * are errors instead ({@link io.alldocs.http.RequestException}).
 */
public enum Outcome {
    /** A packument with {@code versions}. */
    OK,
    /**
     * 404. About 0.6 % of the names in npm's feed remain in this state, most of them scoped packages that were made
     * private.
     */
    NOT_FOUND,
    /**
     * 200 with a stub: {@code time.unpublished} and no versions. The abbreviated form has no {@code time}, so a
     * document without versions is sufficient there.
     */
    UNPUBLISHED,
    /**
     * The package was taken down. Only versions {@code 0.0.1-security…} are left, and the description or the repository
     * shows that npm published them. The abbreviated form has neither field, so the versions are sufficient there.
     */
    SECURITY_HOLDER,
    /** 403 for this name alone, 451, or 400 or 410, which some registries send for removed packages. */
    BLOCKED,
    /**
     * 200 with a body that is not the packument of this name. The body is not JSON, is truncated in every response, has
     * another name, or has neither versions nor a mark of unpublishing. An unreadable revision is ignored, because
     * mirrors write their own.
     */
    MALFORMED,
    /**
     * 200 with a document that is larger than the store allows, in the form in which the store would hold it. The limit
     * is 25 MiB in Workers KV and 25 MB in Fastly's KV store. If only the JSON form is too large, the received bytes
     * are stored instead, and the outcome is that of the document.
     */
    TOO_LARGE;

    /** Returns the outcome in lower case, as recorded in an {@link io.alldocs.cache.entry.EntryMetadata}. */
    String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * Returns the outcome recorded in metadata. Empty for metadata that other programs wrote, and for outcomes that
     * only other versions write.
     */
    static Optional<Outcome> of(EntryMetadata head) {
        for (Outcome outcome : values()) {
            if (outcome.label().equals(head.outcome())) {
                return Optional.of(outcome);
            }
        }
        return Optional.empty();
    }

    /** Returns whether the registry's last response was a document, so that its validators can be sent again. */
    static boolean hasDocument(EntryMetadata head) {
        return head.sizeBytes() > 0
                && switch (of(head).orElse(OK)) {
                    case OK, UNPUBLISHED, SECURITY_HOLDER -> true;
                    case NOT_FOUND, BLOCKED, MALFORMED, TOO_LARGE -> false;
                };
    }
}
