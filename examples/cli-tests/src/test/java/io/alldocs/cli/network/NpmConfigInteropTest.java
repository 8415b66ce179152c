package io.alldocs.cli.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.alldocs.examples.registry.ExactServer;
import io.alldocs.examples.registry.ExactServer.Exact;
import io.alldocs.http.BaseHttpClient;
import io.alldocs.http.ClientRequest;
import io.alldocs.http.ClientResponse;
import io.alldocs.http.NpmConfig;
import io.alldocs.http.RetryPolicy;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Runs npm on the inputs of this package's tests, to show that npm behaves as the tests expect of our commands.
 * Requires Node.
 */
@Tag("interop")
@Timeout(300)
class NpmConfigInteropTest {
    @TempDir
    private Path folder;

    private final List<AutoCloseable> open = new ArrayList<>();
    private LoggingRegistry registry;

    @BeforeEach
    void start() throws IOException {
        registry = keep(new LoggingRegistry(null, "/", "Bearer example-token", "alpha"));
    }

    @AfterEach
    void stop() throws Exception {
        for (AutoCloseable each : open) {
            each.close();
        }
    }

    @Test
    void npmView_registryOfTheProjectAndTokenOfTheUser_areMerged() throws Exception {
        LoggingRegistry other = keep(LoggingRegistry.of("alpha"));
        Files.writeString(folder.resolve(".npmrc"), "registry=http://" + registry.authority() + "/\n");
        Path user = Files.writeString(
                folder.resolve("user.npmrc"),
                "registry=http://" + other.authority() + "/\n//" + registry.authority()
                        + "/:_authToken=example-token\n");

        assertThat(view("alpha", Map.of("npm_config_userconfig", user.toString())))
                .isEqualTo("1.0.0");
        assertThat(registry.saw("/alpha")).isTrue();
        assertThat(other.asked).isEmpty();
    }

    @Test
    void npmView_nameOfAScope_isRequestedFromItsOwnRegistryOnly() throws Exception {
        LoggingRegistry trap = keep(LoggingRegistry.of("plain-pkg"));
        LoggingRegistry own =
                keep(new LoggingRegistry(null, "/npm/team/", "Bearer example-token", "@acme/secret-tool"));
        Files.writeString(
                folder.resolve(".npmrc"),
                "registry=http://" + trap.authority() + "/\n@acme:registry=http://" + own.authority() + "/npm/team/\n//"
                        + own.authority() + "/npm/team/:_authToken=example-token\n");

        assertThat(view("@acme/secret-tool", Map.of())).isEqualTo("1.0.0");
        assertThat(trap.saw("acme")).isFalse();
    }

    @Test
    void npmView_proxyWithAPasswordAndAuthorityOfTheCompany_areUsed() throws Exception {
        LoggingRegistry secure = keep(new LoggingRegistry(Network.server(), "/", "", "alpha"));
        CompanyProxy proxy = keep(new CompanyProxy(secure.port())
                .requiring("Basic am86ZXhhbXBsZS1wdw==", Network.input("02-proxy-password/407.http")));
        Files.writeString(
                folder.resolve(".npmrc"),
                "registry=https://" + CompanyProxy.HOST + "/\nproxy=http://jo:example-pw@" + proxy.authority()
                        + "\ncafile=" + Network.authority(folder) + "\n");

        assertThat(view("alpha", Map.of())).isEqualTo("1.0.0");
        assertThat(proxy.requests()).containsOnly("CONNECT " + CompanyProxy.HOST + ":443 HTTP/1.1");
    }

    static Stream<List<String>> rows() {
        return Network.table("07-environment/variables.tsv").stream()
                .filter(row -> !row.get(0).equals("NPM_REGISTRY")); // a variable of this project
    }

    @ParameterizedTest
    @MethodSource("rows")
    void npmView_eachVariable_namesTheRegistry(List<String> row) throws Exception {
        LoggingRegistry named = keep(LoggingRegistry.of("alpha"));
        for (String file : List.of("user.npmrc", "global.npmrc")) {
            Files.writeString(folder.resolve(file), "registry=http://" + named.authority() + "/\n");
        }
        String value = row.get(1).replace("@REGISTRY@", named.authority()).replace("@FOLDER@", folder.toString());

        assertThat(view("alpha", Map.of(row.get(0), value))).isEqualTo("1.0.0");
        assertThat(named.saw("/alpha")).isTrue();
    }

