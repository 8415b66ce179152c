package io.alldocs.cli.operations;

import io.alldocs.cache.Cache;
import io.alldocs.packument.PackumentFrame;
import java.net.URI;
import java.util.List;
import java.util.stream.Stream;

/** Asks a cache a question: the README's example of a frame. */
public final class Dependents {
    private Dependents() {}

    // region dependents
    /** Packages whose latest version depends on {@code name}. */
    static List<String> of(Cache cache, URI registry, String name) {
        PackumentFrame packuments = PackumentFrame.fromCache(cache, registry);
        try (Stream<String> dependents = packuments.map(packument -> packument
                .latest()
                .filter(latest -> packument.dependencies(latest).containsKey(name))
                .map(latest -> packument.name())
                .orElse(null))) {
            return dependents.parallel().sorted().toList();
        }
    }
    // endregion
}
