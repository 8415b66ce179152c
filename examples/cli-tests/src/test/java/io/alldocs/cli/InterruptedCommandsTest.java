package io.alldocs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.alldocs.cli.bootstrap.ChildProcess;
import io.alldocs.cli.worker.RedisForTests;
import io.alldocs.examples.registry.EmbeddedRegistry;
import io.alldocs.examples.registry.Endpoint;
import io.alldocs.examples.registry.Fault;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Sends SIGINT to real processes. Each process prints that it is stopping and that it has stopped. It ends with the
 * exit code that its help names.
 */
class InterruptedCommandsTest {
    @TempDir
    private Path folder;

    private EmbeddedRegistry registry;

    @BeforeEach
    void startRegistry() {
        registry = EmbeddedRegistry.builder().names(2_000).start();
        registry.faults().set(Fault.latency(Duration.ofMillis(50)));
    }

    @AfterEach
    void stopRegistry() {
        registry.close();
    }

    @ParameterizedTest
    @CsvSource({
        "bootstrap, Fetching all names, 1",
        "follow --names-only, Following from sequence, 0",
        "mirror --pull-through --port 0, Stop it with Ctrl-C, 0",
        "worker --port 0, Stop it with Ctrl-C, 0",
        "embedded-registry, Ctrl-C stops it, 0",
    })
    void command_onCtrlC_saysThatItStopsAndWhenItHas(String line, String started, int exitCode) throws Exception {
        try (ChildProcess run = start(line)) {
            run.awaitWhileRunning(() -> said(run).contains(started));
            run.interrupt();

            assertThat(run.awaitExit()).as(said(run)).isEqualTo(exitCode);
            assertStopped(run);
        }
    }

    @Test
    void fleet_onCtrlC_stopsItsWorkersAndSaysSo() throws Exception {
        try (ChildProcess run = start("fleet --workers 1 --redis-server " + RedisForTests.binary(folder)
                + " --work-dir " + folder.resolve("fleet"))) {
            run.awaitWhileRunning(() -> said(run).contains("Worker 1 is process "));
            run.interrupt();

            assertThat(run.awaitExit()).as(said(run)).isEqualTo(ExitCode.PARTIAL);
            assertStopped(run);
            assertThat(run.out()).contains("The same command resumes the work.");
        }
    }

    /** The server accepts the connection and never responds, like a Redis server that hangs. */
    @Test
    void seed_onCtrlC_whileTheQueueDoesNotAnswer_saysThatItStopsAndEnds() throws Exception {
        try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
                ChildProcess run = ChildProcess.start(
                        folder,
                        Map.of("QUEUE_DRIVER", "redis", "REDIS_URL", "redis://127.0.0.1:" + silent.getLocalPort()),
                        List.of("seed", "--cache-dir", folder.resolve("cache").toString()))) {
            silent.setSoTimeout(60_000);
            try (Socket asked = silent.accept()) {
                run.interrupt();

                assertThat(run.awaitExit()).as(said(run)).isEqualTo(ExitCode.PARTIAL);
                assertStopped(run);
                assertThat(asked.isConnected()).isTrue();
            }
        }
    }

    @Test
    void report_ofABootstrap_saysThatItRuns_andAfterCtrlC_thatItIsToBeResumed() throws Exception {
        try (ChildProcess run = start("bootstrap")) {
            run.awaitWhileRunning(() -> registry.requests().count(Endpoint.PACKUMENT) > 100);
            assertThat(report())
                    .contains("The job is running: all-docs bootstrap, process ")
                    .doesNotContain("resume");

            run.interrupt();
            run.awaitExit();
        }

        assertThat(report())
                .contains("Run the same bootstrap command again to resume it")
                .doesNotContain("is running");
    }

    private String report() {
        return Program.run(
                        "report",
                        "--offline",
                        "--cache-dir",
                        folder.resolve("cache").toString())
                .out();
    }

    @Test
    void quietCommand_onCtrlC_saysNothing() throws Exception {
        try (ChildProcess run = start("worker --json --quiet --port 0")) {
            run.awaitWhileRunning(() -> said(run).contains("http://"));
            run.interrupt();

            assertThat(run.awaitExit()).isZero();
            assertThat(run.err()).doesNotContain("Stopp");
        }
    }

    private static void assertStopped(ChildProcess run) throws IOException {
        assertThat(run.err())
                .contains("Stopping: waiting for work in flight, for at most 20 s.")
                .endsWith("Stopped." + System.lineSeparator())
                .doesNotContain("Exception");
    }

    private ChildProcess start(String line) throws IOException {
        List<String> words = new ArrayList<>(List.of(line.split(" ", -1)));
        String address = registry.origin().toString();
        if (!line.startsWith("embedded")) {
            words.addAll(List.of("--cache-dir", folder.resolve("cache").toString()));
        }
        if (line.startsWith("bootstrap") || line.startsWith("follow") || line.startsWith("fleet")) {
            words.addAll(List.of("--origin", address));
        }
        if (!line.startsWith("embedded") && !line.startsWith("worker")) {
            words.addAll(List.of("--registry", address));
        }
        return ChildProcess.start(folder, words);
    }

    private static String said(ChildProcess run) {
        try {
            return run.out() + run.err();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
