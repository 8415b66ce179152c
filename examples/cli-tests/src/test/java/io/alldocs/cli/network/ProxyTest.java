package io.alldocs.cli.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.alldocs.Env;
import io.alldocs.cache.Cache;
import io.alldocs.cache.MemoryStorageDriver;
import io.alldocs.cache.spi.StorageDriver;
import io.alldocs.cli.network.Network.Ran;
import io.alldocs.http.AuthException;
import io.alldocs.http.BaseHttpClient;
import io.alldocs.http.ClientRequest;
import io.alldocs.http.ClientResponse;
import io.alldocs.http.HostLimiters;
import io.alldocs.http.NpmConfig;
import io.alldocs.http.RetryPolicy;
import io.alldocs.packument.Outcome;
import io.alldocs.packument.PackumentClient;
import io.alldocs.storage.cloudflare.CloudflareStorageProvider;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests commands and clients with each transport, in a network that reaches other servers only through a proxy. */
@Timeout(300)
@ParameterizedClass
@ValueSource(strings = {"jdk", "okhttp"})
class ProxyTest {
    private static final String HTTPS = "https://" + CompanyProxy.HOST + "/";
    private static final String HTTP = "http://" + CompanyProxy.HOST + "/";
    private static final String BASIC = "Basic am86ZXhhbXBsZS1wdw==";

    @Parameter
    private String transport;

    @TempDir
    private Path folder;

    private LoggingRegistry secure;
    private LoggingRegistry plain;
    private final List<AutoCloseable> open = new ArrayList<>();

    @BeforeEach
    void start() throws IOException {
        secure = keep(new LoggingRegistry(Network.server(), "/", "", "alpha", "beta"));
        plain = keep(LoggingRegistry.of("alpha", "beta"));
        Files.writeString(folder.resolve("names.txt"), "alpha\n");
    }

    @AfterEach
    void stop() throws Exception {
        for (AutoCloseable each : open) {
            each.close();
        }
    }

    static Stream<List<String>> rows() {
        return Network.table("01-proxy/environment.tsv").stream();
    }

    @ParameterizedTest
    @MethodSource("rows")
    void bootstrap_eachVariable_usesTheProxyThatItNames(List<String> row) throws Exception {
        boolean isHttps = row.get(1).startsWith("https:");
        boolean isLocal = row.get(1).startsWith("http://127.0.0.1");
        CompanyProxy proxy = keep(new CompanyProxy(isHttps ? secure.port() : plain.port()));
        Map<String, String> variables = variables();
        for (String each : row.get(0).split(" ", -1)) {
            int equals = each.indexOf('=');
            variables.put(each.substring(0, equals), each.substring(equals + 1).replace("@PROXY@", proxy.authority()));
        }
        String registry = isLocal ? "http://" + plain.authority() + "/" : row.get(1);

        Ran ran = Network.run(variables, bootstrap(registry));

        switch (row.get(2)) {
            case "tunnel" -> {
                assertThat(ran.exitCode()).as(ran.all()).isZero();
                assertThat(proxy.requests()).containsOnly("CONNECT " + CompanyProxy.HOST + ":443 HTTP/1.1");
            }
            case "absolute form" -> {
                assertThat(ran.exitCode()).as(ran.all()).isZero();
                assertThat(proxy.requests()).containsOnly("GET " + HTTP + "alpha HTTP/1.1");
            }
            case "direct: the proxy is not asked" -> {
                assertThat(ran.exitCode()).as(ran.all()).isZero();
                assertThat(proxy.requests()).isEmpty();
            }
            default -> {
                assertThat(row.get(2)).isEqualTo("direct: fails, the proxy is not asked");
                assertThat(ran.exitCode()).as(ran.all()).isPositive();
                assertThat(proxy.requests()).isEmpty();
            }
        }
    }

