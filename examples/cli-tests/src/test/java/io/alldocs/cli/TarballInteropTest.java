package io.alldocs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Installs packages with npm, pnpm, both yarns and bun from registries with ten layouts of tarball addresses. They
 * install from the registry and through three kinds of mirrors. The mirrors redirect, rewrite addresses, or proxy the
 * tarballs of a private registry. Requires Node; {@code src/test/js} sets the versions of the clients.
 */
@Tag("interop")
@Timeout(300)
class TarballInteropTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String TOKEN = "example-token";

    /** Layouts of tarball addresses. {@code @REGISTRY@} and {@code @FAR@} are two servers. */
    private static final Map<String, String> LAYOUTS = new LinkedHashMap<>();

    static {
        LAYOUTS.put("plain", "http://@REGISTRY@/plain/-/plain-1.0.0.tgz");
        LAYOUTS.put("@acme/npmlike", "http://@REGISTRY@/@acme/npmlike/-/npmlike-1.0.0.tgz");
        LAYOUTS.put("@acme/strict", "http://@REGISTRY@/@acme/strict/-/strict-1.0.0.tgz");
        LAYOUTS.put("@acme/artifactory", "http://@REGISTRY@/@acme/artifactory/-/@acme/artifactory-1.0.0.tgz");
        LAYOUTS.put("@acme/github", "http://@REGISTRY@/download/@acme/github/1.0.0/abcdef0123456789");
        LAYOUTS.put("@acme/gemfury", "http://@REGISTRY@/@acme%2fgemfury/-/%40acme%2Fgemfury-1.0.0");
        LAYOUTS.put("cnpm", "http://@REGISTRY@/cnpm/download/cnpm-1.0.0.tgz");
        LAYOUTS.put("signed", "http://@REGISTRY@/signed/-/signed-1.0.0.tgz?sig=a%2Bb&exp=99");
        LAYOUTS.put("cdn", "http://@FAR@/packages/cdn/1.0.0/cdn-1.0.0.tgz");
        LAYOUTS.put("spaced", "http://@REGISTRY@/My%20Team/spaced/-/spaced-1.0.0.tgz");
    }

    /** How the mirror serves tarballs; null for no mirror. */
    enum Way {
        DIRECT,
        REDIRECTED,
        REWRITTEN,
        PROXIED
    }

    @TempDir
    private Path folder;

    private final PackageServer registry = new PackageServer();
    private final PackageServer far = new PackageServer();
    private String address;

    @BeforeEach
    void publish() throws IOException {
        address = "http://" + registry.authority();
        for (Map.Entry<String, String> layout : LAYOUTS.entrySet()) {
            String tarball = layout.getValue()
                    .replace("@REGISTRY@", registry.authority())
                    .replace("@FAR@", far.authority());
            registry.publish(layout.getKey(), tarball, tarball.contains(far.authority()) ? far : registry);
        }
    }

    private Path project(Map<String, String> dependencies) throws IOException {
        ObjectNode manifest = JSON.createObjectNode().put("name", "project").put("private", true);
        dependencies.forEach(manifest.putObject("dependencies")::put);
        Path project = Files.createDirectories(folder.resolve("project"));
        Files.writeString(project.resolve("package.json"), manifest.toString());
        return project;
    }

    private Path home() {
        return folder.resolve("home");
    }

    @AfterEach
    void stop() {
        registry.close();
        far.close();
    }

    static Stream<Arguments> waysOfClients() {
        return Stream.of(NpmClient.values())
                .flatMap(client -> Stream.of(Way.values()).map(way -> Arguments.of(client, way)));
    }

    @ParameterizedTest
    @MethodSource("waysOfClients")
    void install_ofEachLayout_installsThePackage(NpmClient client, Way way) throws Exception {
        Map<String, String> all = new LinkedHashMap<>();
        LAYOUTS.keySet().forEach(name -> all.put(name, "1.0.0"));
        Path project = project(all);
        try (Mirror mirror = new Mirror(way)) {
            NpmClient.Run result = client.install(project, home(), mirror.url);

            assertThat(result.exitCode()).as(result.printed()).isZero();
            for (String name : LAYOUTS.keySet()) {
                Path installed = project.resolve("node_modules").resolve(name).resolve("package.json");
                assertThat(installed).as(name).content().contains("\"name\":\"" + name + "\"");
            }
        }
        if (way == Way.REDIRECTED || way == Way.REWRITTEN) {
            assertThat(far.asked()).hasSize(1); // the client used the packument's address, or followed the redirect
        }
    }

    /** Without the option, the mirror sends its clients to a registry for which they have no token. */
    @ParameterizedTest
    @EnumSource(NpmClient.class)
    void install_fromAPrivateRegistry_needsTheMirrorToPassTarballsOn(NpmClient client) throws Exception {
        registry.requireToken(TOKEN);
        Path project = project(Map.of("plain", "1.0.0"));
        try (Mirror mirror = new Mirror(Way.REWRITTEN)) {
            NpmClient.Run result = client.install(project, home(), mirror.url);

            assertThat(result.exitCode()).as(result.printed()).isNotZero();
            assertThat(result.printed()).containsAnyOf("401", "Invalid authentication");
        }
    }

    @ParameterizedTest
    @EnumSource(NpmClient.class)
    void install_ofATarballOnAnotherHost_isRefusedByAProxyingMirror(NpmClient client) throws Exception {
        Path project = project(Map.of("cdn", "1.0.0"));
        try (Mirror mirror = new Mirror(Way.PROXIED, /* allowsFar= */ false)) {
            NpmClient.Run result = client.install(project, home(), mirror.url);

            assertThat(result.exitCode()).as(result.printed()).isNotZero();
            assertThat(result.printed()).contains("403");
        }
        assertThat(far.asked()).isEmpty();
    }

    /**
     * Returns what each client prints if a mirror, or the registry behind it, has no audits. Yarn classic always sends
     * the request to its own registry, even if another one is configured.
     */
    static Stream<Arguments> messages() {
        return Stream.of(
                Arguments.of(NpmClient.NPM, "The registry returned status 404"),
                Arguments.of(NpmClient.PNPM, "ERR_PNPM_AUDIT_ENDPOINT_NOT_EXISTS"),
                Arguments.of(NpmClient.YARN_BERRY, "The registry returned status 404"),
                Arguments.of(NpmClient.BUN, "audit request failed (status 404)"));
    }

    @ParameterizedTest
    @MethodSource("messages")
    void audit_whereThereAreNone_isAMessage(NpmClient client, String message) throws Exception {
        Path project = project(Map.of("plain", "1.0.0"));
        try (Mirror mirror = new Mirror(Way.REWRITTEN)) {
            assertThat(client.install(project, home(), mirror.url).exitCode()).isZero();
            registry.asked().clear();

            NpmClient.Run audit = client.audit(project, home(), mirror.url);

            assertThat(audit.exitCode()).as(audit.printed()).isNotZero();
            assertThat(audit.printed()).contains(message);
            assertThat(registry.asked())
                    .isNotEmpty()
                    .allMatch(request -> request.startsWith("POST /-/npm/v1/security/"));
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = NpmClient.class,
            names = {"NPM", "PNPM", "YARN_BERRY", "BUN"})
    void audit_throughAMirror_isTheRegistrys(NpmClient client) throws Exception {
        Path project = project(Map.of("plain", "1.0.0"));
        String advisory =
                "\"id\":1,\"url\":\"https://advisories.example/1\",\"title\":\"It is plain\",\"severity\":\"high\","
                        + "\"vulnerable_versions\":\"<2.0.0\"";
        registry.put(
                "/-/npm/v1/security/advisories/bulk",
                "{\"plain\":[{" + advisory + ",\"cwe\":[],\"cvss\":{\"score\":0,\"vectorString\":null}}]}");
        registry.put(
                "/-/npm/v1/security/audits/quick",
                "{\"actions\":[],\"advisories\":{\"1\":{" + advisory
                        + ",\"module_name\":\"plain\",\"patched_versions\":\">=2.0.0\","
                        + "\"findings\":[{\"version\":\"1.0.0\",\"paths\":[\".>plain\"]}]}},\"muted\":[],\"metadata\":{"
                        + "\"vulnerabilities\":{\"info\":0,\"low\":0,\"moderate\":0,\"high\":1,\"critical\":0},\"dependencies\":1,"
                        + "\"devDependencies\":0,\"optionalDependencies\":0,\"totalDependencies\":1}}");
        try (Mirror mirror = new Mirror(Way.REWRITTEN)) {
            assertThat(client.install(project, home(), mirror.url).exitCode()).isZero();

            NpmClient.Run audit = client.audit(project, home(), mirror.url);

            assertThat(audit.exitCode()).as(audit.printed()).isNotZero();
            assertThat(audit.printed()).contains("It is plain");
        }
    }

    /** A mirror in front of the registry, or the registry itself. */
    private final class Mirror implements AutoCloseable {
        final String url;
        private final List<Served> served = new ArrayList<>();

        Mirror(Way way) throws Exception {
            this(way, /* allowsFar= */ true);
        }

        Mirror(Way way, boolean allowsFar) throws Exception {
            if (way == Way.DIRECT) {
                url = address;
                return;
            }
            int port = freePort();
            url = "http://127.0.0.1:" + port;
            List<String> options = new ArrayList<>(List.of(
                    "mirror",
                    "--json",
                    "--pull-through",
                    "--port=" + port,
                    "--registry=" + address,
                    "--cache-dir=" + folder.resolve("cache")));
            if (way != Way.REDIRECTED) {
                options.add("--rewrite-tarballs=" + url);
            }
            if (way == Way.PROXIED) {
                registry.requireToken(TOKEN);
                options.add("--proxy-tarballs");
                if (allowsFar) {
                    options.add("--tarball-host=" + far.authority());
                }
            }
            Path npmrc = Files.writeString(
                    folder.resolve("npmrc"), "//" + registry.authority() + "/:_authToken=" + TOKEN + "\n");
            Served program =
                    new Served(Map.of("NPM_CONFIG_USERCONFIG", npmrc.toString()), options.toArray(String[]::new));
            served.add(program);
            String announced = program.out.readLine();
            assertThat(announced).as(program.err.toString()).isNotNull();
            assertThat(JSON.readTree(announced).path("url").asText()).isEqualTo(url);
        }

        private static int freePort() throws IOException {
            try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
                return free.getLocalPort();
            }
        }

        @Override
        public void close() throws IOException {
            for (Served program : served) {
                program.close();
            }
        }
    }
}
