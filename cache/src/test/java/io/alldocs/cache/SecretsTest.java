package io.alldocs.cache;

import static org.assertj.core.api.Assertions.assertThat;

import io.alldocs.Env;
import io.alldocs.cache.entry.EntryFormat;
import io.alldocs.cache.entry.EntryMetadata;
import io.alldocs.cache.spi.StoredEntry;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Checks that a token in any input never appears in stored or printed data. */
class SecretsTest {
    private static final String TOKEN = "npm_pl4ntedT0ken";
    private static final URI ORIGIN = URI.create("https://user:" + TOKEN + "@registry.example.com/npm");

    @ParameterizedTest
    @EnumSource(EntryFormat.class)
    void fetch_plantedToken_isNeitherStoredNorPrinted(EntryFormat format) throws IOException {
        MemoryStorageDriver driver = new MemoryStorageDriver();
        Env env = Env.of(Map.of("STORAGE_DRIVER", "memory", "NPM_TOKEN", TOKEN));
        Cache cache = Cache.builder().env(env).driver(driver).format(format).build();
        CacheKey key = CacheKey.packument(ORIGIN, "express");
        Loaded.Value plain = Samples.value(cache.receiver(), "{\"name\":\"express\"}");
        EntryMetadata head = plain.head().toBuilder()
                .headers(Map.of(
                        "Set-Cookie",
                        List.of("s=" + TOKEN),
                        "Authorization",
                        List.of("Bearer " + TOKEN),
                        "ETag",
                        List.of("\"1\""),
                        "X-Token",
                        List.of(TOKEN)))
                .url(URI.create(ORIGIN + "/express?token=" + TOKEN + "#" + TOKEN))
                .build();
        CacheEntry entry = cache.fetch(key, CacheMode.DEFAULT, stored -> new Loaded.Value(head, plain.body()));
        new PartitionCheckpoint(cache, "set").recordPartitions(ORIGIN, List.of(CacheKey.partition(ORIGIN, null, null)));
        try (Stream<String> keys = cache.keys("")) {
            for (String stored : keys.toList()) {
                StoredEntry value = driver.get(stored).orElseThrow();
                assertClean(stored);
                assertClean(value.head().toJson());
                assertClean(new String(value.body().toByteArray(), StandardCharsets.UTF_8));
            }
        }
        RequestOptions options = new RequestOptions(
                CacheMode.DEFAULT, Map.of("authorization", TOKEN), Optional.of(Duration.ofSeconds(1)));
        for (Object printed :
                List.of(entry.head(), key, env, options, cache.head(key).orElseThrow())) {
            assertClean(printed.toString());
        }
    }

    private static void assertClean(String text) {
        assertThat(text).doesNotContain(TOKEN);
    }
}
