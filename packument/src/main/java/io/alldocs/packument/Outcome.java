package io.alldocs.packument;

import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a registry answered for a name. Each is a result, not an error: it is recorded, and asked again only when it is old. Being throttled, refused
 * for want of credentials or cut off are errors instead ({@link io.alldocs.http.RequestException}).
 */
public enum Outcome {
    /** A packument with {@code versions}. */
    OK,
    /** 404. Some 0.6 % of the names in npm's feed stay so, most of them scoped packages made private. */
    NOT_FOUND,
    /** 200 with a stub that has {@code time.unpublished} and no versions; in the abbreviated form, which has no {@code time}: no versions. */
    UNPUBLISHED,
    /**
     * Only versions {@code 0.0.1-security…} are left, and the description or the repository says that npm put them there: the package was taken
     * down. The abbreviated form has neither, so there the versions decide.
     */
    SECURITY_HOLDER,
    /** 403 for this name alone, 451, or 400 and 410, which registries were seen to send for removed packages. */
    BLOCKED,
    /** 200 with something that is not the packument of this name: not JSON, another name, neither versions nor a mark of unpublishing. */
    MALFORMED;

    /** As an {@link io.alldocs.cache.EntryHead} records it: lower case. */
    String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The outcome that {@code label} stands for; empty for null and for words of other versions. */
    static Optional<Outcome> ofLabel(@Nullable String label) {
        for (Outcome outcome : values()) {
            if (outcome.label().equals(label)) {
                return Optional.of(outcome);
            }
        }
        return Optional.empty();
    }
}