    @Test
    void commands_proxyOfTheNpmrc_sendEverythingThroughIt() throws Exception {
        CompanyProxy proxy = keep(new CompanyProxy(secure.port()));
        Path npmrc = Files.writeString(
                folder.resolve("user.npmrc"),
                "registry=" + HTTPS + "\nproxy=http://" + proxy.authority() + "\nhttps-proxy=http://"
                        + proxy.authority() + "\nnoproxy=localhost,.other.example\n");
        Map<String, String> variables = variables();
        variables.put("npm_config_userconfig", npmrc.toString());
        String cache = folder.resolve("job").toString();

        Ran bootstrap = Network.run(variables, "bootstrap", "--origin", HTTPS, "--cache-dir", cache);
        Ran follow = Network.run(variables, "follow", "--once", "--origin", HTTPS, "--cache-dir", cache);
        Ran report = Network.run(variables, "report", "--repair", "--origin", HTTPS, "--cache-dir", cache);

        assertThat(bootstrap.exitCode()).as(bootstrap.all()).isZero();
        assertThat(follow.exitCode()).as(follow.all()).isZero();
        assertThat(report.exitCode()).as(report.all()).isZero();
        assertThat(proxy.requests()).isNotEmpty().containsOnly("CONNECT " + CompanyProxy.HOST + ":443 HTTP/1.1");
        assertThat(secure.asked).extracting(LoggingRegistry.Asked::path).contains("/alpha", "/beta");
    }

    @Test
    void bootstrap_proxyOfTheProjectsNpmrcOrOfTheJvm_isUsed() throws Exception {
        CompanyProxy proxy = keep(new CompanyProxy(secure.port()));
        Files.writeString(
                folder.resolve(".npmrc"), "registry=" + HTTPS + "\nhttps-proxy=http://" + proxy.authority() + "\n");
        Map<String, String> variables = Map.of("NODE_EXTRA_CA_CERTS", "ca.pem", "HTTP_TRANSPORT", transport);
        Network.authority(folder);

        Ran ran = Network.start(
                folder, variables, List.of(), "bootstrap", "--names", "names.txt", "--cache-dir", "cache");
        assertThat(ran.exitCode()).as(ran.all()).isZero();
        int tunnels = proxy.heads.size();
        assertThat(tunnels).isPositive();

        Files.delete(folder.resolve(".npmrc"));
        String[] address = proxy.authority().split(":", -1);
        ran = Network.start(
                folder,
                variables,
                List.of("-Dhttps.proxyHost=" + address[0], "-Dhttps.proxyPort=" + address[1]),
                "bootstrap",
                "--names",
                "names.txt",
                "--registry",
                HTTPS,
                "--cache-dir",
                "other-cache");
        assertThat(ran.exitCode()).as(ran.all()).isZero();
        assertThat(proxy.heads).hasSizeGreaterThan(tunnels);
    }

    @Test
    void driver_ofARestApi_usesTheProxyAndTheCertificates() throws Exception {
        CompanyProxy proxy = keep(new CompanyProxy(secure.port()));
        Map<String, String> variables = variables();
        variables.putAll(Map.of(
                "HTTPS_PROXY", "http://" + proxy.authority(),
                "CLOUDFLARE_API_BASE_URL", HTTPS + "client/v4",
                "CLOUDFLARE_API_TOKEN", "example-token",
                "CLOUDFLARE_ACCOUNT_ID", "account",
                "CLOUDFLARE_KV_NAMESPACE_ID", "namespace"));
        try (StorageDriver driver = new CloudflareStorageProvider().create(Env.of(variables))) {
            assertThat(catchThrowable(() -> driver.has("v1:packument:npm:61")))
                    .as("the registry is no store")
                    .hasMessageContaining("GET " + HTTPS + "client/v4/")
                    .hasMessageContaining("HTTP 404 and application/json, without the member success");
        }
        assertThat(proxy.requests()).containsOnly("CONNECT " + CompanyProxy.HOST + ":443 HTTP/1.1");
        assertThat(secure.asked.get(0).path()).contains("/storage/kv/namespaces/namespace/");
    }

    @Test
    void bootstrap_proxyThatIsNotHttp_isAConfigurationError() {
        for (String scheme : List.of("socks5", "socks", "https")) {
            Map<String, String> variables = variables();
            variables.put("HTTPS_PROXY", scheme + "://jo:example-pw@127.0.0.1:1");
            Ran ran = Network.run(variables, bootstrap("http://" + plain.authority() + "/"));
            assertThat(ran.exitCode()).isEqualTo(2);
            assertThat(ran.err()).contains("HTTPS_PROXY", scheme + ":").doesNotContain("example-pw");
            assertThat(plain.asked).isEmpty();
        }
    }

