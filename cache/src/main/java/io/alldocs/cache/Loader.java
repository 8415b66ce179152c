package io.alldocs.cache;

import io.alldocs.cache.entry.EntryMetadata;
import java.util.Optional;

/**
 * Loads a value from its origin. {@link Cache#fetch} calls it on the calling thread, and runs at most one loader per
 * key at a time.
 */
@FunctionalInterface
public interface Loader {

    /**
     * Requests the value from the origin. The result determines what the cache stores; a loader does not call the
     * cache.
     *
     * @param stored metadata of the stored entry, for conditional requests (ETag, Last-Modified); empty if the complete
     *     value is required
     * @throws RuntimeException if the origin's client throws it; rethrown unchanged to the caller of fetch
     */
    Loaded load(Optional<EntryMetadata> stored);
}
