package io.alldocs.packument;

import io.alldocs.cache.EntryHead;
import java.util.Locale;
import java.util.Optional;

/**
 * What a registry answered for a name. Each is a result, not an error: it is recorded, and asked again only when it is old. Being throttled, refused
 * for want of credentials or cut off are errors instead ({@link io.alldocs.http.RequestException}).
 */
public enum Outcome {
    /** A packument with {@code versions}. */
    OK,
    /** 404. Some 0.6 % of the names in npm's feed stay so, most of them scoped packages made private. */
    NOT_FOUND,
    /** 200 with a stub: {@code time.unpublished} and no versions. The abbreviated form has no {@code time}, so there the lack of versions decides. */
    UNPUBLISHED,
    /**
     * Only versions {@code 0.0.1-security…} are left, and the description or the repository says that npm put them there: the package was taken
     * down. The abbreviated form has neither, so there the versions decide.
     */
    SECURITY_HOLDER,
    /** 403 for this name alone, 451, or 400 and 410, which registries were seen to send for removed packages. */
    BLOCKED,
    /**
     * 200 with something that is not the packument of this name: not JSON, JSON that stops half-way each time it is asked for, another name, neither
     * versions nor a mark of unpublishing. A revision that cannot be read is none, and does not count: mirrors write their own.
     */
    MALFORMED,
    /**
     * 200 with a document that is larger than the store takes, in the form that it would have there: values have at most 25 MiB in Workers KV, 25 MB in
     * Fastly's KV store. Where the JSON form is too large and the bytes received are not, these are stored instead, and the outcome is the document's.
     */
    TOO_LARGE;

    /** As an {@link io.alldocs.cache.EntryHead} records it: lower case. */
    String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The outcome that a stored head records; empty for heads that other programs wrote, and for words of other versions. */
    static Optional<Outcome> of(EntryHead head) {
        for (Outcome outcome : values()) {
            if (outcome.label().equals(head.outcome())) {
                return Optional.of(outcome);
            }
        }
        return Optional.empty();
    }

    /** Whether the registry's last answer was a document, so that its validators can be sent again. */
    static boolean hasDocument(EntryHead head) {
        return head.sizeBytes() > 0
                && switch (of(head).orElse(OK)) {
                    case OK, UNPUBLISHED, SECURITY_HOLDER -> true;
                    case NOT_FOUND, BLOCKED, MALFORMED, TOO_LARGE -> false;
                };
    }
}