    @Test
    void bootstrap_proxyWithAPassword_getsItAndTheRegistryDoesNot() throws Exception {
        String refusal = Network.input("02-proxy-password/407.http");
        CompanyProxy proxy = keep(new CompanyProxy(secure.port()).requiring(BASIC, refusal));
        CompanyProxy forHttp = keep(new CompanyProxy(plain.port()).requiring(BASIC, refusal));
        Files.writeString(
                folder.resolve(".npmrc"),
                "registry=" + HTTPS + "\nproxy=http://jo:example-pw@" + proxy.authority()
                        + "\nhttps-proxy=http://jo:example%2Dpw@" + proxy.authority() + "\n");
        Network.authority(folder);
        Map<String, String> variables = Map.of("NODE_EXTRA_CA_CERTS", "ca.pem", "HTTP_TRANSPORT", transport);

        Ran tunnelled = Network.start(
                folder, variables, List.of(), "bootstrap", "--names", "names.txt", "--cache-dir", "cache");
        Files.delete(folder.resolve(".npmrc"));
        Map<String, String> http = variables();
        http.put("HTTP_PROXY", "http://jo:example-pw@" + forHttp.authority());
        Ran absolute = Network.run(http, bootstrap(HTTP));

        assertThat(tunnelled.exitCode()).as(tunnelled.all()).isZero();
        assertThat(absolute.exitCode()).as(absolute.all()).isZero();
        assertThat(proxy.saw("proxy-authorization: " + BASIC)).isTrue();
        assertThat(forHttp.saw("proxy-authorization: " + BASIC)).isTrue();
        for (LoggingRegistry registry : List.of(secure, plain)) {
            assertThat(registry.saw("alpha")).isTrue();
            assertThat(registry.saw("am86ZXhhbXBsZS1wdw")).isFalse();
        }
        assertThat(tunnelled.all() + absolute.all()).doesNotContain("example-pw", "am86");
    }

    @Test
    void bootstrap_wrongPassword_isRefusedOnceAndNotRepeated() throws Exception {
        CompanyProxy proxy =
                keep(new CompanyProxy(secure.port()).requiring("Basic x", Network.input("02-proxy-password/407.http")));
        List<String> names =
                Stream.iterate(1, n -> n + 1).limit(200).map(n -> "name-" + n).toList();
        Files.write(folder.resolve("names.txt"), names);
        String address = "http://jo:example-pw@" + proxy.authority();

        Ran ran = Network.start(
                folder,
                Map.of("HTTPS_PROXY", address, "npm_config_registry", HTTPS, "HTTP_TRANSPORT", transport),
                List.of(),
                "bootstrap",
                "--names",
                "names.txt",
                "--concurrency",
                "32",
                "--cache-dir",
                "cache",
                "--verbose");
        Ran config = Network.run(Map.of("HTTPS_PROXY", address), "config");

        assertThat(ran.exitCode()).as(ran.all()).isEqualTo(3);
        assertThat(ran.all()).contains(proxy.authority(), "407").doesNotContain("example-pw", "am86", "this.in");
        assertThat(proxy.heads).hasSize(1);
        assertThat(config.out()).contains(proxy.authority(), "HTTPS_PROXY").doesNotContain("example-pw");
    }

    /**
     * In this JVM, the JDK's client sends no passwords for tunnels. The command of the test above sets a property that
     * allows them.
     */
    @Test
    void request_wrongPasswordIn32Threads_isSentOnce_andNotAgainByTheClient() throws Exception {
        for (String registry : transport.equals("jdk") ? List.of(HTTP) : List.of(HTTP, HTTPS)) {
            requestWithWrongPassword(registry);
        }
    }

