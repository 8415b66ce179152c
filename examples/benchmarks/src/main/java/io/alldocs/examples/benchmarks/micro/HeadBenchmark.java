package io.alldocs.examples.benchmarks.micro;

import io.alldocs.cache.entry.EntryMetadata;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** Measures how fast the metadata (heads) of entries is written as JSON and parsed. The drivers store this JSON. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class HeadBenchmark {
    private final EntryMetadata head = EntryMetadata.builder()
            .status(200)
            .headers(Map.of(
                    "content-type", List.of("application/json"),
                    "etag", List.of("\"9f8a1c1e6a1d4f7a8f3b5d0c2e4a6b8d\""),
                    "last-modified", List.of("Tue, 03 Nov 2026 10:11:12 GMT"),
                    "cache-control", List.of("public, max-age=300")))
            .form("full")
            .outcome("ok")
            .rev("1104-0123456789abcdef0123456789abcdef")
            .body("gzip", 18_432, "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=")
            .storedAt(Instant.ofEpochMilli(1_795_000_000_000L))
            .validatedAt(Instant.ofEpochMilli(1_795_000_000_000L))
            .lifetime(Duration.ofHours(1))
            .url(URI.create("https://registry.npmjs.com/express"))
            .build();
    private final String json = head.toJson();

    /** Created by JMH. */
    public HeadBenchmark() {}

    /** Returns the head as JSON. */
    @Benchmark
    public String write() {
        return head.toJson();
    }

    /** Parses the head from JSON. */
    @Benchmark
    public EntryMetadata parse() {
        return EntryMetadata.parse(json);
    }
}
