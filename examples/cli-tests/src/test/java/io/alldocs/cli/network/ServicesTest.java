package io.alldocs.cli.network;

import static org.assertj.core.api.Assertions.assertThat;

import io.alldocs.Env;
import io.alldocs.cache.Cache;
import io.alldocs.cache.MemoryStorageDriver;
import io.alldocs.cli.network.Network.Ran;
import io.alldocs.examples.registry.EmbeddedRegistry;
import io.alldocs.examples.registry.ExactServer;
import io.alldocs.examples.registry.ExactServer.Exact;
import io.alldocs.http.NpmConfig;
import io.alldocs.worker.WorkerRuntime;
import io.alldocs.worker.mirror.MirrorServer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests a mirror, a worker and {@code follow} behind the proxy of a company and the login page of a hotel. */
@Timeout(300)
class ServicesTest {
    private static final String HTTPS = "https://" + CompanyProxy.HOST + "/";
    private static final String HTTP = "http://" + CompanyProxy.HOST + "/";
    private static final String BASIC = "Basic am86ZXhhbXBsZS1wdw==";
    private static final List<String> FIVE = List.of("alpha", "beta", "gamma", "delta", "eps");

    @TempDir
    private Path folder;

    private final HttpClient browser = HttpClient.newHttpClient();
    private final List<AutoCloseable> open = new ArrayList<>();
    private LoggingRegistry secure;
    private LoggingRegistry plain;

    @BeforeEach
    void start() throws IOException {
        secure = keep(new LoggingRegistry(Network.server(), "/", "", "alpha"));
        plain = keep(LoggingRegistry.of("alpha"));
    }

    @AfterEach
    void stop() throws Exception {
        for (int i = open.size() - 1; i >= 0; i--) {
            open.get(i).close();
        }
    }

    /**
     * The parameters are the transport, and whether the registry is behind a tunnel. The JDK sends no password for a
     * tunnel unless a property is set.
     */
    @ParameterizedTest
    @CsvSource({"jdk, false, true", "jdk, true, false", "okhttp, false, true", "okhttp, true, true"})
    void mirrorAndWorker_behindAProxy_sendEverythingThroughIt(String transport, boolean tunnel, boolean password)
            throws Exception {
        CompanyProxy proxy = keep(new CompanyProxy(tunnel ? secure.port() : plain.port()));
        if (password) {
            proxy.requiring(BASIC, Network.input("02-proxy-password/407.http"));
        }
        Map<String, String> variables = new HashMap<>(Map.of(
                "HTTP_TRANSPORT",
                transport,
                "NODE_EXTRA_CA_CERTS",
                Network.authority(folder).toString(),
                "NPM_REGISTRY",
                tunnel ? HTTPS : HTTP));
        String address = "http://" + (password ? "jo:example-pw@" : "") + proxy.authority();
        variables.put(tunnel ? "HTTPS_PROXY" : "HTTP_PROXY", address);
        MirrorServer mirror = mirror(variables, tunnel ? HTTPS : HTTP);

        assertThat(get(mirror, "/alpha").statusCode()).isEqualTo(200);
        int ofTheMirror = proxy.heads.size();
        work(variables, "alpha");
        await(() -> proxy.heads.size() > ofTheMirror && (tunnel ? secure : plain).asked.size() > 1);

        assertThat(ofTheMirror).isPositive();
        assertThat(proxy.requests())
                .containsOnly(
                        tunnel ? "CONNECT " + CompanyProxy.HOST + ":443 HTTP/1.1" : "GET " + HTTP + "alpha HTTP/1.1");
        assertThat((tunnel ? secure : plain).saw("am86ZXhhbXBsZS1wdw")).isFalse();
    }

    static Stream<List<String>> refusals() {
        return Network.table("04-proxy-refuses/expected.tsv").stream();
    }

