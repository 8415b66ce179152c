package io.alldocs.cli.network;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.alldocs.cli.network.Network.Ran;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Tests that commands read the npm configuration as npm does. A proxy refuses and counts requests to all other servers,
 * to show that the commands send none.
 */
@Timeout(300)
class NpmConfigCommandsTest {
    private static final String TOKEN = "Bearer example-token";

    @TempDir
    private Path folder;

    private CompanyProxy outside;
    private LoggingRegistry registry;
    private LoggingRegistry other;
    private final List<AutoCloseable> open = new ArrayList<>();

    @BeforeEach
    void start() throws IOException {
        registry = keep(new LoggingRegistry(null, "/", TOKEN, "alpha"));
        other = keep(LoggingRegistry.of("alpha"));
        outside =
                keep(new CompanyProxy(registry.port()).refusing("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"));
        Files.writeString(folder.resolve("names.txt"), "alpha\n");
    }

    @AfterEach
    void stop() throws Exception {
        assertThat(outside.heads).as("requests to anywhere else").isEmpty();
        for (AutoCloseable each : open) {
            each.close();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "b", "c"})
    void bootstrap_npmrcOfProjectAndUser_areMerged(String variant) throws Exception {
        String here = "registry=http://" + registry.authority() + "/\n";
        String token = "//" + registry.authority() + "/:_authToken=example-token\n";
        Path home = Files.createDirectories(folder.resolve("home"));
        Files.writeString(folder.resolve(".npmrc"), variant.equals("a") ? "fund=false\n" : here);
        Files.writeString(
                home.resolve(".npmrc"),
                switch (variant) {
                    case "a" -> here + token;
                    case "b" -> token;
                    default -> "registry=http://" + other.authority() + "/\n" + token;
                });

        Ran ran =
                Network.start(folder, traps(), List.of(), "bootstrap", "--names", "names.txt", "--cache-dir", "cache");

        assertThat(ran.exitCode()).as(ran.all()).isZero();
        assertThat(registry.asked).extracting(LoggingRegistry.Asked::path).contains("/alpha");
        assertThat(other.asked).isEmpty();
        assertThat(ran.all()).doesNotContain("example-token");
    }

    @Test
    void follow_npmrcOfTheUser_isUsed() throws Exception {
        Map<String, String> variables = traps();
        variables.put(
                "npm_config_userconfig",
                write(
                        "user.npmrc",
                        "registry=http://" + registry.authority() + "/\n//" + registry.authority()
                                + "/:_authToken=example-token\n"));
        String origin = "http://" + registry.authority();
        String[] job = {
            "--origin", origin, "--cache-dir", folder.resolve("cache").toString()
        };

        Ran bootstrap = Network.run(variables, with(job, "bootstrap"));
        Ran follow = Network.run(variables, with(job, "follow", "--once"));

        assertThat(bootstrap.exitCode()).as(bootstrap.all()).isZero();
        assertThat(follow.exitCode()).as(follow.all()).isZero();
    }

    static Stream<List<String>> rows() {
        return Network.table("07-environment/variables.tsv").stream();
    }

    @ParameterizedTest
    @MethodSource("rows")
    void bootstrap_eachVariable_namesTheRegistry(List<String> row) throws Exception {
        LoggingRegistry named = keep(LoggingRegistry.of("alpha"));
        write("user.npmrc", "registry=http://" + named.authority() + "/\n");
        write("global.npmrc", "registry=http://" + named.authority() + "/\n");
        Map<String, String> variables = traps();
        variables.put(
                row.get(0), row.get(1).replace("@REGISTRY@", named.authority()).replace("@FOLDER@", folder.toString()));

        Ran ran = Network.run(variables, bootstrap());
        Ran config = Network.run(variables, "config");
        JsonNode json = new ObjectMapper()
                .readTree(Network.run(variables, "config", "--json").out());

        assertThat(ran.exitCode()).as(ran.all()).isZero();
        assertThat(named.asked).extracting(LoggingRegistry.Asked::path).containsExactly("/alpha");
        String source =
                row.get(2).isEmpty() ? row.get(0) : row.get(1).replace("@FOLDER@", folder.toString()) + ", line 1";
        assertThat(config.out()).contains("registry = http://" + named.authority() + "/  (from " + source + ")");
        assertThat(json.get(0).path("name").asText()).isEqualTo("registry");
        assertThat(json.get(0).path("source").asText()).isEqualTo(source);
    }

