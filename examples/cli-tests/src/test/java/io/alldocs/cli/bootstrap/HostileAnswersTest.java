package io.alldocs.cli.bootstrap;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.alldocs.cli.ExitCode;
import io.alldocs.examples.registry.EmbeddedRegistry;
import io.alldocs.examples.registry.Endpoint;
import io.alldocs.examples.registry.ExactServer;
import io.alldocs.examples.registry.ExactServer.Exact;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Tests the programs in separate processes. The response for one name has a chunk size that is negative as an int. The
 * JDK's chunk parser loops forever on this size.
 */
@Timeout(300)
class HostileAnswersTest {
    private static final List<String> NAMES = List.of("alpha", "beta", "delta", "eps", "gamma", "hostile");

    @TempDir
    private Path folder;

    private EmbeddedRegistry registry;
    private ExactServer server;
    private volatile String size = "80000000";

    @BeforeEach
    void start() throws IOException {
        registry =
                EmbeddedRegistry.builder().names(NAMES.toArray(String[]::new)).start();
        server = ExactServer.start(
                path -> path.equals("/hostile") ? Optional.of(new Exact(hostile(), false)) : Optional.empty(),
                registry.origin());
    }

    @AfterEach
    void stop() throws IOException {
        server.close();
        registry.close();
    }

    private byte[] hostile() {
        return String.join(
                        "\r\n",
                        "HTTP/1.1 200 OK",
                        "content-type: application/json",
                        "transfer-encoding: chunked",
                        "",
                        "4",
                        "{\"na",
                        size,
                        "me\":1}",
                        "0",
                        "",
                        "")
                .getBytes(ISO_8859_1);
    }

    @Test
    void bootstrap_nameWithAHostileAnswer_endsPartialWithTheName() throws Exception {
        assertPartialWithTheName("jdk", "80000000");
    }

    @ParameterizedTest
    @CsvSource({"jdk, fffffff0", "okhttp, ffffffffffffffff"})
    @Tag("chaos")
    void bootstrap_nameWithAnotherHostileAnswer_endsPartialWithTheName(String transport, String hostileSize)
            throws Exception {
        assertPartialWithTheName(transport, hostileSize);
    }

    private void assertPartialWithTheName(String transport, String hostileSize) throws Exception {
        size = hostileSize;
        long before = System.nanoTime();
        List<String> line = List.of(
                "bootstrap",
                "--names",
                Files.write(folder.resolve("names.txt"), NAMES).toString(),
                "--registry",
                server.origin().toString(),
                "--cache-dir",
                folder.resolve("cache").toString(),
                "--report",
                folder.resolve("report.json").toString());
        try (ChildProcess program = ChildProcess.start(folder, Map.of("HTTP_TRANSPORT", transport), line)) {
            int exitCode = program.awaitExit();

            assertThat(exitCode).as(program.out() + program.err()).isEqualTo(ExitCode.PARTIAL);
            assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(50));
            assertThat(Files.readString(folder.resolve("report.json"))).contains("\"hostile\"");
            assertThat(program.out() + program.err()).contains("hostile");
        }
        assertThat(registry.requests().count(Endpoint.PACKUMENT)).isEqualTo(NAMES.size() - 1);
    }

    @Test
    void mirror_nameWithAHostileAnswer_servesTheOthers() throws Exception {
        List<String> line = List.of(
                "mirror",
                "--json",
                "--pull-through",
                "--port",
                "0",
                "--registry",
                server.origin().toString(),
                "--cache-dir",
                folder.resolve("cache").toString());
        try (ChildProcess program = ChildProcess.start(folder, line)) {
            program.awaitWhileRunning(() -> said(program).contains("\n"));
            URI mirror = URI.create(said(program).replaceAll("(?s).*\"url\"\\s*:\\s*\"([^\"]+)\".*", "$1"));
            for (int i = 0; i < 5; i++) {
                assertThat(status(mirror.resolve("/hostile"))).isGreaterThanOrEqualTo(500);
                assertThat(status(mirror.resolve("/" + NAMES.get(i)))).isEqualTo(200);
            }
            assertThat(status(mirror.resolve("/-/health"))).isEqualTo(200);
        }
    }

    private static String said(ChildProcess program) {
        try {
            return program.out();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static int status(URI uri) throws IOException {
        HttpURLConnection connection = (HttpURLConnection) uri.toURL().openConnection();
        connection.setReadTimeout(30_000);
        try {
            return connection.getResponseCode();
        } finally {
            connection.disconnect();
        }
    }
}
