package io.alldocs.cli.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.alldocs.cli.ExitCode;
import io.alldocs.examples.registry.EmbeddedRegistry;
import io.alldocs.examples.registry.Endpoint;
import io.alldocs.examples.registry.Fault;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Interrupts real processes with real signals, and counts every request at the server. */
class InterruptedBootstrapTest {
    private static final int CONCURRENCY = 8;

    @TempDir
    private Path folder;

    @Test
    void bootstrap_25000NamesAnd2500Packuments_interruptedTwice_equalsTheOrigin() throws Exception {
        try (EmbeddedRegistry registry =
                EmbeddedRegistry.builder().names(25_000).start()) {
            Bench bench = new Bench(registry, folder);
            listNamesInterrupted(bench);
            bench.assertNamesEqualOrigin(name -> true);

            registry.requests().reset();
            List<String> range = registry.names().subList(10_000, 12_500);
            String[] job = {
                "--start", range.get(0), "--end", registry.names().get(12_500), "--concurrency", "" + CONCURRENCY
            };
            interruptedAfter(bench, 800, job);
            killedAfter(bench, 1_600, job);
            JsonNode report = bench.expect(ExitCode.COMPLETE, job);

            assertThat(report.path("names").asInt()).isEqualTo(2_500);
            assertThat(report.path("work").path("hits").asInt()).isGreaterThanOrEqualTo(1_600 - 2 * CONCURRENCY);
            assertThat(registry.requests().namesAskedAtLeast(1)).isEqualTo(2_500);
            assertThat(registry.requests().namesAskedAtLeast(2))
                    .as("names that were in flight when a process ended")
                    .isLessThanOrEqualTo(2 * CONCURRENCY);
            bench.assertPackumentsEqualOrigin(new java.util.HashSet<>(range)::contains);
        }
    }

    /** Sends SIGINT after some pages are stored. The next run requests only the other pages. */
    private void listNamesInterrupted(Bench bench) throws Exception {
        bench.registry.faults().set(Fault.latency(Duration.ofMillis(150)).on(Endpoint.ALL_DOCS));
        try (ChildProcess run = ChildProcess.start(folder, bench.commandLine("--names-only"))) {
            run.awaitWhileRunning(() -> bench.cacheDir.toFile().exists() && pagesStored(bench) >= 4);
            // Stalls the walk, so that it cannot end before the signal arrives.
            bench.registry.faults().set(Fault.stall(1).on(Endpoint.ALL_DOCS));
            run.interrupt();
            assertThat(run.awaitExit()).isEqualTo(ExitCode.PARTIAL);
            assertThat(run.out()).startsWith("Interrupted: ").contains("Run the same command again");
        }
        bench.registry.faults().clear();
        long stored = pagesStored(bench);
        bench.registry.requests().reset();

        JsonNode report = bench.expect(ExitCode.COMPLETE, "--names-only");

        assertThat(report.path("names").asInt()).isEqualTo(25_000);
        assertThat(report.path("work").path("pages").asLong())
                .isBetween(1L, report.path("completeness").path("pages").asLong() - stored);
    }

    private static long pagesStored(Bench bench) {
        return bench.storedKeys("v1:partition:");
    }

    private void interruptedAfter(Bench bench, int packuments, String... job) throws Exception {
        try (ChildProcess run = slowRun(bench, job)) {
            run.awaitWhileRunning(() -> bench.asked(Endpoint.PACKUMENT) >= packuments);
            run.interrupt();
            assertThat(run.awaitExit()).isEqualTo(ExitCode.PARTIAL);
            assertThat(run.err()).doesNotContain("Exception");
            assertThat(run.out())
                    .startsWith("Interrupted: at least ")
                    .endsWith("it resumes where this run stopped." + System.lineSeparator());
            assertThat(bench.report().path("status").asText()).isEqualTo("interrupted");
            assertThat(bench.report().path("missing").asInt())
                    .as("what is stored counts, in partitions that are not complete too")
                    .isLessThanOrEqualTo(2_500 - packuments + 2 * CONCURRENCY);
        }
    }

    private void killedAfter(Bench bench, int packuments, String... job) throws Exception {
        try (ChildProcess run = slowRun(bench, job)) {
            run.awaitWhileRunning(() -> bench.asked(Endpoint.PACKUMENT) >= packuments);
            run.kill();
        }
        bench.registry.faults().clear();
    }

    /** Starts a run with the latency of a nearby registry, so that there is time to interrupt it. */
    private ChildProcess slowRun(Bench bench, String... job) throws Exception {
        bench.registry.faults().set(Fault.latency(Duration.ofMillis(5)).on(Endpoint.PACKUMENT));
        return ChildProcess.start(folder, bench.commandLine(job));
    }
}
