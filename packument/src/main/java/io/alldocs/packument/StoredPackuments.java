package io.alldocs.packument;

import io.alldocs.cache.Cache;
import io.alldocs.cache.CacheKey;
import io.alldocs.cache.CacheMode;
import java.net.URI;
import java.util.Collection;
import java.util.Optional;
import java.util.function.Predicate;

/** Finds results in a cache by their metadata. Safe for concurrent use. */
final class StoredPackuments {
    private final Cache cache;
    private final PackumentForm form;

    /** @param form the requested form */
    StoredPackuments(Cache cache, PackumentForm form) {
        this.cache = cache;
        this.form = form;
    }

    /** Returns the stored result if the mode serves it whatever its age. Reads nothing for other modes. */
    Optional<PackumentResult> served(URI registry, String name, CacheMode mode) {
        if (!mode.ignoresAge()) {
            return Optional.empty();
        }
        return only(
                find(registry, name),
                result -> mode.serves(
                        result.form().key(registry, name),
                        result.head(),
                        cache.clock().instant()));
    }

    /** Returns the result if {@code wanted} accepts it, and closes any other. */
    static Optional<PackumentResult> only(Optional<PackumentResult> stored, Predicate<PackumentResult> wanted) {
        Optional<PackumentResult> accepted = stored.filter(wanted);
        if (accepted.isEmpty()) {
            stored.ifPresent(PackumentResult::close);
        }
        return accepted;
    }

    /**
     * Returns the stored result in the requested form. If the abbreviated form was requested and is not stored, returns
     * the full form. Reads only metadata.
     */
    Optional<PackumentResult> find(URI registry, String name) {
        Optional<PackumentResult> asked = find(registry, name, form);
        return asked.isPresent() || form == PackumentForm.FULL ? asked : find(registry, name, PackumentForm.FULL);
    }

    private Optional<PackumentResult> find(URI registry, String name, PackumentForm wanted) {
        CacheKey key = wanted.key(registry, name);
        return cache.head(key)
                .filter(head -> PackumentForm.of(head).orElse(wanted) == wanted)
                // Without an outcome, another program wrote the entry, and the outcome depends on its body.
                .flatMap(head -> Outcome.of(head).isEmpty()
                        ? cache.entry(key).map(entry -> PackumentResult.of(entry, name, wanted))
                        : Optional.of(PackumentResult.stored(head, name, wanted, () -> cache.entry(key))));
    }

    /**
     * Deletes outcomes that were recorded during a series of 403 responses, because such responses concern the
     * credentials and not the names. Otherwise the names would stay blocked after the token is corrected. An entry with
     * a good packument is kept.
     */
    void deleteRefusals(URI registry, Collection<String> names) {
        names.stream()
                .map(name -> form.key(registry, name))
                .filter(this::isRefusal)
                .forEach(key -> cache.delete(key.toString()));
    }

    private boolean isRefusal(CacheKey key) {
        return cache.head(key)
                .filter(head -> head.sizeBytes() == 0)
                .flatMap(Outcome::of)
                .filter(outcome -> outcome == Outcome.BLOCKED || outcome == Outcome.MALFORMED)
                .isPresent();
    }
}
