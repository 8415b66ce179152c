package io.alldocs.packument;

import io.alldocs.cache.EntryHead;
import java.util.Objects;
import java.util.Optional;

/**
 * What a cache knows of a packument without reading it.
 *
 * @param name the name it is stored under
 * @param head status, times, size and revision
 */
public record PackumentHead(String name, EntryHead head) {

    /** Requires both. */
    public PackumentHead {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(head, "head");
    }

    /** What the registry's last answer was; empty for entries that other programs wrote. */
    public Optional<Outcome> outcome() {
        return Outcome.of(head);
    }
}