    private void requestWithWrongPassword(String registry) throws Exception {
        CompanyProxy proxy =
                keep(new CompanyProxy(secure.port()).requiring("Basic x", Network.input("02-proxy-password/407.http")));
        String address = "http://jo:example-pw@" + proxy.authority();
        ExecutorService threads = Executors.newFixedThreadPool(32);
        for (int client = 1; client <= 2; client++) {
            try (BaseHttpClient http = client(address)) {
                for (int round = 0; round < 2; round++) {
                    List<Callable<Throwable>> requests = Collections.nCopies(
                            32,
                            () -> catchThrowable(
                                    () -> http.send(ClientRequest.get(URI.create(registry)), reply -> "")));
                    for (Future<Throwable> failure : threads.invokeAll(requests)) {
                        assertThat(failure.get())
                                .isInstanceOf(AuthException.class)
                                .hasMessageContaining(proxy.authority())
                                .hasMessageContaining("HTTP 407");
                    }
                }
            }
            assertThat(proxy.heads)
                    .as("another client is another configuration")
                    .hasSize(client);
        }
        threads.shutdownNow();
    }

    @Test
    void request_rightPasswordIn32Threads_waitsForTheFirstOnly() throws Exception {
        CompanyProxy proxy =
                keep(new CompanyProxy(plain.port()).requiring(BASIC, Network.input("02-proxy-password/407.http")));
        ExecutorService threads = Executors.newFixedThreadPool(32);
        try (BaseHttpClient http = client("http://jo:example-pw@" + proxy.authority())) {
            List<Callable<Integer>> requests = Collections.nCopies(
                    64, () -> http.send(ClientRequest.get(URI.create(HTTP + "alpha")), ClientResponse::status));
            for (Future<Integer> status : threads.invokeAll(requests)) {
                assertThat(status.get()).isEqualTo(200);
            }
        }
        assertThat(proxy.heads).hasSize(64);
        threads.shutdownNow();
    }

    private BaseHttpClient client(String proxy) {
        return BaseHttpClient.builder()
                .npmConfig(NpmConfig.loader(Map.of("HTTPS_PROXY", proxy, "HTTP_TRANSPORT", transport))
                        .load())
                .limiters(HostLimiters.create())
                .build();
    }

    static Stream<List<String>> refusals() {
        return Network.table("04-proxy-refuses/expected.tsv").stream();
    }

    @ParameterizedTest
    @MethodSource("refusals")
    void request_refusedTunnel_isTheErrorOfItsStatus(List<String> row) throws Exception {
        CompanyProxy proxy =
                keep(new CompanyProxy(secure.port()).refusing(Network.input("04-proxy-refuses/" + row.get(0))));
        NpmConfig config = NpmConfig.loader(
                        Map.of("HTTPS_PROXY", "http://" + proxy.authority(), "HTTP_TRANSPORT", transport))
                .load();
        String status = row.get(0).substring(0, 3);
        MemoryStorageDriver store = new MemoryStorageDriver();
        try (BaseHttpClient http = BaseHttpClient.builder()
                        .npmConfig(config)
                        .limiters(HostLimiters.create())
                        .retry(new RetryPolicy(2, Duration.ofMillis(1), Duration.ofMillis(1)))
                        .build();
                Cache cache = Cache.builder().driver(store).build();
                PackumentClient client = PackumentClient.builder()
                        .http(http)
                        .cache(cache)
                        .npmConfig(config)
                        .registry(URI.create(HTTPS))
                        .build()) {
            Throwable error = catchThrowable(() -> client.request("alpha"));

            assertThat(error.getClass().getSimpleName()).isEqualTo(row.get(1));
            assertThat(error).hasMessageContaining(proxy.authority()).hasMessageContaining("HTTP " + status);
            // the transport's; a second one of ours if the exception has no status
            int tunnels = status.equals("407") ? 1 : 2;
            assertThat(proxy.heads).hasSize(row.get(2).equals("yes") ? 2 * tunnels : tunnels);
            try (Stream<String> keys = cache.keys("")) {
                assertThat(keys).isEmpty();
            }
        }
    }

    /** Returns the refusals that are not retried. The others take five attempts with increasing waits. */
    static Stream<List<String>> finalRefusals() {
        return refusals().filter(row -> row.get(2).equals("no"));
    }

