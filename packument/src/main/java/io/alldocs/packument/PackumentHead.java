package io.alldocs.packument;

import io.alldocs.cache.entry.EntryMetadata;
import java.util.Objects;
import java.util.Optional;

/**
 * The metadata of a packument in a cache, available without reading the document.
 *
 * @param name name under which the packument is stored
 * @param head status, times, size and revision
 */
public record PackumentHead(String name, EntryMetadata head) {

    /** Requires both components to be non-null. */
    public PackumentHead {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(head, "head");
    }

    /** Returns the outcome of the registry's last response; empty for entries that other programs wrote. */
    public Optional<Outcome> outcome() {
        return Outcome.of(head);
    }
}
