package io.alldocs.cache;

import io.alldocs.cache.body.Body;
import io.alldocs.cache.entry.EntryMetadata;
import java.util.Optional;
import java.util.function.Predicate;

/** The result of a {@link Loader}. */
public sealed interface Loaded {

    /**
     * A complete value; {@code head} describes {@code body}. The cache closes the body.
     *
     * @param ifTooLarge metadata to record if the value is larger than the store allows; empty to report an error
     *     instead
     * @param ifBetter a rule by which a stored body is kept; empty to replace any
     */
    record Value(EntryMetadata head, Body body, Optional<HeadOnly> ifTooLarge, Optional<IfBetter> ifBetter)
            implements Loaded {

        /** Creates a value that replaces any stored one, and causes an error if it is too large for the store. */
        public Value(EntryMetadata head, Body body) {
            this(head, body, Optional.empty(), Optional.empty());
        }
    }

    /**
     * A rule by which a stored body is kept, although a complete value was loaded. It does not apply to
     * {@link CacheMode#NO_STORE}.
     *
     * @param isBetter called with the stored entry, unless there is none or it has no body; returns whether its body is
     *     kept
     * @param recorded metadata to record for the response then
     */
    record IfBetter(Predicate<? super CacheEntry> isBetter, HeadOnly recorded) {}

    /**
     * A value that belongs to another key than the requested one. It is stored under its own key, without waiting for
     * loads of that key. The entry of the requested key, which is older, is deleted.
     */
    record Other(CacheKey key, Value value) implements Loaded {}

    /**
     * A 304 response, or a 200 with an unchanged ETag. The stored body remains valid; {@code head} contains the headers
     * and times of the response.
     */
    record NotModified(EntryMetadata head) implements Loaded {}

    /**
     * A response whose body is not stored, such as a 404. {@code head} replaces the stored metadata; a valid body that
     * was stored earlier is kept.
     */
    record HeadOnly(EntryMetadata head) implements Loaded {}
}
