package io.alldocs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Runs npm and pnpm against a mirror. A bootstrap filled the mirror's cache with real packuments: all transitive
 * dependencies of a project. Requires Node; {@code src/test/js} sets the versions of the clients.
 */
@Tag("interop")
@Timeout(300)
class NpmInteropTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    private static final List<String> NAMES = List.of(
            "@img/sharp-libvips-linux-s390x",
            "@img/sharp-linux-s390x",
            "abort-controller",
            "argparse",
            "chalk",
            "commander",
            "cookie",
            "ee-first",
            "errno",
            "event-target-shim",
            "js-yaml",
            "on-finished",
            "prr",
            "uuid");

    /** Direct dependencies of the project, in ranges that both old and new versions match. */
    private static final Map<String, String> DEPENDENCIES = Map.of(
            "abort-controller", "^3.0.0",
            "chalk", "^5.0.0",
            "commander", "^2.0.0",
            "cookie", "*",
            "errno", "^1.0.0",
            "js-yaml", "^4.0.0",
            "on-finished", "~2.4.0",
            "uuid", "latest");

    private static final String OPTIONAL = "@img/sharp-linux-s390x";

    @TempDir
    private Path folder;

    private Served mirror;
    private String url;
    private Path project;

    @BeforeEach
    void start() throws Exception {
        HttpServer origin = origin();
        String address = "http://127.0.0.1:" + origin.getAddress().getPort();
        Path names = Files.write(folder.resolve("names.txt"), NAMES);
        Path cache = folder.resolve("cache");
        Program.Result filled = Program.run(
                "bootstrap", "--names", names.toString(), "--registry", address, "--cache-dir", cache.toString());
        assertThat(filled.exitCode()).as(filled.err()).isZero();
        origin.stop(0);

        mirror = new Served(
                Map.of("NPM_CONFIG_USERCONFIG", folder.resolve("none").toString()),
                "mirror",
                "--port=0",
                "--json",
                "--registry",
                address,
                "--deny=event-stream",
                "--cache-dir",
                cache.toString());
        url = JSON.readTree(mirror.out.readLine()).path("url").asText() + "/";
        project = Files.createDirectories(folder.resolve("project"));
        Files.writeString(project.resolve("package.json"), manifest().toPrettyString());
    }

    @AfterEach
    void stop() throws IOException {
        mirror.close();
    }

    /** Serves the packuments unchanged, including their gzip encoding. */
    private static HttpServer origin() throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            byte[] body = gzip(exchange.getRequestURI().getPath().substring(1));
            exchange.getResponseHeaders().set("content-type", "application/json");
            exchange.getResponseHeaders().set("content-encoding", "gzip");
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
        return server;
    }

    private static byte[] gzip(String name) throws IOException {
        try (InputStream in =
                NpmInteropTest.class.getResourceAsStream("real/" + name.replace("/", "%2f") + ".json.gz")) {
            return in.readAllBytes();
        }
    }

    private static JsonNode packument(String name) throws IOException {
        return JSON.readTree(new GZIPInputStream(new ByteArrayInputStream(gzip(name))));
    }

    private static ObjectNode manifest() {
        ObjectNode manifest = JSON.createObjectNode().put("name", "project").put("version", "1.0.0");
        DEPENDENCIES.forEach(manifest.putObject("dependencies")::put);
        manifest.putObject("optionalDependencies").put(OPTIONAL, "*");
        return manifest;
    }

    @Test
    void npmView_showsWhatThePackumentSays() throws Exception {
        JsonNode packument = packument("js-yaml");
        String latest = packument.path("dist-tags").path("latest").asText();

        JsonNode view = JSON.readTree(run(0, "npm", "view", "js-yaml", "--json"));

        assertThat(view.path("version").asText()).isEqualTo(latest);
        assertThat(view.path("versions")).hasSize(packument.path("versions").size());
        assertThat(view.path("dependencies"))
                .isEqualTo(packument.path("versions").path(latest).path("dependencies"));
        assertThat(JSON.readTree(run(0, "npm", "view", OPTIONAL, "dist.integrity", "--json"))
                        .asText())
                .isEqualTo(
                        distOf(OPTIONAL, latestOf(OPTIONAL)).path("integrity").asText());
        assertThat(JSON.readTree(run(0, "npm", "view", "commander@2.20.3", "version", "--json"))
                        .asText())
                .isEqualTo("2.20.3");
        assertThat(run(0, "npm", "dist-tag", "ls", "chalk")).contains("latest: " + latestOf("chalk"));
        assertThat(run(0, "npm", "ping", "--json")).contains(url);
    }

    @Test
    void npmView_ofWhatIsNotHeld_isANotFoundOfNpms() throws Exception {
        assertThat(JSON.readTree(run(1, "npm", "view", "left-pad", "--json"))
                        .path("error")
                        .path("code")
                        .asText())
                .isEqualTo("E404");
    }

    @Test
    void npmView_ofAnExcludedName_printsASecurityPolicy() throws Exception {
        JsonNode error =
                JSON.readTree(run(1, "npm", "view", "event-stream", "--json")).path("error");

        assertThat(error.path("code").asText()).isEqualTo("E403");
        assertThat(error.path("summary").asText()).contains("This mirror does not serve event-stream");
        assertThat(error.path("detail").asText()).contains("security policy");
    }

    @Test
    void npmInstall_resolvesTheWholeClosure() throws Exception {
        run(0, "npm", "install", "--package-lock-only", "--ignore-scripts");

        JsonNode packages =
                JSON.readTree(project.resolve("package-lock.json").toFile()).path("packages");
        List<String> locked = new ArrayList<>();
        packages.fieldNames().forEachRemaining(path -> locked.add(path.replace("node_modules/", "")));
        assertThat(locked).containsAll(NAMES).hasSize(NAMES.size() + 1);
        for (String name : NAMES) {
            JsonNode entry = packages.path("node_modules/" + name);
            JsonNode dist = distOf(name, entry.path("version").asText());
            assertThat(entry.path("integrity")).as(name).isEqualTo(dist.path("integrity"));
            assertThat(entry.path("resolved")).as(name).isEqualTo(dist.path("tarball"));
        }
        assertThat(packages.path("node_modules/commander").path("version").asText())
                .isEqualTo("2.20.3");
        assertThat(packages.path("node_modules/" + OPTIONAL).path("cpu").toString())
                .isEqualTo("[\"s390x\"]");
    }

    @Test
    void npmOutdated_printsWantedAndLatest() throws Exception {
        JsonNode outdated = JSON.readTree(run(1, "npm", "outdated", "--json"));

        assertThat(outdated.path("commander").path("wanted").asText()).isEqualTo("2.20.3");
        // The latest version that the Node of this machine can run. It may differ from the version tagged latest.
        String latest = outdated.path("commander").path("latest").asText();
        assertThat(packument("commander").path("versions").has(latest))
                .as(latest)
                .isTrue();
        assertThat(latest).isNotEqualTo("2.20.3");
        assertThat(outdated.path("on-finished").path("wanted").asText()).startsWith("2.4.");
        assertThat(outdated.path("on-finished").path("latest").asText()).isEqualTo(latestOf("on-finished"));
    }

    @Test
    void pnpmInstall_resolvesTheWholeClosure() throws Exception {
        run(0, "pnpm", "install", "--lockfile-only", "--ignore-scripts");

        String lock = Files.readString(project.resolve("pnpm-lock.yaml"));
        for (String name : NAMES) {
            assertThat(lock).contains(name + "@");
        }
        assertThat(lock)
                .contains(
                        "commander@2.20.3",
                        distOf("commander", "2.20.3").path("integrity").asText());
    }

    private static String latestOf(String name) throws IOException {
        return packument(name).path("dist-tags").path("latest").asText();
    }

    private static JsonNode distOf(String name, String version) throws IOException {
        return packument(name).path("versions").path(version).path("dist");
    }

    /** Runs a client in the project, in an environment that names only the mirror, and returns its output. */
    private String run(int exitCode, String... command) throws Exception {
        List<String> words = new ArrayList<>(Arrays.asList(command));
        words.set(
                0,
                Path.of(System.getProperty("interop.directory"), "node_modules", ".bin", command[0])
                        .toString());
        Path out = folder.resolve("out.txt");
        Path err = folder.resolve("err.txt");
        ProcessBuilder builder = new ProcessBuilder(words)
                .directory(project.toFile())
                .redirectOutput(out.toFile())
                .redirectError(err.toFile());
        String path = builder.environment().get("PATH");
        builder.environment().clear();
        builder.environment().put("PATH", path);
        builder.environment().put("HOME", folder.toString());
        builder.environment().put("CI", "true");
        for (String line : List.of(
                "registry=" + url,
                "cache=" + folder.resolve("npm-cache"),
                "userconfig=" + folder.resolve("userconfig"),
                "globalconfig=" + folder.resolve("globalconfig"),
                "update_notifier=false",
                "audit=false",
                "fund=false",
                "fetch_retries=0")) {
            int equals = line.indexOf('=');
            builder.environment().put("npm_config_" + line.substring(0, equals), line.substring(equals + 1));
        }
        Process process = builder.start();
        assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
        String printed = Files.readString(out, StandardCharsets.UTF_8);
        assertThat(process.exitValue()).as(printed + Files.readString(err)).isEqualTo(exitCode);
        return printed;
    }
}
