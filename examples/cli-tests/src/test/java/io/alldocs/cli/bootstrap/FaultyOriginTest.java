package io.alldocs.cli.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.alldocs.cli.ExitCode;
import io.alldocs.cli.Program;
import io.alldocs.examples.registry.EmbeddedRegistry;
import io.alldocs.examples.registry.Faults;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Tests each fault separately. Either the run completes and the cache equals the origin, or the run reports what is
 * missing. Wrong data is never stored.
 */
class FaultyOriginTest {
    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "429=0.05,429-retry-after=0",
                "429=1,429-retry-after=1,429-times=3",
                "500=0.05",
                "503=0.05",
                "reset=0.05",
                "cut=0.05",
                "cut-chunked=0.05",
                "cut-gzip=0.03",
                "empty=0.03",
                "packument.stall=1,packument.stall-for=1s,packument.stall-times=2",
                "packument.stall-body=1,packument.stall-body-for=1s,packument.stall-body-times=2",
                "packument.trickle=1,packument.trickle-bytes-per-second=4096,packument.trickle-times=2",
                "latency=2ms",
                "page-cap=35",
                "drift=1,drift-times=5",
                "zero-offset",
                "null-offset",
                "no-304"
            })
    void bootstrap_faultThatPasses_endsCompleteAndEqual(String faults) {
        try (EmbeddedRegistry registry = EmbeddedRegistry.builder()
                .names(120)
                .faults(Faults.parse(faults))
                .start()) {
            Bench bench = new Bench(registry, folder);

            bench.expect(ExitCode.COMPLETE);

            registry.faults().clear();
            bench.assertNamesEqualOrigin(name -> true);
            bench.assertPackumentsEqualOrigin(name -> true);
        }
    }

    @Test
    void bootstrap_resetDuringTheRun_startsOverByRevision() {
        try (EmbeddedRegistry registry = EmbeddedRegistry.builder()
                .names(250)
                .mixedStates(false)
                .faults(Faults.parse("sequence-reset=1"))
                .start()) {
            Bench bench = new Bench(registry, folder);

            JsonNode report = bench.expect(ExitCode.COMPLETE);

            assertThat(report.path("feed").path("resets").asInt()).isEqualTo(1);
            assertThat(registry.requests().namesAskedAtLeast(2)).isZero();
            bench.assertPackumentsEqualOrigin(name -> true);
        }
    }

    @Test
    void bootstrap_opaqueSequences_areFollowedAsTheyAre() {
        try (EmbeddedRegistry registry =
                EmbeddedRegistry.builder().names(250).opaqueSequences().start()) {
            Bench bench = new Bench(registry, folder);
            bench.expect(ExitCode.COMPLETE);
            registry.publish(registry.names().get(7));

            JsonNode report = bench.expect(ExitCode.COMPLETE);

            assertThat(report.path("feed").path("to").isTextual()).isTrue();
            assertThat(report.path("feed").path("concerning").asInt()).isEqualTo(1);
            bench.assertPackumentsEqualOrigin(name -> true);
        }
    }

    @Test
    void bootstrap_whereNamesKeepFailing_isPartialAndResumesLater() {
        try (EmbeddedRegistry registry = EmbeddedRegistry.builder()
                .names(60)
                .faults(Faults.parse("packument.400=0,packument.418=1,packument.418-times=1"))
                .start()) {
            Bench bench = new Bench(registry, folder);
            JsonNode first = bench.expect(ExitCode.PARTIAL);
            assertThat(first.path("failed").asInt())
                    .as("a run does not repeat a request that a retry will not change")
                    .isEqualTo(1);
            bench.expect(ExitCode.COMPLETE);
        }
        try (EmbeddedRegistry registry = EmbeddedRegistry.builder()
                .names(60)
                .faults(Faults.parse("packument.418=0.4"))
                .start()) {
            Bench bench = new Bench(registry, folder.resolve("other"));
            folder.resolve("other").toFile().mkdirs();

            JsonNode report = bench.expect(ExitCode.PARTIAL);

            assertThat(report.path("status").asText()).isEqualTo("partial");
            assertThat(report.path("failed").asInt()).isPositive();
            assertThat(report.path("failures").elements().next().asText()).contains("418");

            registry.faults().clear();
            registry.requests().reset();
            long missing = report.path("failed").asLong();
            bench.expect(ExitCode.COMPLETE);
            assertThat(registry.requests().namesAskedAtLeast(1)).isEqualTo(missing);
            bench.assertPackumentsEqualOrigin(name -> true);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"401=1", "all-docs.403=1", "packument.401=1", "packument.403=1", "html=1", "other-json=1"})
    void bootstrap_originThatRefusesOrIsNotARegistry_endsWithThreeAndOneParagraph(String faults) {
        try (EmbeddedRegistry registry = EmbeddedRegistry.builder()
                .names(250)
                .mixedStates(false)
                .faults(Faults.parse(faults))
                .start()) {
            Bench bench = new Bench(registry, folder);

            Program.Result result = bench.run();

            assertThat(result.exitCode()).as(result.out() + result.err()).isEqualTo(ExitCode.REFUSED);
            assertThat(result.out())
                    .startsWith(faults.contains("401") || faults.contains("403") ? "Refused: " : "Failed: ")
                    .contains("  reason ", registry.origin().getAuthority());
            assertThat(result.out() + result.err()).doesNotContain("\tat ");
            assertThat(bench.report().path("status").asText()).isEqualTo("refused");

            registry.faults().clear();
            bench.expect(ExitCode.COMPLETE);
            bench.assertPackumentsEqualOrigin(name -> true);
        }
    }

    @Test
    void bootstrap_originThatIsNotThere_endsWithThree() throws IOException {
        EmbeddedRegistry registry = EmbeddedRegistry.builder().names(10).start();
        registry.close();
        Bench bench = new Bench(registry, folder);

        // The socket is bound but not listening, so connections are refused and no other process can take the port.
        try (Socket held = new Socket()) {
            held.bind(new InetSocketAddress(
                    InetAddress.getLoopbackAddress(), registry.origin().getPort()));
            Program.Result result = bench.run("--quiet");

            assertThat(result.exitCode()).isEqualTo(ExitCode.REFUSED);
            assertThat(result.out()).isEmpty();
            assertThat(result.err().lines()).hasSize(1).allMatch(line -> line.startsWith("Error: "));
            assertThat(result.err()).contains(registry.origin().getAuthority());
            assertThat(bench.run().out())
                    .startsWith("Failed: no names are stored yet")
                    .contains("connection refused");
        }
    }

    @Test
    void bootstrap_hostThatDnsDoesNotKnow_hasFailed_andIsNotCalledRefused() {
        Program.Result result = Program.run(
                "bootstrap",
                "--origin=http://nohost.invalid",
                "--registry=http://nohost.invalid",
                "--cache-dir=" + folder.resolve("cache"));

        assertThat(result.exitCode()).isEqualTo(ExitCode.REFUSED);
        assertThat(result.out()).startsWith("Failed: ").contains("host name not found in DNS");
    }

    @Test
    void bootstrap_verbose_showsTheStackTrace() {
        try (EmbeddedRegistry registry = EmbeddedRegistry.builder()
                .names(10)
                .faults(Faults.parse("401=1"))
                .start()) {
            assertThat(new Bench(registry, folder).run("--verbose").err()).contains("\tat io.alldocs.");
        }
    }
}
