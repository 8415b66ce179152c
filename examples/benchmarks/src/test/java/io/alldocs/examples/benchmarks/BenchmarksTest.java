package io.alldocs.examples.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.alldocs.examples.registry.EmbeddedRegistry;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Runs small versions of the benchmarks and checks that they end, count their work, and print JSON. */
class BenchmarksTest {
    @TempDir
    private Path folder;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @Test
    @Tag("chaos")
    void compare_madeUpPackuments_measuresDriversAndTransportsColdSteadyAndReading() throws IOException {
        run(
                "compare",
                "--names",
                "100",
                "--rounds",
                "1",
                "--passes",
                "2",
                "--transports",
                "jdk,okhttp",
                "--json",
                "--work-dir",
                folder.toString());

        JsonNode json = new ObjectMapper().readTree(out.toString());
        assertThat(json.path("ratios").fieldNames())
                .toIterable()
                .contains("steady, CPU us/packument, filesystem-okhttp / filesystem");
        JsonNode figures = json.path("figures");
        assertThat(figures.fieldNames())
                .toIterable()
                .contains(
                        "cold, packuments/s",
                        "steady, packuments/s",
                        "warm read, raw, entries/s",
                        "warm read, decoded, entries/s");
        figures.forEach(figure -> {
            assertThat(figure.at("/filesystem/median").asDouble()).isPositive();
            assertThat(figure.at("/sqlite/median").asDouble()).isPositive();
        });
    }

    @Test
    void storage_fewEntries_measuresBothDriversAndSha256sum() throws IOException {
        run("storage", "--entries", "160", "--rounds", "1", "--json", "--work-dir", folder.toString());

        JsonNode json = new ObjectMapper().readTree(out.toString());
        assertThat(json.at("/figures/inodes/filesystem/median").asDouble()).isGreaterThan(320);
        assertThat(json.at("/figures/inodes/sqlite/median").asDouble()).isLessThan(10);
        assertThat(json.path("ratios")
                        .path("verify, MB/s, filesystem / sha256sum")
                        .path("ratio")
                        .asDouble())
                .isPositive();
    }

    /** The command fails if the stored entries differ from the origin, or if verify finds damage. */
    @Test
    void stores_shippedPackuments_passThroughEachAndCostOneRequestEach() throws IOException {
        run("stores", "--values", "0", "--json", "--work-dir", folder.toString());

        JsonNode figures = new ObjectMapper().readTree(out.toString()).path("figures");
        for (String driver : List.of("s3", "gcs", "fastly")) {
            assertThat(median(figures, "cold fetch, requests/1,000", driver)).isEqualTo(1_000);
        }
        assertThat(median(figures, "cold fetch, requests/1,000", "cloudflare"))
                .as("puts of several threads share requests")
                .isBetween(1.0, 1_000.0);
        assertThat(median(figures, "bootstrap, requests/1,000", "fastly"))
                .as("a listing shows that nothing is stored, and each is written once")
                .isLessThan(1_500);
        for (String driver : List.of("s3", "gcs", "cloudflare", "fastly")) {
            assertThat(median(figures, "warm read, requests/1,000", driver)).isEqualTo(1_000);
            assertThat(median(figures, "bootstrap, requests/1,000", driver)).isPositive();
            assertThat(median(figures, "bootstrap again, requests/1,000", driver))
                    .isPositive();
        }
    }

    @Test
    void stores_withComparison_measuresPutsAndGets() throws IOException {
        run(
                "stores",
                "--drivers=gcs",
                "--values=20",
                "--rounds=1",
                "--concurrency=2",
                "--json",
                "--work-dir=" + folder);

        JsonNode ratios = new ObjectMapper().readTree(out.toString()).path("ratios");
        assertThat(ratios)
                .hasSize(4)
                .allSatisfy(ratio -> assertThat(ratio.path("ratio").asDouble()).isPositive());
    }

    private static double median(JsonNode figures, String figure, String contender) {
        return figures.path(figure).path(contender).path("median").asDouble();
    }

    @Test
    void queue_fewItems_measuresAddingProcessingAndMemory() throws IOException {
        run("queue", "--items", "1000", "--rounds", "1", "--json", "--work-dir", folder.toString());

        JsonNode figures = new ObjectMapper().readTree(out.toString()).path("figures");
        for (String figure : List.of("add, items/s", "process, items/s", "memory, bytes/item")) {
            assertThat(figures.at("/" + figure.replace("/", "~1") + "/all-docs/median")
                            .asDouble())
                    .as(figure)
                    .isPositive();
        }
    }

    @Test
    void scan_madeUpPackuments_measuresBothFieldsOnOneCoreAndTwo() throws IOException {
        run("scan", "--packuments=300", "--rounds=1", "--no-others", "--json", "--work-dir=" + folder);

        JsonNode figures = new ObjectMapper().readTree(out.toString()).path("figures");
        for (String field : List.of("latest", "published")) {
            for (String cores : List.of("1 core", "2 cores")) {
                JsonNode figure = figures.path(field + ", " + cores + ", packuments/s");
                assertThat(figure.at("/sqlite/median").asDouble()).isPositive();
            }
        }
    }

    @Test
    void fetch_heapEvery_printsTheLiveHeap() throws IOException {
        try (EmbeddedRegistry registry =
                EmbeddedRegistry.builder().names(40).mixedStates(false).start()) {
            Path names = Files.write(folder.resolve("names.txt"), registry.names());
            run(
                    "fetch",
                    "--registry=" + registry.origin(),
                    "--names=" + names,
                    "--work-dir=" + folder,
                    "--heap-every=20");
        }
        List<String> lines = out.toString().lines().toList();
        assertThat(lines).hasSize(3);
        assertThat(lines.get(1)).contains("\"packuments\":40").contains("liveHeapBytes");
        assertThat(lines.get(2)).contains("\"kind\":\"fetch\"").contains("\"packuments\":40");
    }

    /** Together, the giant packuments are four times as large as the heap. */
    @Test
    void heap_giantsBeyondTheHeap_areFetchedAllTheSame() {
        run("heap", "--giants=16", "--giant-bytes=8000000", "--xmx=32m", "--work-dir=" + folder);

        assertThat(out.toString().lines()).hasSize(17).last().asString().contains("\"packuments\":16");
    }

    @ParameterizedTest
    @ValueSource(strings = {"KeyBenchmark", "HeadBenchmark", "OrderBenchmark", "RowBenchmark", "ListenerBenchmark"})
    void micro_each_runs(String benchmark) throws IOException {
        run("micro", "--include", benchmark, "--forks", "0", "--iterations", "1", "--millis", "10", "--json");

        JsonNode results = new ObjectMapper().readTree(out.toString());
        assertThat(results)
                .hasSizeGreaterThanOrEqualTo(2)
                .allSatisfy(
                        result -> assertThat(result.path("score").asDouble()).isPositive());
    }

    private void run(String... command) {
        int code = Main.run(new PrintWriter(out, true), new PrintWriter(err, true), command);
        assertThat(code).as("%s: %s%n%s", Arrays.toString(command), out, err).isZero();
    }
}
