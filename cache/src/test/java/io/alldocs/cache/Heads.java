package io.alldocs.cache;

import io.alldocs.cache.entry.EntryMetadata;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;

/** Generates metadata with arbitrary values. */
public final class Heads {
    private Heads() {}

    public static Arbitrary<EntryMetadata> any() {
        Arbitrary<String> text = Texts.valid().injectNull(0.4);
        Arbitrary<Map<String, String>> headers =
                Arbitraries.maps(Arbitraries.of("etag", "date", "link", "age"), Texts.valid());
        Arbitrary<Long> times = Arbitraries.longs().between(-1L << 40, 1L << 45);
        return Combinators.combine(
                        Arbitraries.integers().between(0, 599),
                        headers,
                        text,
                        text,
                        text,
                        Arbitraries.longs().between(0, Long.MAX_VALUE),
                        times,
                        times)
                .as((status, map, a, b, c, size, stored, validated) -> new EntryMetadata(
                        status,
                        map,
                        a,
                        b,
                        c,
                        a == null ? null : "gzip",
                        size,
                        b,
                        Instant.ofEpochMilli(stored),
                        Instant.ofEpochMilli(validated),
                        c == null ? null : Duration.ofMillis(Math.abs(validated)),
                        c,
                        a != null && stored > validated));
    }
}
