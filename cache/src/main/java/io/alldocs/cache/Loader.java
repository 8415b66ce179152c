package io.alldocs.cache;

import java.util.Optional;

/** Brings a value from its origin. Called by {@link Cache#fetch} on the calling thread, at most once at a time per key. */
@FunctionalInterface
public interface Loader {

    /**
     * Asks the origin.
     *
     * @param stored head of what is stored, for validators (ETag, Last-Modified); empty when the value must come whole
     * @throws RuntimeException as the origin's client throws it; it reaches the caller of fetch as it is
     */
    Loaded load(Optional<EntryHead> stored);
}
