package io.alldocs.packument;

import static org.assertj.core.api.Assertions.assertThat;

import io.alldocs.Env;
import io.alldocs.cache.Cache;
import io.alldocs.cache.RequestOptions;
import io.alldocs.cache.run.RunSummary;
import io.alldocs.examples.registry.EmbeddedRegistry;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** The code that the module's README shows. */
class PackumentGuideTest {

    // region one
    static String latest(PackumentClient client, String name) {
        PackumentResult result = client.request(name);
        return switch (result.outcome()) {
            case OK -> result.json().at("/dist-tags/latest").asText();
            case NOT_FOUND -> "the registry does not know this name";
            default -> "no versions: " + result.outcome();
        };
    }
    // endregion

    // region many
    static Map<String, Outcome> fetch(Env env, List<String> names) {
        Map<String, Outcome> outcomes = new TreeMap<>();
        try (Cache cache = Cache.builder().env(env).build();
                PackumentClient client =
                        PackumentClient.builder().env(env).cache(cache).build()) {
            RunSummary summary = client.requestAll(
                    names,
                    RequestOptions.DEFAULT,
                    result -> outcomes.put(result.name(), result.outcome()), // one call at a time
                    (name, failure) -> System.err.println(name + ": " + failure.getMessage()));
            System.err.println(summary.items() + " names, " + summary.failed() + " failed");
        }
        return outcomes;
    }
    // endregion

    @Test
    void guide_ofAnEmbeddedRegistry_fetchesPackuments() {
        try (EmbeddedRegistry registry =
                EmbeddedRegistry.builder().names(List.of("express", "zod")).start()) {
            Env env = Env.of(Map.of("NPM_REGISTRY", registry.origin().toString(), "STORAGE_DRIVER", "memory"));

            assertThat(fetch(env, List.of("express", "absent", "zod")))
                    .containsOnly(
                            Map.entry("express", Outcome.OK),
                            Map.entry("absent", Outcome.NOT_FOUND),
                            Map.entry("zod", Outcome.OK));
            try (Cache cache = Cache.builder().env(env).build();
                    PackumentClient client =
                            PackumentClient.builder().env(env).cache(cache).build()) {
                assertThat(latest(client, "express")).matches("\\d+\\.\\d+\\.\\d+.*");
                assertThat(latest(client, "absent")).contains("does not know");
            }
        }
    }
}
