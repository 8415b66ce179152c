package io.alldocs.examples.benchmarks;

import io.alldocs.Env;
import io.alldocs.cache.Cache;
import io.alldocs.cache.CacheKey;
import io.alldocs.cache.CacheMode;
import io.alldocs.cache.NotCachedException;
import io.alldocs.cache.RequestOptions;
import io.alldocs.cache.spi.VerifyOptions;
import io.alldocs.examples.registry.EmbeddedRegistry;
import io.alldocs.examples.registry.NameState;
import io.alldocs.examples.registry.PackumentForm;
import io.alldocs.packument.Outcome;
import io.alldocs.packument.PackumentClient;
import io.alldocs.packument.PackumentResult;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Compares the contents of a cache with its origin.
 *
 * @param lost names of the origin that no stored page lists or that have no outcome
 * @param wrong names whose outcome or bytes differ from the origin, names that are listed twice, and names that the
 *     origin does not have
 * @param invalid whether {@link Cache#verify} reported any problem
 */
record Comparison(int names, int lost, int wrong, boolean invalid) {

    boolean equal() {
        return lost == 0 && wrong == 0 && !invalid;
    }

    static Comparison of(EmbeddedRegistry registry, Path folder, String driver) throws IOException {
        return of(
                registry,
                Map.of(
                        "STORAGE_DRIVER",
                        driver,
                        "CACHE_DIR",
                        folder.resolve("cache").toString()));
    }

    /** @param environment the environment that selects the cache */
    static Comparison of(EmbeddedRegistry registry, Map<String, String> environment) throws IOException {
        try (Cache cache = Cache.builder().env(Env.of(environment)).build();
                PackumentClient client = PackumentClient.builder()
                        .cache(cache)
                        .registry(registry.origin())
                        .build()) {
            Map<String, Integer> listed = listed(cache);
            int lost = 0;
            int wrong = 0;
            for (String name : registry.names()) {
                Integer times = listed.remove(name);
                try {
                    boolean equal =
                            equal(registry, client.request(name, RequestOptions.of(CacheMode.ONLY_IF_CACHED)), name);
                    lost += times == null ? 1 : 0;
                    wrong += times != null && (times > 1 || !equal) ? 1 : 0;
                } catch (NotCachedException e) {
                    lost++;
                }
            }
            return new Comparison(
                    registry.names().size(),
                    lost,
                    wrong + listed.size(),
                    !cache.verify(VerifyOptions.dryRun()).clean());
        }
    }

    /** Returns how often the stored pages list each name. */
    private static Map<String, Integer> listed(Cache cache) {
        Map<String, Integer> listed = new HashMap<>();
        try (Stream<String> keys = cache.keys("v1:partition:")) {
            keys.forEach(key -> cache.entry(CacheKey.parse(key))
                    .orElseThrow()
                    .json()
                    .path("rows")
                    .forEach(row -> listed.merge(row.path("id").asText(), 1, Integer::sum)));
        }
        return listed;
    }

    private static boolean equal(EmbeddedRegistry registry, PackumentResult stored, String name) throws IOException {
        if (stored.outcome() != outcome(registry.state(name).orElseThrow())) {
            return false;
        }
        if (stored.outcome() != Outcome.OK) {
            return true;
        }
        try (InputStream body = stored.entry().orElseThrow().bodyStream()) {
            return Arrays.equals(
                    body.readAllBytes(),
                    registry.packument(name, PackumentForm.FULL).orElseThrow());
        }
    }

    private static Outcome outcome(NameState state) {
        return switch (state) {
            case PRESENT -> Outcome.OK;
            case NOT_FOUND -> Outcome.NOT_FOUND;
            case UNPUBLISHED -> Outcome.UNPUBLISHED;
            case SECURITY_HOLDER -> Outcome.SECURITY_HOLDER;
            case BLOCKED, FORBIDDEN -> Outcome.BLOCKED;
            case MALFORMED, WRONG_NAME -> Outcome.MALFORMED;
        };
    }
}