    @ParameterizedTest
    @MethodSource("finalRefusals")
    void bootstrap_refusedTunnel_recordsNothingAndSaysWhy(List<String> row) throws Exception {
        CompanyProxy proxy =
                keep(new CompanyProxy(secure.port()).refusing(Network.input("04-proxy-refuses/" + row.get(0))));
        Map<String, String> variables = variables();
        variables.put("HTTPS_PROXY", "http://" + proxy.authority());
        String status = row.get(0).substring(0, 3);

        Ran names = Network.run(variables, bootstrap(HTTPS));
        Ran origin = Network.run(
                variables,
                "bootstrap",
                "--origin",
                "https://replicate.corp.example/registry",
                "--registry",
                HTTPS,
                "--cache-dir",
                folder.resolve("origin").toString());
        Ran follow = Network.run(
                variables,
                "follow",
                "--once",
                "--origin",
                "https://replicate.corp.example/registry",
                "--registry",
                HTTPS,
                "--cache-dir",
                folder.resolve("origin").toString());

        for (Ran ran : List.of(names, origin, follow)) {
            assertThat(ran.exitCode()).as(ran.all()).isPositive();
            assertThat(ran.all()).contains(proxy.authority(), status).doesNotContain("NullPointer", "this.in");
        }
        Ran list = Network.run(
                Map.of(), "list", "--cache-dir", folder.resolve("cache").toString());
        assertThat(list.out()).doesNotContain("alpha");
    }

    @Test
    void request_passwordThatTheJvmDrops_isSentOrTheErrorSaysWhichPropertyToSet() throws Exception {
        CompanyProxy proxy =
                keep(new CompanyProxy(secure.port()).requiring("Basic x", Network.input("02-proxy-password/407.http")));
        NpmConfig config = NpmConfig.loader(
                        Map.of("HTTPS_PROXY", "http://jo:example-pw@" + proxy.authority(), "HTTP_TRANSPORT", transport))
                .load();
        String before = System.clearProperty("jdk.http.auth.tunneling.disabledSchemes");
        try (PackumentClient client = PackumentClient.builder()
                .cache(Cache.builder().driver(new MemoryStorageDriver()).build())
                .npmConfig(config)
                .registry(URI.create(HTTPS))
                .build()) {
            assertThat(catchThrowable(() -> client.request("alpha")))
                    .isInstanceOf(AuthException.class)
                    .hasMessageContaining(
                            transport.equals("jdk") ? "-Djdk.http.auth.tunneling.disabledSchemes=" : "HTTP 407")
                    .hasMessageNotContaining("example-pw");
            assertThat(proxy.saw("proxy-authorization: " + BASIC)).isEqualTo(transport.equals("okhttp"));
        } finally {
            if (before != null) {
                System.setProperty("jdk.http.auth.tunneling.disabledSchemes", before);
            }
        }
    }

    @Test
    void request_ofAClientBuiltFromAnEnv_usesTheProxy() throws Exception {
        CompanyProxy proxy = keep(new CompanyProxy(plain.port()));
        Env env = Env.of(
                Map.of("HTTP_PROXY", "http://" + proxy.authority(), "NPM_REGISTRY", HTTP, "HTTP_TRANSPORT", transport));
        try (PackumentClient client = PackumentClient.builder()
                .env(env)
                .cache(Cache.builder().driver(new MemoryStorageDriver()).build())
                .build()) {
            assertThat(client.request("alpha").outcome()).isEqualTo(Outcome.OK);
        }
        assertThat(proxy.requests()).containsExactly("GET " + HTTP + "alpha HTTP/1.1");
    }

    private Map<String, String> variables() {
        try {
            return new HashMap<>(Map.of(
                    "HTTP_TRANSPORT", transport,
                    "NODE_EXTRA_CA_CERTS", Network.authority(folder).toString(),
                    "HOME", folder.resolve("home").toString(),
                    "USERPROFILE", folder.resolve("home").toString()));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private String[] bootstrap(String registry) {
        return new String[] {
            "bootstrap",
            "--names",
            folder.resolve("names.txt").toString(),
            "--registry",
            registry,
            "--cache-dir",
            folder.resolve("cache").toString()
        };
    }

    private <T extends AutoCloseable> T keep(T closeable) {
        open.add(closeable);
        return closeable;
    }
}
