package io.alldocs.cli.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.alldocs.Env;
import io.alldocs.cache.Cache;
import io.alldocs.cache.MemoryStorageDriver;
import io.alldocs.cli.network.Network.Ran;
import io.alldocs.http.BaseHttpClient;
import io.alldocs.http.NpmConfig;
import io.alldocs.http.RetryPolicy;
import io.alldocs.http.TemporaryException;
import io.alldocs.packument.Outcome;
import io.alldocs.packument.PackumentClient;
import io.alldocs.worker.WorkerRuntime;
import io.alldocs.worker.mirror.MirrorServer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tests that names of a scope with its own registry are never requested from another registry. The public registry here
 * is a trap.
 */
@Timeout(300)
class ScopeTest {
    private static final String SECRET = "@acme/secret-tool";

    @TempDir
    private Path folder;

    private LoggingRegistry open;
    private LoggingRegistry own;
    private Map<String, String> variables;
    private String[] job;

    @BeforeEach
    void start() throws IOException {
        open = LoggingRegistry.of("plain-pkg").listing(SECRET);
        own = new LoggingRegistry(null, "/npm/team/", "Bearer example-token", SECRET);
        Files.writeString(folder.resolve("names.txt"), SECRET + "\nplain-pkg\n");
        Path npmrc = Files.writeString(
                folder.resolve("user.npmrc"),
                "registry=" + address() + "/\n@acme:registry=http://" + own.authority() + "/npm/team/\n//"
                        + own.authority() + "/npm/team/:_authToken=example-token\n");
        variables = new HashMap<>(Map.of("npm_config_userconfig", npmrc.toString(), "HOME", folder.toString()));
        job = new String[] {"--cache-dir", folder.resolve("cache").toString()};
    }

    @AfterEach
    void stop() {
        assertThat(open.saw("acme")).as(open.asked.toString()).isFalse();
        assertThat(open.saw("example-token")).isFalse();
        open.close();
        own.close();
    }

    @Test
    void bootstrap_names_excludesAndCountsTheScope() {
        for (List<String> registry : List.of(List.<String>of(), List.of("--registry", address()))) {
            Ran ran = run(
                    registry,
                    "bootstrap",
                    "--names",
                    folder.resolve("names.txt").toString());

            assertThat(ran.exitCode()).as(ran.all()).isZero();
            assertThat(ran.out())
                    .contains("1 excluded (their scope has another registry)")
                    .doesNotContain("not found");
        }
        assertThat(open.saw("/plain-pkg")).isTrue();
    }

    @Test
    void commands_ofAnOriginThatListsTheName_excludeAndCountIt() {
        List<String> origin = List.of("--origin", address());
        for (Ran ran :
                List.of(run(origin, "bootstrap"), run(origin, "follow", "--once"), run(origin, "report", "--repair"))) {
            assertThat(ran.exitCode()).as(ran.all()).isZero();
            assertThat(ran.all()).doesNotContain("not found", "not_found");
        }
        Ran offline = run(origin, "bootstrap", "--offline");
        assertThat(offline.exitCode()).as(offline.all()).isZero();
        assertThat(offline.out()).contains("1 excluded (their scope has another registry)");
        assertThat(open.saw("/plain-pkg")).isTrue();
    }

    @Test
    void bootstrap_rangeWithinTheScope_isRefused() {
        Ran ran = run(List.of("--origin", address()), "bootstrap", "--prefix", "@acme/");
        assertThat(ran.exitCode()).isEqualTo(2);
        assertThat(ran.err()).contains("scope has another registry");
    }

    @Test
    void mirror_pullThrough_doesNotGiveOutTheScope() throws Exception {
        try (Cache cache = Cache.builder().driver(new MemoryStorageDriver()).build();
                MirrorServer mirror = MirrorServer.builder()
                        .cache(cache)
                        .registry(URI.create(address()))
                        .npmConfig(config())
                        .pullThrough()
                        .start()) {
            assertThat(status(mirror, "/plain-pkg")).isEqualTo(200);
            assertThat(status(mirror, "/@acme%2fsecret-tool")).isEqualTo(404);
            assertThat(status(mirror, "/@acme/secret-tool/-/secret-tool-1.0.0.tgz"))
                    .isEqualTo(404);
        }
    }

    @Test
    void client_ofAnEnv_requestsTheNameFromItsOwnRegistry() {
        try (PackumentClient client = PackumentClient.builder()
                .env(Env.of(variables))
                .cache(Cache.builder().driver(new MemoryStorageDriver()).build())
                .build()) {
            assertThat(client.request(SECRET).outcome()).isEqualTo(Outcome.OK);
            assertThat(client.request("plain-pkg").outcome()).isEqualTo(Outcome.OK);
            assertThat(client.scopesWithOwnRegistry()).containsExactly("@acme");
        }
        assertThat(own.saw("Bearer example-token")).isTrue();
    }

    @Test
    void client_whoseOwnRegistryIsUnreachable_requestsNoOther() {
        own.close();
        try (PackumentClient client = PackumentClient.builder()
                .env(Env.of(variables))
                .cache(Cache.builder().driver(new MemoryStorageDriver()).build())
                .http(BaseHttpClient.builder()
                        .npmConfig(config())
                        .retry(RetryPolicy.none())
                        .build())
                .build()) {
            assertThatThrownBy(() -> client.request(SECRET)).isInstanceOf(TemporaryException.class);
        }
    }

    @Test
    void worker_itemOfTheName_requestsItFromItsOwnRegistry() throws Exception {
        Map<String, String> settings = new HashMap<>(variables);
        settings.putAll(Map.of("STORAGE_DRIVER", "memory", "QUEUE_DRIVER", "local", "PORT", "0"));
        try (WorkerRuntime runtime = WorkerRuntime.create(Env.of(settings))) {
            runtime.start();
            for (String name : List.of(SECRET, "plain-pkg")) {
                String item =
                        "{\"type\":\"packument\",\"id\":\"" + name + "\",\"payload\":{\"name\":\"" + name + "\"}}";
                HttpRequest request = HttpRequest.newBuilder(URI.create(
                                "http://127.0.0.1:" + runtime.server().address().getPort() + "/work"))
                        .header("content-type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(item))
                        .build();
                assertThat(HttpClient.newHttpClient()
                                .send(request, HttpResponse.BodyHandlers.discarding())
                                .statusCode())
                        .isBetween(200, 299);
            }
            await(() -> own.saw("secret-tool") && open.saw("plain-pkg"));
        }
    }

    private static void await(BooleanSupplier condition) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).isLessThan(deadline);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
        }
    }

    private static int status(MirrorServer mirror, String path) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create(mirror.address() + path))
                .timeout(Duration.ofSeconds(60))
                .build();
        return HttpClient.newHttpClient()
                .send(request, HttpResponse.BodyHandlers.discarding())
                .statusCode();
    }

    private Ran run(List<String> options, String... command) {
        List<String> args = new ArrayList<>(List.of(command));
        args.addAll(options);
        args.addAll(List.of(job));
        return Network.run(variables, args.toArray(String[]::new));
    }

    private NpmConfig config() {
        return NpmConfig.loader(variables).load();
    }

    private String address() {
        return "http://" + open.authority();
    }
}