    @Test
    void npmView_proxyThatRefuses_failsAsBootstrapDoes() throws Exception {
        for (List<String> row : Network.table("04-proxy-refuses/expected.tsv")) {
            String file = row.get(0);
            try (CompanyProxy proxy =
                    new CompanyProxy(registry.port()).refusing(Network.input("04-proxy-refuses/" + file))) {
                Map<String, String> variables = Map.of(
                        "npm_config_registry",
                        "https://" + CompanyProxy.HOST + "/",
                        "HTTPS_PROXY",
                        "http://" + proxy.authority());

                assertThat(view("alpha", variables)).as(file).startsWith("npm error");
                assertThat(proxy.requests()).as(file).containsOnly("CONNECT " + CompanyProxy.HOST + ":443 HTTP/1.1");
                assertThatThrownBy(() -> fetch(variables, "https://" + CompanyProxy.HOST + "/alpha"))
                        .as(file)
                        .hasMessageContaining(proxy.authority());
            }
        }
        assertThat(registry.asked).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "NO_PROXY|127.0.0.1",
                "no_proxy|localhost",
                "npm_config_noproxy|example,\t127.0.0.1 ,",
                "npm_config_noproxy|0.0.1",
                "NO_PROXY|.0.0.1",
                "NO_PROXY|127.0.0.1.",
                "NO_PROXY|127.0.0",
                "NO_PROXY|27.0.0.1",
                "NO_PROXY|127.0.0.0/8",
                "NO_PROXY|127.0.0.1:80",
                "NO_PROXY|*",
                "NO_PROXY|*.0.0.1",
                "NO_PROXY|::1,[::1]",
                "NO_PROXY|,"
            })
    void npmView_noProxy_connectsDirectlyToTheSameHosts(String variable, String list) throws Exception {
        LoggingRegistry direct = keep(LoggingRegistry.of("alpha"));
        CompanyProxy proxy = keep(new CompanyProxy(direct.port()));
        Map<String, String> variables = Map.of(
                "npm_config_registry",
                "http://" + direct.authority() + "/",
                "HTTP_PROXY",
                "http://" + proxy.authority(),
                variable,
                list);

        boolean askedByNpm = view("alpha", variables).equals("1.0.0");
        assertThat(direct.asked.isEmpty()).isNotEqualTo(askedByNpm);
        assertThat(proxy.heads.isEmpty()).isEqualTo(askedByNpm);
        direct.asked.clear();

        String address = "http://" + direct.authority() + "/alpha";
        if (askedByNpm) {
            assertThat(fetch(variables, address)).isEqualTo(200);
        } else {
            assertThatThrownBy(() -> fetch(variables, address)).hasMessageContaining("502");
        }
        assertThat(direct.asked.isEmpty()).isNotEqualTo(askedByNpm);
    }

    @Test
    void npmView_contentCodings_areDecodedByUsOrAClearErrorWhereNpmDecodesThem() throws Exception {
        List<List<String>> rows = Network.table("14-content-coding/expected.tsv");
        Map<String, Exact> answers = new HashMap<>();
        for (List<String> row : rows) {
            byte[] bytes = Network.input("14-content-coding/" + row.get(0)).getBytes(StandardCharsets.ISO_8859_1);
            answers.put("/" + name(row), new Exact(bytes, row.get(1).equals("closed")));
        }
        ExactServer server =
                keep(ExactServer.start(path -> Optional.ofNullable(answers.get(path.replaceFirst("\\?.*", ""))), null));
        Path names = Files.write(
                folder.resolve("names.txt"),
                rows.stream().map(NpmConfigInteropTest::name).toList());
        String cache = folder.resolve("cache").toString();
        Network.Ran bootstrap = Network.run(
                Map.of(),
                "bootstrap",
                "--registry",
                server.origin().toString(),
                "--names",
                names.toString(),
                "--cache-dir",
                cache);
        String stored = Network.run(Map.of(), "list", "--cache-dir", cache).out();

        for (List<String> row : rows) {
            String name = name(row);
            String npm = view(
                    name, Map.of("npm_config_registry", server.origin() + "/", "npm_config_fetch_timeout", "5000"));
            assertThat(npm.matches("\\d+\\.\\d+\\.\\d+"))
                    .as(name + ": " + npm)
                    .isEqualTo(row.get(2).equals("ok"));
            if (row.get(2).equals("ok") && !stored.contains("\t" + name + "\tok\t")) {
                assertThat(stored).as("nothing is recorded").doesNotContain("\t" + name + "\t");
                assertThat(bootstrap.out()).containsPattern("(?m)" + name + ": .*Content-Encoding");
            }
        }
    }

    private static String name(List<String> row) {
        return row.get(0).replace(".http", "");
    }

    private static int fetch(Map<String, String> variables, String address) {
        try (BaseHttpClient client = BaseHttpClient.builder()
                .npmConfig(NpmConfig.loader(variables).load())
                .retry(RetryPolicy.none())
                .build()) {
            return client.send(ClientRequest.get(URI.create(address)), ClientResponse::status);
        }
    }

    private String view(String name, Map<String, String> variables) throws Exception {
        Files.writeString(folder.resolve("package.json"), "{\"name\":\"project\",\"version\":\"1.0.0\"}");
        Map<String, String> all = new HashMap<>(Map.of(
                "npm_config_cache", folder.resolve("npm-cache").toString(),
                "npm_config_userconfig", folder.resolve("none").toString(),
                "npm_config_globalconfig", folder.resolve("no-global").toString(),
                "npm_config_fetch_retries", "0"));
        all.keySet().removeIf(given -> variables.keySet().stream().anyMatch(given::equalsIgnoreCase));
        all.putAll(variables);
        ProcessBuilder builder = new ProcessBuilder("npm", "view", name, "version")
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("out.txt").toFile());
        builder.environment()
                .keySet()
                .removeIf(variable -> variable.toLowerCase(java.util.Locale.ROOT)
                        .matches("npm_.*|.*_proxy|node_extra_ca_certs|ssl_cert_file"));
        builder.environment().putAll(all);
        Process npm = builder.start();
        assertThat(npm.waitFor(120, TimeUnit.SECONDS)).isTrue();
        return Files.readString(folder.resolve("out.txt")).strip();
    }

    private <T extends AutoCloseable> T keep(T closeable) {
        open.add(closeable);
        return closeable;
    }
}
