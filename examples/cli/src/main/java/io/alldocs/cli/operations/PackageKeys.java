package io.alldocs.cli.operations;

import io.alldocs.cache.Cache;
import io.alldocs.cache.CacheKey;
import io.alldocs.cli.UsageException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Finds the keys under which a cache stores one package, of any registry. */
final class PackageKeys {
    private final Cache cache;

    PackageKeys(Cache cache) {
        this.cache = cache;
    }

    /**
     * Returns the stored keys of {@code name}, full documents first.
     *
     * @param origin origin as it appears in keys; empty for every origin in the cache
     */
    List<CacheKey> of(String name, Optional<String> origin) {
        return Stream.of(CacheKey.Kind.PACKUMENT, CacheKey.Kind.ABBREVIATED)
                .flatMap(kind -> origins(kind, origin).stream().map(each -> key(kind, each, name)))
                .filter(key -> cache.has(key.toString()))
                .toList();
    }

    /**
     * Returns the stored keys like {@link #of}, and requires that all have the same origin.
     *
     * @throws UsageException if the keys have several origins
     */
    List<CacheKey> ofOneOrigin(String name, Optional<String> origin) {
        List<CacheKey> keys = of(name, origin);
        List<String> origins = keys.stream().map(CacheKey::origin).distinct().toList();
        if (origins.size() > 1) {
            throw new UsageException("The cache contains " + name
                    + " from several registries; choose one with --origin: " + String.join(", ", origins) + ".");
        }
        return keys;
    }

    private Set<String> origins(CacheKey.Kind kind, Optional<String> given) {
        if (given.isPresent()) {
            return Set.of(given.get());
        }
        return cache.capabilities().orderedListing() ? skipThrough(kind) : readThrough(kind);
    }

    /** Returns all origins of a kind. In an ordered store, reads only one key of each origin. */
    private Set<String> skipThrough(CacheKey.Kind kind) {
        Set<String> origins = new TreeSet<>();
        String prefix = prefix(kind);
        Optional<String> next = firstAfter(prefix, null);
        while (next.isPresent()) {
            String origin = CacheKey.find(next.get()).map(CacheKey::origin).orElse("");
            if (origin.isEmpty()) {
                next = firstAfter(prefix, next.get());
            } else {
                origins.add(origin);
                next = firstAfter(prefix, prefix + origin + ";"); // the character after the colon
            }
        }
        return origins;
    }

    private Optional<String> firstAfter(String prefix, @Nullable String startAfter) {
        try (Stream<String> keys = cache.keys(prefix, startAfter)) {
            return keys.findFirst();
        }
    }

    private Set<String> readThrough(CacheKey.Kind kind) {
        Set<String> origins = new TreeSet<>();
        try (Stream<String> keys = cache.keys(prefix(kind))) {
            keys.forEach(key -> CacheKey.find(key).map(CacheKey::origin).ifPresent(origins::add));
        }
        return origins;
    }

    private static String prefix(CacheKey.Kind kind) {
        return "v1:" + kind.word() + ":";
    }

    private static CacheKey key(CacheKey.Kind kind, String origin, String name) {
        String key = prefix(kind) + origin + ":" + HexFormat.of().formatHex(name.getBytes(StandardCharsets.UTF_8));
        return CacheKey.find(key)
                .orElseThrow(() -> new UsageException("--origin: a key cannot contain the origin " + origin + "."));
    }
}
