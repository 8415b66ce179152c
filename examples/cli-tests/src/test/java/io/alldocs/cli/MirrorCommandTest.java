package io.alldocs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import io.alldocs.examples.registry.EmbeddedRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
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
                    .matches("http://127\\.0\\.0\\.1:\\d+ serves packuments of " + registry.origin()
                            + " from .* \\(sqlite\\)\\.");
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
    void mirror_withAPolicy_leavesOutWhatItRefuses_andExplainsIt() throws Exception {
        Path policy = Files.writeString(folder.resolve("policy"), "block: express\n");
        try (Served served = served("--json", "--pull-through", "--policy", policy.toString())) {
            JsonNode announced = JSON.readTree(served.out.readLine());
            String url = announced.path("url").asText();
            assertThat(announced.path("policy").asText()).matches("[0-9a-f]{16}");
            assertThat(served.get(url + "/express"))
                    .as("all versions are refused")
                    .isEqualTo(403);
            assertThat(read(url + "/@babel%2fcore").path("versions")).isNotEmpty();
            JsonNode explained = read(url + "/-/policy/express");
            assertThat(explained.at("/policy/revision")).isEqualTo(announced.path("policy"));
            assertThat(explained.path("versions"))
                    .isNotEmpty()
                    .allSatisfy(
                            version -> assertThat(version.path("rule").asText()).isEqualTo("block"));
        }

        String[] place = {"--policy=" + policy, "--driver=sqlite", "--cache-dir=" + folder};
        Program.Result table = Program.run("policy", "express", place[0], place[1], place[2]);
        assertThat(table.exitCode()).as(table.err()).isZero();
        assertThat(table.out()).contains("refused  block", "latest is").contains("left out here");
        Program.Result json = Program.run("policy", "@babel/core", "--json", place[0], place[1], place[2]);
        assertThat(JSON.readTree(json.out()).path("versions"))
                .isNotEmpty()
                .allSatisfy(version ->
                        assertThat(version.path("allowed").asBoolean()).isTrue());
        Program.Result absent = Program.run("policy", "other", place[0], place[1], place[2]);
        assertThat(absent.exitCode()).isEqualTo(1);
        assertThat(absent.err()).isEqualTo("The cache contains no document of other.\n");
    }

    private static JsonNode read(String url) throws IOException {
        try (InputStream in = URI.create(url).toURL().openStream()) {
            return JSON.readTree(in);
        }
    }

    @Test
    void mirror_withAFileThatIsNoPolicy_isRefused() throws Exception {
        Path policy = Files.writeString(folder.resolve("policy"), "min-age: 7\n");

        for (String[] command : new String[][] {{"mirror"}, {"policy", "express"}}) {
            String[] words = Arrays.copyOf(command, command.length + 1);
            words[command.length] = "--policy=" + policy;
            Program.Result refused = Program.run(words);

            assertThat(refused.exitCode()).isEqualTo(2);
            assertThat(refused.err()).contains(policy.toString(), "line 1: min-age must be a number with w, d, h or m");
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

    /** The registry responds with 401 to requests without a token. Only the mirror has a token. */
    @Test
    void mirror_thatProxiesTarballs_lendsItsTokenForThem() throws Exception {
        HttpServer registry = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        String host = "127.0.0.1:" + registry.getAddress().getPort();
        registry.createContext("/", exchange -> {
            boolean known =
                    "Bearer example-token".equals(exchange.getRequestHeaders().getFirst("authorization"));
            byte[] body = ("{\"name\":\"priv\",\"versions\":{\"1.0.0\":{\"dist\":{\"tarball\":\"http://" + host
                            + "/t/x\"}}}}")
                    .getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("content-type", "application/json");
            exchange.sendResponseHeaders(known ? 200 : 401, known ? body.length : -1);
            if (known) {
                exchange.getResponseBody().write(body);
            }
            exchange.close();
        });
        registry.start();
        Path npmrc = Files.writeString(folder.resolve("npmrc"), "//" + host + "/:_authToken=example-token\n");
        try (Served served = new Served(
                Map.of("NPM_CONFIG_USERCONFIG", npmrc.toString()),
                "mirror",
                "--json",
                "--port=0",
                "--cache-dir",
                folder.toString(),
                "--pull-through",
                "--registry=http://" + host,
                "--rewrite-tarballs=http://mirror.example",
                "--proxy-tarballs",
                "--tarball-host=files.example:8443")) {
            String url = JSON.readTree(served.out.readLine()).path("url").asText();

            assertThat(served.get(url + "/priv")).isEqualTo(200);
            assertThat(served.get(url + "/priv/-/priv-1.0.0.tgz")).isEqualTo(200);
            assertThat(served.get(url + "/priv/-/priv-2.0.0.tgz")).isEqualTo(404);
        } finally {
            registry.stop(0);
        }
    }

    @Test
    void mirror_withAnInvalidTarballHost_isWrongUsage() {
        Program.Result alone = Program.run("mirror", "--port=0", "--tarball-host=files.example");
        Program.Result wrong = Program.run(
                "mirror",
                "--cache-dir",
                folder.toString(),
                "--port=0",
                "--proxy-tarballs",
                "--tarball-host=http://a/b");

        assertThat(alone.exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(alone.err()).contains("--tarball-host needs --proxy-tarballs");
        assertThat(wrong.exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(wrong.err()).contains("--tarball-host", "HOST or HOST:PORT");
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
                    .contains("Warning: the cache contains no packument of http://127.0.0.1:9")
                    .contains(
                            "It contains packuments of " + registry.origin() + "; pass that address with --registry.");
        }
    }

    @Test
    void mirror_withoutRegistry_servesTheOneThatTheCacheHolds() throws Exception {
        bootstrap();

        try (Served served = new Served(environment(), "mirror", "--cache-dir", folder.toString(), "--port=0")) {
            assertThat(served.out.readLine()).contains("serves packuments of " + registry.origin());
            served.interrupt();
            assertThat(served.exitCode.get(60, TimeUnit.SECONDS)).isZero();
            assertThat(served.err.toString()).doesNotContain("Warning");
        }
    }

    @Test
    void mirror_onAPortInUse_isWrongUsage() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Program.Result result = Program.run(
                    "mirror",
                    "--pull-through",
                    "--cache-dir",
                    folder.toString(),
                    "--port",
                    Integer.toString(taken.getLocalPort()));

            assertThat(result.exitCode()).isEqualTo(ExitCode.USAGE);
            assertThat(result.err()).contains("Cannot listen on 127.0.0.1:" + taken.getLocalPort());
        }
        assertThat(Program.run("mirror", "--port=70000").exitCode()).isEqualTo(ExitCode.USAGE);
    }

    @Test
    void options_ofTheGuide_areThoseOfTheCommand() throws IOException {
        Pattern row = Pattern.compile("^\\| (`--[^|]*)\\|", Pattern.MULTILINE);
        Pattern option = Pattern.compile("--[a-z-]+");
        String help = Program.run("mirror", "--help").out();
        List<String> named = row.matcher(Files.readString(Path.of("../../worker/mirror/README.md")))
                .results()
                .flatMap(cells -> option.matcher(cells.group(1)).results())
                .map(MatchResult::group)
                .distinct()
                .toList();

        assertThat(named).contains("--proxy-tarballs", "--tarball-host", "--policy");
        assertThat(named).allSatisfy(name -> assertThat(help).contains(name));
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
