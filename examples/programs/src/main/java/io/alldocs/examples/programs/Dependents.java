package io.alldocs.examples.programs;

import io.alldocs.Env;
import io.alldocs.cache.Cache;
import io.alldocs.packument.PackumentClient;
import io.alldocs.packument.PackumentFrame;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Prints the cached packages whose latest version depends on a given package. Argument: the given package's name. */
public final class Dependents {
    private Dependents() {}

    /** Runs the program; it sends no requests. */
    public static void main(String[] args) {
        String name = Arguments.require(args, Dependents.class, "NAME")[0];
        Env env = Env.system();
        try (Cache cache = Cache.builder().env(env).build();
                PackumentClient client =
                        PackumentClient.builder().env(env).cache(cache).build()) {
            of(cache, client.registry(), name).forEach(System.out::println);
        }
    }

    // region dependents
    /** Returns the packages whose latest version depends on {@code name}. */
    static List<String> of(Cache cache, URI registry, String name) {
        PackumentFrame packuments = PackumentFrame.fromCache(cache, registry);
        try (Stream<Optional<String>> dependents = packuments.map(packument -> packument
                .latest()
                .filter(latest -> packument.dependencies(latest).containsKey(name))
                .map(latest -> packument.name()))) {
            return dependents.parallel().flatMap(Optional::stream).sorted().toList();
        }
    }
    // endregion
}