    @ParameterizedTest
    @MethodSource("refusals")
    void mirror_refusedTunnel_saysWhichProxyAndItsStatus(List<String> row) throws Exception {
        CompanyProxy proxy =
                keep(new CompanyProxy(secure.port()).refusing(Network.input("04-proxy-refuses/" + row.get(0))));
        for (String transport : List.of("jdk", "okhttp")) {
            MirrorServer mirror =
                    mirror(Map.of("HTTPS_PROXY", "http://" + proxy.authority(), "HTTP_TRANSPORT", transport), HTTPS);

            for (int time = 0; time < 2; time++) {
                HttpResponse<String> answer = get(mirror, "/alpha");
                assertThat(answer.statusCode())
                        .as(row + ": " + answer.body())
                        .isEqualTo(row.get(1).equals("TemporaryException") ? 503 : 502);
                assertThat(answer.body())
                        .startsWith("{\"error\":")
                        .contains(proxy.authority(), "HTTP " + row.get(0).substring(0, 3));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "b", "c"})
    void mirrorAndFollow_npmrcOfProjectAndUser_areMergedAndAskNoOther(String layout) throws Exception {
        LoggingRegistry own = keep(new LoggingRegistry(null, "/", "Bearer example-token", "alpha"));
        LoggingRegistry trap = keep(LoggingRegistry.of("alpha"));
        CompanyProxy publicRegistry = keep(new CompanyProxy(trap.port()));
        Files.writeString(folder.resolve(".npmrc"), npmrc(layout + "/project.npmrc", own, trap));
        Path user = Files.writeString(folder.resolve("user.npmrc"), npmrc(layout + "/user.npmrc", own, trap));
        Map<String, String> variables = Map.of(
                "npm_config_userconfig",
                user.toString(),
                "HTTPS_PROXY",
                "http://" + publicRegistry.authority(),
                "NO_PROXY",
                "127.0.0.1");
        NpmConfig config = NpmConfig.loader(variables).project(folder).load();
        URI registry = config.registry().orElseThrow();
        MirrorServer mirror = mirror(config, registry);

        HttpResponse<String> answer = get(mirror, "/alpha");
        Ran follow = Network.start(
                folder,
                variables,
                List.of(),
                "follow",
                "--once",
                "--origin",
                "http://" + own.authority() + "/",
                "--cache-dir",
                "cache");

        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        assertThat(follow.exitCode()).as(follow.all()).isZero();
        assertThat(own.saw("/alpha")).isTrue();
        assertThat(trap.asked).isEmpty();
        assertThat(publicRegistry.heads).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"a/@PRIVATE@", "%61", "@acme%2fsecret-tool", "@ACME/secret-tool", "@acme/secret-tool"})
    void mirror_privateNameInAnySpelling_isNeverSentToThePublicRegistry(String name) throws Exception {
        LoggingRegistry trap = keep(LoggingRegistry.of("plain-pkg"));
        LoggingRegistry own =
                keep(new LoggingRegistry(null, "/npm/team/", "Bearer example-token", "@acme/secret-tool"));
        Path user = Files.writeString(
                folder.resolve("user.npmrc"),
                "registry=http://" + trap.authority() + "/\n@acme:registry=http://" + own.authority() + "/npm/team/\n//"
                        + own.authority() + "/npm/team/:_authToken=example-token\n");
        NpmConfig config = NpmConfig.loader(Map.of("npm_config_userconfig", user.toString()))
                .load();
        MirrorServer mirror = mirror(config, URI.create("http://" + trap.authority() + "/"));

        for (String path : List.of("/" + name.replace("@PRIVATE@", "b"), "/-/package/" + name + "/dist-tags")) {
            get(mirror, path);
        }
        assertThat(get(mirror, "/plain-pkg").statusCode()).isEqualTo(200);

        assertThat(trap.asked).noneMatch(asked -> asked.path().contains("@acme"));
        assertThat(trap.saw("example-token")).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "200-page.http",
                "400-page.http",
                "403-page.http",
                "404-page.http",
                "302-login.http",
                "200-empty.http"
            })
    void services_responsesOfAPortal_areNotTheRegistrysAndAreNotCached(String file) throws Exception {
        Map<String, Exact> answers = new ConcurrentHashMap<>();
        EmbeddedRegistry registry = keep(
                EmbeddedRegistry.builder().names(FIVE.toArray(String[]::new)).start());
        ExactServer server = keep(ExactServer.start(path -> Optional.ofNullable(answers.get(path)), registry.origin()));
        Exact login = new Exact(bytes(Network.input("09-not-the-registry/200-login.http")), false);
        ExactServer portal = keep(ExactServer.start(path -> Optional.of(login), null));
        Exact page = new Exact(
                bytes(Network.input("09-not-the-registry/" + file)
                        .replace("@PORTAL@", portal.origin().getRawAuthority())),
                false);
        FIVE.forEach(name -> answers.put("/" + name, page));
        MirrorServer mirror = mirror(NpmConfig.empty(), server.origin());
        Map<String, String> settings = Map.of("NPM_REGISTRY", server.origin().toString());

        HttpResponse<String> odd = get(mirror, "/beta");
        Ran follow = follow(server);
        WorkerRuntime worker = work(settings, "gamma");
        await(() -> server.asked().stream().filter("/gamma"::equals).count() > 1);
        answers.clear();

        assertThat(odd.statusCode()).as(odd.body()).isIn(502, 503);
        assertThat(follow.exitCode()).as(follow.all()).isEqualTo(1);
        assertThat(follow.all())
                .contains("names were answered by a server that is not the registry (first: ")
                .doesNotContain("Everything requested is stored");
        assertThat(get(mirror, "/beta").statusCode()).isEqualTo(200);
        worker.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"511 Network Authentication Required\r\nContent-Type: text/html", "302 Found"})
    void mirror_otherResponsesOfAPortal_areNotCached(String head) throws Exception {
        Map<String, Exact> answers = new ConcurrentHashMap<>();
        EmbeddedRegistry registry = keep(
                EmbeddedRegistry.builder().names(FIVE.toArray(String[]::new)).start());
        ExactServer server = keep(ExactServer.start(path -> Optional.ofNullable(answers.get(path)), registry.origin()));
        answers.put("/beta", new Exact(bytes("HTTP/1.1 " + head + "\r\nContent-Length: 0\r\n\r\n"), false));
        MirrorServer mirror = mirror(NpmConfig.empty(), server.origin());

        HttpResponse<String> odd = get(mirror, "/beta");
        answers.clear();

        assertThat(odd.statusCode()).as(odd.body()).isIn(502, 503);
        assertThat(get(mirror, "/beta").statusCode()).isEqualTo(200);
    }

    @Test
    void follow_namesThatAPortalAnsweredFor_areRetriedByTheNextRuns() throws Exception {
        Map<String, Exact> answers = new ConcurrentHashMap<>();
        EmbeddedRegistry registry = keep(
                EmbeddedRegistry.builder().names(FIVE.toArray(String[]::new)).start());
        ExactServer server = keep(ExactServer.start(path -> Optional.ofNullable(answers.get(path)), registry.origin()));
        answers.put("/delta", new Exact(bytes(Network.input("09-not-the-registry/200-page.http")), false));

        Ran first = follow(server);
        answers.clear();
        await(() -> follow(server).exitCode() == 0);

        assertThat(first.exitCode()).as(first.all()).isEqualTo(1);
        assertThat(first.all()).contains("1 name was answered by a server that is not the registry (first: delta)");
        assertThat(Network.run(
                                Map.of(),
                                "list",
                                "--cache-dir",
                                folder.resolve("cache").toString())
                        .out())
                .contains(FIVE);
    }

    private Ran follow(ExactServer server) {
        return Network.run(
                Map.of("HOME", folder.toString()),
                "follow",
                "--once",
                "--origin",
                server.origin() + "/registry",
                "--registry",
                server.origin().toString(),
                "--cache-dir",
                folder.resolve("cache").toString());
    }

    private static String npmrc(String file, LoggingRegistry own, LoggingRegistry other) {
        return Network.input("05-npmrc-merge/" + file)
                .replace("@REGISTRY@", own.authority())
                .replace("@PRIVATE@", other.authority());
    }

    private MirrorServer mirror(Map<String, String> variables, String registry) throws IOException {
        return mirror(NpmConfig.loader(variables).load(), URI.create(registry));
    }

    private MirrorServer mirror(NpmConfig config, URI registry) throws IOException {
        return keep(MirrorServer.builder()
                .cache(keep(Cache.builder().driver(new MemoryStorageDriver()).build()))
                .registry(registry)
                .npmConfig(config)
                .pullThrough()
                .start());
    }

    private WorkerRuntime work(Map<String, String> variables, String name) throws Exception {
        Map<String, String> settings = new HashMap<>(variables);
        settings.putAll(Map.of("STORAGE_DRIVER", "memory", "QUEUE_DRIVER", "local", "PORT", "0"));
        WorkerRuntime runtime = keep(WorkerRuntime.create(Env.of(settings)));
        runtime.start();
        String item = "{\"type\":\"packument\",\"id\":\"" + name + "\",\"payload\":{\"name\":\"" + name + "\"}}";
        HttpRequest request = HttpRequest.newBuilder(URI.create(
                        "http://127.0.0.1:" + runtime.server().address().getPort() + "/work"))
                .header("content-type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(item))
                .build();
        assertThat(browser.send(request, HttpResponse.BodyHandlers.discarding()).statusCode())
                .isBetween(200, 299);
        return runtime;
    }

    private HttpResponse<String> get(MirrorServer mirror, String path) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create(mirror.address() + path))
                .timeout(Duration.ofSeconds(60))
                .build();
        return browser.send(request, HttpResponse.BodyHandlers.ofString());
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static void await(BooleanSupplier condition) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).isLessThan(deadline);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
        }
    }

    private <T extends AutoCloseable> T keep(T closeable) {
        open.add(closeable);
        return closeable;
    }
}
