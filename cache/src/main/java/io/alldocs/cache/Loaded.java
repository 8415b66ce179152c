package io.alldocs.cache;

import java.util.Optional;

/** What a {@link Loader} brought. */
public sealed interface Loaded {

    /**
     * A whole value; {@code head} describes {@code body}. The cache closes the body.
     *
     * @param ifTooLarge what to record instead of a value that is larger than the store takes; empty if that is an error
     */
    record Value(EntryHead head, Body body, Optional<HeadOnly> ifTooLarge) implements Loaded {

        /** A value that the store must take. */
        public Value(EntryHead head, Body body) {
            this(head, body, Optional.empty());
        }
    }

    /** A 304, or a 200 with an unchanged ETag: the stored body stands; {@code head} carries the answer's headers and times. */
    record NotModified(EntryHead head) implements Loaded {}

    /** An answer without a body worth keeping (a 404, say): {@code head} replaces the stored head, a good body stored before is kept beside it. */
    record HeadOnly(EntryHead head) implements Loaded {}
}
