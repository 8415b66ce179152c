package io.alldocs.cli.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.alldocs.cli.ExitCode;
import io.alldocs.cli.Program;
import io.alldocs.cli.bootstrap.Bench;
import io.alldocs.cli.bootstrap.ChildProcess;
import io.alldocs.examples.registry.EmbeddedRegistry;
import io.alldocs.examples.registry.Endpoint;
import io.alldocs.examples.registry.Fault;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    private Path folder;

    @Test
    void report_afterABootstrap_isWhatTheRegistryHas() {
        try (EmbeddedRegistry registry = EmbeddedRegistry.builder().names(1_300).start()) {
            Bench bench = new Bench(registry, folder);
            JsonNode bootstrap = bench.expect(ExitCode.COMPLETE);
            registry.requests().reset();

            JsonNode report = expect(ExitCode.COMPLETE, bench);

            assertThat(report.path("status").asText()).isEqualTo("complete");
            assertThat(report.path("names").asLong()).isEqualTo(1_300);
            assertThat(report.path("missing").asLong(-1)).isZero();
            assertThat(report.path("outcomes")).isEqualTo(bootstrap.path("outcomes"));
            assertThat(report.path("partitions")).hasSizeGreaterThan(1).allSatisfy(part -> {
                assertThat(part.path("atOrigin")).isEqualTo(part.path("names"));
                assertThat(part.path("drift").asLong(-1)).isZero();
            });
            assertThat(sum(report.path("partitions"), "bytes"))
                    .isEqualTo(report.path("bytes").asLong())
                    .isPositive();
            assertThat(sum(report.path("sizes"), "documents"))
                    .isEqualTo(sum(report.path("arrivals"), "documents"))
                    .isEqualTo(report.path("documents").asLong())
                    .isPositive();
            assertThat(sum(report.path("ages"), "names")).isEqualTo(1_300);
            assertThat(report.at("/origin/feed/rows").asLong(-1)).isZero();
            assertThat(bench.asked(Endpoint.PACKUMENT)).isZero();
            assertThat(bench.asked(Endpoint.ALL_DOCS))
                    .isEqualTo(report.path("partitions").size());
        }
    }

    @Test
    void report_biggest_areThoseWithTheMostStoredBytes() {
        try (EmbeddedRegistry registry = EmbeddedRegistry.builder()
                .names(60)
                .giant("elephant", 4_000_000)
                .giant("whale", 9_000_000)
                .start()) {
            Bench bench = new Bench(registry, folder);
            bench.expect(ExitCode.COMPLETE);

            JsonNode biggest = expect(ExitCode.COMPLETE, bench).path("biggest");

            assertThat(biggest).hasSize(15);
            assertThat(biggest.at("/0/name").asText()).isEqualTo("whale");
            assertThat(biggest.at("/1/name").asText()).isEqualTo("elephant");
            for (int i = 1; i < 15; i++) {
                assertThat(biggest.get(i).path("bytes").asLong())
                        .isLessThanOrEqualTo(biggest.get(i - 1).path("bytes").asLong());
            }
        }
    }

    @Test
    void report_registryThatChangedSince_listsTheLagByPartition() {
        try (EmbeddedRegistry registry =
                EmbeddedRegistry.builder().names(1_300).mixedStates(false).start()) {
            Bench bench = new Bench(registry, folder);
            bench.expect(ExitCode.COMPLETE);
            registry.names().subList(0, 9).forEach(registry::publish);
            registry.delete(registry.names().get(20));
            registry.publish("~new");

            JsonNode report = expect(ExitCode.COMPLETE, bench);

            JsonNode feed = report.at("/origin/feed");
            assertThat(feed.path("rows").asLong()).isEqualTo(11);
            assertThat(feed.path("concerning").asLong()).isEqualTo(11);
            assertThat(feed.path("deletions").asLong()).isEqualTo(1);
            assertThat(feed.path("sequences").asLong()).isGreaterThanOrEqualTo(11);
            assertThat(sum(report.path("partitions"), "changed")).isEqualTo(11);
            JsonNode last =
                    report.path("partitions").get(report.path("partitions").size() - 1);
            assertThat(last.path("drift").asLong()).as("the new name").isEqualTo(1);
            assertThat(report.path("drifted")).as("with a reason").isEmpty();
        }
    }

    @Test
    void report_cacheThatLostSomething_isPartialUntilItIsRepaired() throws IOException {
        try (EmbeddedRegistry registry = EmbeddedRegistry.builder().names(1_200).start()) {
            Bench bench = new Bench(registry, folder);
            bench.expect(ExitCode.COMPLETE);
            bench.forget("v1:packument:", 7);
            bench.forget("v1:partition:", 1);
            registry.requests().reset();

            JsonNode partial = expect(ExitCode.PARTIAL, bench);

            assertThat(partial.path("unwalked").asLong()).isEqualTo(1);
            assertThat(partial.path("partitions"))
                    .anySatisfy(
                            part -> assertThat(part.path("problem").asText()).contains("v1:partition:"));
            assertThat(bench.asked(Endpoint.PACKUMENT)).isZero();

            JsonNode repaired = expect(ExitCode.COMPLETE, bench, "--repair");

            assertThat(repaired.path("names").asLong()).isEqualTo(1_200);
            assertThat(repaired.path("missing").asLong(-1)).isZero();
            assertThat(repaired.at("/repair/fetched").asLong()).isEqualTo(7);
            assertThat(repaired.at("/repair/pages").asLong()).isEqualTo(1);
            assertThat(bench.asked(Endpoint.PACKUMENT)).isEqualTo(7);
            bench.assertNamesEqualOrigin(name -> true);
            bench.assertPackumentsEqualOrigin(name -> true);
        }
    }

    /** Rows were lost without an error. The stored count of the partition shows the loss. */
    @Test
    void report_partitionWithFewerNamesThanTheOrigin_driftsUntilItIsRepaired() {
        try (EmbeddedRegistry registry =
                EmbeddedRegistry.builder().names(1_200).mixedStates(false).start()) {
            Bench bench = new Bench(registry, folder);
            bench.expect(ExitCode.COMPLETE);
            long lost = bench.dropRows(3);

            JsonNode drifted = expect(ExitCode.PARTIAL, bench);

            assertThat(lost).isEqualTo(3);
            assertThat(drifted.path("drifted")).hasSize(1);
            JsonNode part = drifted.path("partitions")
                    .get(drifted.path("drifted").get(0).asInt());
            assertThat(part.path("drift").asLong()).isEqualTo(3);
            assertThat(run(bench).out()).contains("at the origin; the changes do not explain the difference");

            JsonNode repaired = expect(ExitCode.COMPLETE, bench, "--repair");

            assertThat(repaired.path("drifted")).isEmpty();
            bench.assertNamesEqualOrigin(name -> true);
        }
    }

    @Test
    void report_databaseThatDoesNotCount_isWalkedWithoutStoringIt() {
        try (EmbeddedRegistry registry = EmbeddedRegistry.builder().names(700).start()) {
            Bench bench = new Bench(registry, folder);
            registry.faults().set(Fault.nullOffset());
            bench.expect(ExitCode.COMPLETE);
            long keys = bench.storedKeys("");

            JsonNode report = expect(ExitCode.COMPLETE, bench);

            assertThat(report.at("/origin/counted").asBoolean(true)).isFalse();
            assertThat(sum(report.path("partitions"), "atOrigin")).isEqualTo(700);
            assertThat(bench.storedKeys("")).isEqualTo(keys);
        }
    }

    @Test
    void report_originUnreachableOrOffline_reportsWhatIsCached() {
        try (EmbeddedRegistry registry = EmbeddedRegistry.builder().names(150).start()) {
            Bench bench = new Bench(registry, folder);
            bench.expect(ExitCode.COMPLETE);
            registry.requests().reset();

            JsonNode offline = expect(ExitCode.COMPLETE, bench, "--offline");

            assertThat(registry.requests().total()).isZero();
            assertThat(offline.path("origin").isNull()).isTrue();
            assertThat(offline.at("/partitions/0/atOrigin").isNull()).isTrue();
            registry.faults().set(Fault.status(401, 1));

            JsonNode refused = expect(ExitCode.REFUSED, bench);

            assertThat(refused.at("/origin/problem").asText()).contains("401");
            assertThat(refused.path("status").asText()).isEqualTo("complete");
            assertThat(refused.path("names").asLong()).isEqualTo(150);
            assertThat(refused.path("outcomes")).isEqualTo(offline.path("outcomes"));
        }
    }

    @Test
    void report_newEpoch_isNoCompleteness() {
        try (EmbeddedRegistry registry = EmbeddedRegistry.builder().names(150).start()) {
            Bench bench = new Bench(registry, folder);
            bench.expect(ExitCode.COMPLETE);
            registry.resetSequence();

            JsonNode reset = expect(ExitCode.PARTIAL, bench);

            assertThat(reset.at("/origin/feed/newEpoch").asBoolean()).isTrue();
            assertThat(expect(ExitCode.COMPLETE, bench, "--repair")
                            .at("/origin/feed/newEpoch")
                            .asBoolean(true))
                    .isFalse();
        }
    }

    @Test
    void report_ofABootstrapThatWasInterrupted_countsWhatIsThere() throws Exception {
        try (EmbeddedRegistry registry = EmbeddedRegistry.builder().names(1_300).start()) {
            Bench bench = new Bench(registry, folder);
            registry.faults().set(Fault.latency(Duration.ofMillis(20)).on(Endpoint.PACKUMENT));
            try (ChildProcess process = ChildProcess.start(folder, bench.commandLine())) {
                process.awaitWhileRunning(() -> bench.asked(Endpoint.PACKUMENT) >= 100);
                process.kill();
            }
            registry.faults().clear();
            registry.requests().reset();

            JsonNode report = expect(ExitCode.PARTIAL, bench);

            assertThat(report.path("names").asLong()).isEqualTo(1_300);
            assertThat(report.path("missing").asLong()).isBetween(1L, 1_299L);
            assertThat(sum(report.path("ages"), "names"))
                    .isEqualTo(1_300 - report.path("missing").asLong());
            assertThat(report.at("/state/finished").isNull()).isTrue();
            assertThat(bench.asked(Endpoint.PACKUMENT)).isZero();
        }
    }

    @Test
    void report_interrupted_saysSoAndPrintsItsCounts() throws InterruptedException {
        try (EmbeddedRegistry registry = EmbeddedRegistry.builder().names(200).start()) {
            Bench bench = new Bench(registry, folder);
            bench.expect(ExitCode.COMPLETE);
            List<Program.Result> results = new ArrayList<>();
            Thread thread = new Thread(() -> {
                Thread.currentThread().interrupt();
                results.add(run(bench));
            });
            thread.start();
            thread.join();

            assertThat(results.get(0).exitCode()).isEqualTo(ExitCode.PARTIAL);
            assertThat(results.get(0).out()).startsWith("Interrupted: counted 0 names until then.");
        }
    }

    @Test
    void report_severalJobsInOneCache_listsEach() throws IOException {
        try (EmbeddedRegistry registry =
                EmbeddedRegistry.builder().names("a1", "a2", "b1", "b2", "b3").start()) {
            Bench bench = new Bench(registry, folder);
            Path names = Files.writeString(folder.resolve("names.txt"), "a1\nb2\nunknown\n");
            bench.expect(ExitCode.COMPLETE, "--prefix", "a");
            bench.expect(ExitCode.COMPLETE, "--prefix", "b", "--names-only");
            bench.expect(ExitCode.COMPLETE, "--names", names.toString());
            registry.publish("b2");

            assertThat(expect(ExitCode.COMPLETE, bench, "--prefix", "a")
                            .path("names")
                            .asLong())
                    .isEqualTo(2);
            JsonNode namesOnly = expect(ExitCode.COMPLETE, bench, "--prefix", "b", "--names-only");
            assertThat(namesOnly.path("names").asLong()).isEqualTo(3);
            assertThat(namesOnly.at("/origin/feed/concerning").asLong()).isEqualTo(1);
            JsonNode ofFile = expect(ExitCode.COMPLETE, bench, "--names", names.toString());
            assertThat(ofFile.path("names").asLong()).isEqualTo(3);
            assertThat(ofFile.at("/outcomes/not_found").asLong()).isEqualTo(1);
            assertThat(ofFile.at("/origin/feed/concerning").asLong()).isEqualTo(1);

            Program.Result jobs = run(bench, "--jobs");
            assertThat(jobs.out().lines().filter(line -> !line.startsWith(" ")))
                    .hasSize(3)
                    .allMatch(line -> line.contains("finished 20"))
                    .anyMatch(line -> line.startsWith("names from a before b of " + registry.origin() + ", form full"))
                    .anyMatch(line -> line.contains("names.txt"));

            Program.Result never = run(bench, "--prefix", "c");
            assertThat(never.exitCode()).isEqualTo(ExitCode.USAGE);
            assertThat(never.err()).contains("The cache contains nothing of this job");
        }
    }

    @Test
    void badOptions_areRefused() {
        for (List<String> options : List.of(
                List.of("--offline", "--repair"),
                List.of("--html", "nowhere/page.html"),
                List.of("--report", "nowhere/report.json"))) {
            Program.Result result = Program.run(
                    Stream.concat(Stream.of("report"), options.stream()).toArray(String[]::new));
            assertThat(result.exitCode()).as(result.err()).isEqualTo(ExitCode.USAGE);
            assertThat(result.err()).startsWith("Error: --");
        }
    }

    static Program.Result run(Bench bench, String... more) {
        String origin = bench.registry.origin().toString();
        List<String> line = new ArrayList<>(List.of(
                "report",
                "--origin",
                origin,
                "--registry",
                origin,
                "--cache-dir",
                bench.cacheDir.toString(),
                "--driver",
                bench.driver));
        line.addAll(List.of(more));
        return Program.run(line.toArray(String[]::new));
    }

    /** Runs the report, expects {@code exitCode}, and returns the report as JSON. */
    static JsonNode expect(int exitCode, Bench bench, String... more) {
        Program.Result result =
                run(bench, Stream.concat(Stream.of("--json"), Stream.of(more)).toArray(String[]::new));
        assertThat(result.exitCode()).as("%s%n%s", result.out(), result.err()).isEqualTo(exitCode);
        try {
            return JSON.readTree(result.out());
        } catch (IOException e) {
            throw new AssertionError(result.out(), e);
        }
    }

    private static long sum(JsonNode list, String field) {
        long sum = 0;
        for (JsonNode element : list) {
            sum += element.path(field).asLong();
        }
        return sum;
    }
}
