package io.alldocs.cache;

/** What a {@link Loader} brought. */
public sealed interface Loaded {

    /** A whole value; {@code head} describes {@code body}. The cache closes the body. */
    record Value(EntryHead head, Body body) implements Loaded {}

    /** A 304, or a 200 with an unchanged ETag: the stored body stands; {@code head} carries the answer's headers and times. */
    record NotModified(EntryHead head) implements Loaded {}

    /** An answer without a body worth keeping (a 404, say): {@code head} replaces the stored head, a good body stored before is kept beside it. */
    record HeadOnly(EntryHead head) implements Loaded {}
}
