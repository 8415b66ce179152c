package io.alldocs.sync.guide;

import static org.assertj.core.api.Assertions.assertThat;

import io.alldocs.examples.registry.EmbeddedRegistry;
import io.alldocs.examples.registry.Endpoint;
import io.alldocs.examples.registry.Fault;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Runs the guide's program as a process of its own, and stops it in each phase. */
@Timeout(180)
class WatchPackagesTest {
    @TempDir
    private Path folder;

    private final class Running implements AutoCloseable {
        private final Process process;
        private final BufferedReader out;
        private final PrintWriter in;

        Running(EmbeddedRegistry registry) throws IOException {
            String origin = registry.origin().toString();
            process = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-cp",
                            System.getProperty("java.class.path"),
                            WatchPackages.class.getName(),
                            origin,
                            origin,
                            "a",
                            folder.resolve("cache").toString())
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            out = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
            in = new PrintWriter(process.getOutputStream(), true, StandardCharsets.UTF_8);
        }

        String await(Predicate<String> wanted) throws IOException {
            for (String line = out.readLine(); line != null; line = out.readLine()) {
                if (wanted.test(line)) {
                    return line;
                }
            }
            throw new AssertionError("The program ended.");
        }

        void stop() throws Exception {
            in.println("stop");
            await("stopped"::equals);
            assertThat(process.waitFor()).isZero();
        }

        @Override
        public void close() {
            process.destroyForcibly();
        }
    }

    @Test
    void watch_stoppedInEachPhase_resumesAndPrintsEachChange() throws Exception {
        try (EmbeddedRegistry registry =
                EmbeddedRegistry.builder().names(2_000).mixedStates(false).start()) {
            long wanted = registry.names().stream()
                    .filter(name -> name.startsWith("a"))
                    .count();
            registry.faults().set(Fault.latency(Duration.ofMillis(300)).on(Endpoint.ALL_DOCS));
            try (Running running = new Running(registry)) {
                running.await("phase LIST"::equals);
                running.stop();
            }
            registry.faults().set(Fault.latency(Duration.ofMillis(100)).on(Endpoint.PACKUMENT));
            try (Running running = new Running(registry)) {
                running.await(("phase FETCH of " + wanted)::equals);
                running.in.println("progress");
                running.await(line -> line.endsWith(" of " + wanted));
                running.stop();
            }
            registry.faults().set(Fault.latency(Duration.ofSeconds(1)).on(Endpoint.CHANGES));
            try (Running running = new Running(registry)) {
                running.await("phase REPLAY"::equals);
                running.stop();
            }
            registry.faults().clear();
            String changed = registry.names().stream()
                    .filter(name -> name.startsWith("a"))
                    .findFirst()
                    .orElseThrow();
            registry.publish(changed);
            try (Running running = new Running(registry)) {
                running.await(
                        ("changed " + changed + " " + registry.rev(changed).orElseThrow() + " OK")::equals);
                running.in.println("status");
                assertThat(running.await(line -> line.startsWith("{"))).contains("\"state\":\"");
                running.stop();
            }
            assertThat(registry.requests().count(Endpoint.PACKUMENT)).isLessThanOrEqualTo(wanted + 1 + 2 * 32);
        }
    }
}