    @Test
    void list_processWithoutALocale_printsNamesBeyondAscii() throws Exception {
        LoggingRegistry odd = keep(LoggingRegistry.of("alpha"));
        Files.writeString(folder.resolve("names.txt"), "alpha\n\u65e5\u672c\n");
        String address = "http://" + odd.authority() + "/";
        Ran ran = Network.start(
                folder,
                traps(),
                List.of(),
                "bootstrap",
                "--names",
                "names.txt",
                "--registry",
                address,
                "--cache-dir",
                "cache");
        Ran list = Network.start(folder, Map.of("LC_ALL", "C"), List.of(), "list", "--cache-dir", "cache");

        assertThat(ran.exitCode()).as(ran.all()).isZero();
        assertThat(list.out()).contains("\t\u65e5\u672c\tnot_found\t");
    }

    @Test
    void bootstrap_variableAndOption_optionCounts() {
        Map<String, String> variables = traps();
        variables.put("npm_config_registry", "http://" + registry.authority() + "/");
        Ran ran = Network.run(variables, with(bootstrap(), "--registry", "http://" + other.authority() + "/"));
        assertThat(ran.exitCode()).as(ran.all()).isZero();
        assertThat(registry.asked).isEmpty();
    }

    @Test
    void bootstrap_certificateAuthorityOfTheProject_isTrusted() throws Exception {
        LoggingRegistry secure = keep(new LoggingRegistry(Network.server(), "/", "", "alpha"));
        Network.authority(folder);
        String address = "registry=https://" + secure.authority() + "/\n";
        String[] command = {"bootstrap", "--names", "names.txt", "--cache-dir", "cache"};

        write(".npmrc", address);
        Ran untrusted = Network.start(folder, traps(), List.of(), command);
        write(".npmrc", address + "cafile=ca.pem\n");
        Ran trusted = Network.start(folder, traps(), List.of(), command);
        write(".npmrc", address + "strict-ssl=false\n");
        Ran lax =
                Network.start(folder, traps(), List.of(), "bootstrap", "--names", "names.txt", "--cache-dir", "other");
        write(".npmrc", address + "cafile=missing.pem\n");
        Ran missing = Network.start(folder, traps(), List.of(), command);

        assertThat(untrusted.exitCode()).as(untrusted.all()).isPositive();
        assertThat(untrusted.all()).contains("cafile");
        assertThat(trusted.exitCode()).as(trusted.all()).isZero();
        assertThat(lax.exitCode()).as(lax.all()).isZero();
        assertThat(lax.err().split("strict-ssl=false", -1)).as(lax.err()).hasSize(2);
        assertThat(trusted.err()).doesNotContain("strict-ssl");
        assertThat(missing.exitCode()).isEqualTo(2);
        assertThat(missing.err()).contains("cafile", "missing.pem");
    }

    @Test
    void config_unusableSetting_isAnErrorThatNamesIt() throws Exception {
        Ran ran = Network.run(Map.of("npm_config_registry", "hunter2"), "config");
        assertThat(ran.exitCode()).isEqualTo(2);
        assertThat(ran.err()).contains("npm_config_registry").doesNotContain("hunter2");
    }

    /** Returns variables that send every request for another machine through the refusing proxy. */
    private Map<String, String> traps() {
        return new HashMap<>(Map.of(
                "HTTPS_PROXY",
                "http://" + outside.authority(),
                "NO_PROXY",
                "127.0.0.1",
                "HOME",
                folder.resolve("home").toString(),
                "USERPROFILE",
                folder.resolve("home").toString()));
    }

    private String write(String file, String text) throws IOException {
        return Files.writeString(folder.resolve(file), text).toString();
    }

    private String[] bootstrap() {
        return new String[] {
            "bootstrap",
            "--names",
            folder.resolve("names.txt").toString(),
            "--cache-dir",
            folder.resolve("cache").toString()
        };
    }

    /**
     * Returns {@code args} followed by {@code more} if {@code more} consists of options. If {@code more} is a command,
     * returns it followed by {@code args}.
     */
    private static String[] with(String[] args, String... more) {
        List<String> all = new ArrayList<>(List.of(more[0].startsWith("--") ? args : more));
        all.addAll(List.of(more[0].startsWith("--") ? more : args));
        return all.toArray(String[]::new);
    }

    private <T extends AutoCloseable> T keep(T closeable) {
        open.add(closeable);
        return closeable;
    }
}
