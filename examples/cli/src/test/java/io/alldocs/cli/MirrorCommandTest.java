package io.alldocs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.alldocs.examples.registry.EmbeddedRegistry;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(120)
class MirrorCommandTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    private Path folder;

    private final EmbeddedRegistry registry =
            EmbeddedRegistry.builder().names("express", "@babel/core").start();

    @AfterEach
    void stop() {
        registry.close();
    }

    @Test
    void mirror_untilInterrupted_servesWhatABootstrapCached() throws Exception {
        bootstrap();
        registry.close();

        try (Served served = served("--json")) {
            JsonNode announced = JSON.readTree(served.out.readLine());
            String url = announced.path("url").asText();
            assertThat(announced.path("registry").asText())
                    .isEqualTo(registry.origin().toString());
            assertThat(announced.path("pullThrough").asBoolean(true)).isFalse();
            assertThat(served.get(url + "/express")).isEqualTo(200);
            assertThat(served.get(url + "/@babel%2fcore")).isEqualTo(200);
            assertThat(served.get(url + "/other")).isEqualTo(404);

            served.interrupt();

            assertThat(served.exitCode.get(60, TimeUnit.SECONDS)).isZero();
            assertThat(served.err.toString()).isEmpty();
        }
    }

    @Test
    void mirror_forAReader_saysWhatToTellNpm() throws Exception {
        bootstrap();

        try (Served served = served()) {
            String serves = served.out.readLine();
            assertThat(serves)
                    .matches("http://127\\.0\\.0\\.1:\\d+ serves what .* \\(sqlite\\) holds of " + registry.origin()
                            + "\\.");
            String url = serves.substring(0, serves.indexOf(' '));
            assertThat(served.out.readLine()).isEqualTo("npm config set registry " + url + "/");
            assertThat(served.out.readLine()).contains("Ctrl-C");
        }
    }

    @Test
    void mirror_thatPullsThrough_fillsItsCache() throws Exception {
        try (Served served = served("--json", "--pull-through")) {
            String url = JSON.readTree(served.out.readLine()).path("url").asText();
            assertThat(served.get(url + "/express")).isEqualTo(200);
        }
        registry.close();
        try (Served served = served("--json")) {
            String url = JSON.readTree(served.out.readLine()).path("url").asText();
            assertThat(served.get(url + "/express")).isEqualTo(200);
        }
    }

    @Test
    void mirror_withAFilter_givesOutWhatItAllows() throws Exception {
        try (Served served = served("--json", "--pull-through", "--deny=@babel/*")) {
            String url = JSON.readTree(served.out.readLine()).path("url").asText();
            assertThat(served.get(url + "/express")).isEqualTo(200);
            assertThat(served.get(url + "/@babel%2fcore")).isEqualTo(403);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"deny-mark.txt", "deny-utf16le.txt"})
    void mirror_withADenyFileOfAnotherSystem_deniesWhatItsLinesSay(String file) throws Exception {
        Path deny = folder.resolve(file);
        try (InputStream in = getClass().getResourceAsStream("cases/21-text-files/" + file)) {
            Files.write(deny, in.readAllBytes());
        }
        try (EmbeddedRegistry three = EmbeddedRegistry.builder()
                        .names("evil-pkg", "bad-pkg", "good-pkg")
                        .start();
                Served served = new Served(
                        environment(),
                        "mirror",
                        "--json",
                        "--pull-through",
                        "--port=0",
                        "--cache-dir",
                        folder.resolve("cache").toString(),
                        "--registry",
                        three.origin().toString(),
                        "--deny-file",
                        deny.toString())) {
            String url = JSON.readTree(served.out.readLine()).path("url").asText();
            assertThat(served.get(url + "/evil-pkg")).isEqualTo(403);
            assertThat(served.get(url + "/bad-pkg")).isEqualTo(403);
            assertThat(served.get(url + "/good-pkg")).isEqualTo(200);
        }
    }

    @Test
    void mirror_ofARegistryThatIsNotHeld_warnsAndNamesTheOneThatIs() throws Exception {
        bootstrap();

        try (Served served = new Served(
                environment(),
                "mirror",
                "--cache-dir",
                folder.toString(),
                "--port=0",
                "--registry=http://127.0.0.1:9")) {
            for (int line = 0; line < 3; line++) {
                assertThat(served.out.readLine()).isNotEmpty();
            }
            served.interrupt();
            assertThat(served.exitCode.get(60, TimeUnit.SECONDS)).isZero();
            assertThat(served.err.toString())
                    .contains("Warning: the cache holds no packument of http://127.0.0.1:9")
                    .contains("It holds some of " + registry.origin() + ": name that with --registry.");
        }
    }

    @Test
    void mirror_onAPortInUse_isWrongUsage() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Program.Result result = Program.run(
                    "mirror", "--cache-dir", folder.toString(), "--port", Integer.toString(taken.getLocalPort()));

            assertThat(result.exitCode()).isEqualTo(ExitCode.USAGE);
            assertThat(result.err()).contains("Cannot listen on 127.0.0.1:" + taken.getLocalPort());
        }
        assertThat(Program.run("mirror", "--port=70000").exitCode()).isEqualTo(ExitCode.USAGE);
    }

    private void bootstrap() {
        String origin = registry.origin().toString();
        Program.Result result = Program.run(
                "bootstrap", "--origin", origin, "--registry", origin, "--cache-dir", folder.toString(), "--quiet");
        assertThat(result.exitCode()).as(result.err()).isZero();
    }

    private Served served(String... options) throws Exception {
        String[] args = new String[options.length + 6];
        System.arraycopy(
                new String[] {
                    "mirror",
                    "--cache-dir",
                    folder.toString(),
                    "--port=0",
                    "--registry",
                    registry.origin().toString()
                },
                0,
                args,
                0,
                6);
        System.arraycopy(options, 0, args, 6, options.length);
        return new Served(environment(), args);
    }

    private Map<String, String> environment() {
        return Map.of("NPM_CONFIG_USERCONFIG", folder.resolve("no-such-npmrc").toString());
    }
}
