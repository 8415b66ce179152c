package io.alldocs.cache;

import io.alldocs.cache.body.Body;
import io.alldocs.cache.entry.EntryMetadata;
import java.util.Optional;

/** The result of a {@link Loader}. */
public sealed interface Loaded {

    /**
     * A complete value; {@code head} describes {@code body}. The cache closes the body.
     *
     * @param ifTooLarge metadata to record if the value is larger than the store allows; empty to report an error
     *     instead
     */
    record Value(EntryMetadata head, Body body, Optional<HeadOnly> ifTooLarge) implements Loaded {

        /** Creates a value that causes an error if it is too large for the store. */
        public Value(EntryMetadata head, Body body) {
            this(head, body, Optional.empty());
        }
    }

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
