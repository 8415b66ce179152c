package io.alldocs.worker.mirror;

import static io.alldocs.worker.mirror.Bench.header;
import static io.alldocs.worker.mirror.Bench.json;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.alldocs.cache.MemoryStorageDriver;
import io.alldocs.http.BaseHttpClient;
import io.alldocs.http.HostLimiters;
import io.alldocs.http.NpmConfig;
import io.alldocs.http.RetryPolicy;
import io.alldocs.packument.NameFilter;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests audits, keys and attestations, which are forwarded to the registry for its own names. */
@Timeout(120)
class PassedOnTest {
    private static final String BULK = "/-/npm/v1/security/advisories/bulk";
    private static final String QUICK = "/-/npm/v1/security/audits/quick";

    @TempDir
    private Path folder;

    private final Origin registry = new Origin();
    private final BaseHttpClient http = BaseHttpClient.builder()
            .retry(RetryPolicy.none())
            .limiters(HostLimiters.create())
            .build();
    private final Bench plain = new Bench(registry.address(), new MemoryStorageDriver(), builder -> builder);
    private Bench asking;

    @BeforeEach
    void start() throws IOException {
        Path npmrc = Files.writeString(
                folder.resolve("npmrc"),
                "@corp:registry=https://registry.corp.example/\n@same:registry=" + registry.address() + "/\n");
        NpmConfig config = NpmConfig.loader(Map.of("NPM_CONFIG_USERCONFIG", npmrc.toString()))
                .load();
        asking = new Bench(
                registry.address(),
                new MemoryStorageDriver(),
                builder -> builder.pullThrough(http)
                        .npmConfig(config)
                        .filter(NameFilter.of(List.of(), List.of("denied"))));
    }

    @AfterEach
    void close() {
        plain.close();
        asking.close();
        http.close();
        registry.close();
    }

    private static HttpResponse<byte[]> post(Bench bench, String path, byte[] body, String... headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(bench.mirror.address() + path))
                .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                .timeout(Bench.PATIENCE);
        if (headers.length > 0) {
            request.headers(headers);
        }
        try {
            return bench.client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static HttpResponse<byte[]> post(Bench bench, String path, String body) {
        return post(bench, path, body.getBytes(StandardCharsets.UTF_8));
    }

    private JsonNode lastBody() throws IOException {
        return Bench.JSON.readTree(
                registry.asked().get(registry.asked().size() - 1).body());
    }

    @Test
    void auditOfTheTable_withoutPullThrough_isNotFound_andSaysWhy() throws IOException {
        try (InputStream in = PassedOnTest.class.getResourceAsStream("requests/audit.request");
                RawClient client = new RawClient(plain.mirror.address())) {
            RawClient.Answer answer = client.send(new String(in.readAllBytes(), StandardCharsets.ISO_8859_1))
                    .answer();

            assertThat(answer.status()).isEqualTo(404);
            assertThat(Bench.JSON.readTree(answer.text()).path("error").asText())
                    .contains("--pull-through");
        }
        assertThat(registry.asked()).isEmpty();
    }

    @Test
    void auditOfTheTable_withPullThrough_isTheRegistrysAnswer() throws IOException {
        registry.json(BULK, "{\"alpha\":[{\"id\":1}]}");
        try (InputStream in = PassedOnTest.class.getResourceAsStream("requests/audit.request");
                RawClient client = new RawClient(asking.mirror.address())) {
            RawClient.Answer answer = client.send(new String(in.readAllBytes(), StandardCharsets.ISO_8859_1))
                    .answer();

            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.text()).isEqualTo("{\"alpha\":[{\"id\":1}]}");
        }
        assertThat(lastBody().toString()).isEqualTo("{\"alpha\":[\"1.0.0\"]}");
    }

    @Test
    void bulkAudit_leavesOutNamesOfOtherRegistries_andThoseThatAreDenied() throws IOException {
        registry.json(BULK, "{}");

        HttpResponse<byte[]> response = post(
                asking,
                BULK,
                Bench.gzip("{\"alpha\":[\"1.0.0\"],\"@corp/secret\":[\"1.0.0\"],\"@same/open\":[\"2.0.0\"],"
                        + "\"denied\":[\"1.0.0\"]}"),
                "content-encoding",
                "gzip");

        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(lastBody().toString()).isEqualTo("{\"alpha\":[\"1.0.0\"],\"@same/open\":[\"2.0.0\"]}");
        assertThat(registry.asked().get(0).header("content-type")).contains("application/json");
    }

    @ParameterizedTest
    @CsvSource({BULK + ", {}", "/-/npm/v1/security/audits, actions", QUICK + ", actions"})
    void auditOfOtherRegistriesAlone_isNotSent(String path, String found) {
        String body = path.equals(BULK)
                ? "{\"@corp/a\":[\"1.0.0\"]}"
                : "{\"requires\":{\"@corp/a\":\"1\"},\"dependencies\":{}}";

        HttpResponse<byte[]> response = post(asking, path, body);

        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(Bench.text(response)).contains(found);
        assertThat(registry.asked()).isEmpty();
    }

    @Test
    void auditOfATree_leavesThemOutAtEachDepth() throws IOException {
        registry.json(QUICK, "{\"actions\":[]}");
        ObjectNode root = Bench.JSON.createObjectNode().put("name", "@corp/app").put("version", "1.0.0");
        root.putObject("requires").put("alpha", "^1.0.0").put("@corp/a", "1");
        ObjectNode alpha = root.putObject("dependencies").putObject("alpha").put("version", "1.0.0");
        root.withObject("dependencies").putObject("@corp/a").put("version", "1.0.0");
        alpha.putObject("requires").put("@corp/b", "1").put("beta", "1");
        alpha.putObject("dependencies").putObject("@corp/b").put("version", "1.0.0");
        alpha.withObject("dependencies").putObject("beta").put("version", "1.0.0");

        assertThat(post(asking, QUICK, root.toString()).statusCode()).isEqualTo(200);

        assertThat(registry.asked().get(0).body()).doesNotContain("@corp");
        assertThat(lastBody()
                        .at("/dependencies/alpha/dependencies/beta/version")
                        .asText())
                .isEqualTo("1.0.0");
        assertThat(lastBody().at("/requires/alpha").asText()).isEqualTo("^1.0.0");
    }

    /** pnpm sends the projects of a workspace at the top level, by their folders. */
    @Test
    void auditOfAWorkspace_keepsItsProjects() throws IOException {
        registry.json(QUICK, "{\"actions\":[]}");
        String body =
                "{\"requires\":{\".\":\"0.0.0\"},\"dependencies\":{\".\":{\"version\":\"0.0.0\",\"requires\":{\"alpha\":"
                        + "\"1.0.0\",\"@corp/a\":\"1.0.0\"},\"dependencies\":{\"alpha\":{\"version\":\"1.0.0\"},"
                        + "\"@corp/a\":{\"version\":\"1.0.0\"}}},\"packages__app\":{\"version\":\"0.0.0\"}}}";

        assertThat(post(asking, QUICK, body).statusCode()).isEqualTo(200);

        assertThat(registry.asked().get(0).body()).doesNotContain("@corp");
        assertThat(lastBody()
                        .path("dependencies")
                        .path(".")
                        .at("/dependencies/alpha/version")
                        .asText())
                .isEqualTo("1.0.0");
        assertThat(lastBody().path("dependencies").has("packages__app")).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "[]", "null", "{", "{\"a\":NaN}", "text"})
    void invalidAudit_isABadRequest(String body) {
        assertThat(post(asking, BULK, body).statusCode()).isEqualTo(400);
        assertThat(registry.asked()).isEmpty();
    }

    @Test
    void auditThatIsTooLarge_orOfAnUnknownCoding_isRefused() {
        byte[] large = new byte[RequestBody.LARGEST_BYTES + 1];
        HttpResponse<byte[]> tooLarge = post(asking, BULK, large);
        HttpResponse<byte[]> bomb = post(asking, BULK, Bench.gzip(" ".repeat(9 << 20)), "content-encoding", "gzip");
        HttpResponse<byte[]> coded = post(asking, BULK, new byte[] {1}, "content-encoding", "br");

        assertThat(tooLarge.statusCode()).isEqualTo(413);
        assertThat(bomb.statusCode()).isEqualTo(400);
        assertThat(coded.statusCode()).isEqualTo(415);
        awaitNoBytes();
    }

    @Test
    void connection_continuesAfterAnAudit() throws IOException {
        registry.json(BULK, "{\"alpha\":[]}");
        String audit = "{\"alpha\":[\"1.0.0\"]}";
        try (RawClient client = new RawClient(asking.mirror.address())) {
            for (int i = 0; i < 3; i++) {
                client.send("POST " + BULK + " HTTP/1.1\r\nhost: a\r\ncontent-length: " + audit.length() + "\r\n\r\n"
                        + audit + "GET /-/ping HTTP/1.1\r\nhost: a\r\n\r\n");
                assertThat(client.answer().text()).isEqualTo("{\"alpha\":[]}");
                assertThat(client.answer().text()).isEqualTo("{}");
            }
            client.send("POST " + BULK + " HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n"
                    + "8\r\n{\"alpha\"\r\n" + "6\r\n:[\"1\"]\r\n1\r\n}\r\n0\r\n\r\n");
            assertThat(client.answer().text()).isEqualTo("{\"alpha\":[]}");
        }
        awaitNoBytes();
    }

    @Test
    void clientThatLeavesInTheMiddle_leavesNoBytes() throws Exception {
        try (RawClient client = new RawClient(asking.mirror.address())) {
            client.send("POST " + BULK + " HTTP/1.1\r\nhost: a\r\ncontent-length: 1000\r\n\r\n{\"alpha\":");
            while (asking.mirror.endpoint().requestBytes().get() == 0) {
                Thread.onSpinWait(); // the test's timeout limits this loop
            }
        }
        awaitNoBytes();
    }

    /** Waits, because the response arrives slightly before the memory of its request is released. */
    private void awaitNoBytes() {
        while (asking.mirror.endpoint().requestBytes().get() != 0) {
            Thread.onSpinWait(); // the test's timeout limits this loop
        }
    }

    @ParameterizedTest
    @CsvSource({"400, 400", "404, 404", "401, 502", "500, 503", "429, 503"})
    void registryThatDoesNotRespond_hasItsOwnStatus(int answer, int status) {
        registry.on(BULK, exchange -> exchange.sendResponseHeaders(answer, -1));

        HttpResponse<byte[]> response = post(asking, BULK, "{\"alpha\":[\"1.0.0\"]}");

        assertThat(response.statusCode()).isEqualTo(status);
        assertThat(json(response).path("error").asText()).isNotEmpty();
    }

    @Test
    void keysAndAttestations_areThoseOfTheRegistry() {
        registry.json("/-/npm/v1/keys", "{\"keys\":[]}");
        registry.json("/-/npm/v1/attestations/@same%2fopen@1.0.0", "{\"attestations\":[1]}");
        registry.json("/-/npm/v1/attestations/alpha@1.0.0%2Bb", "{\"attestations\":[2]}");

        assertThat(Bench.text(asking.get("/-/npm/v1/keys"))).isEqualTo("{\"keys\":[]}");
        assertThat(header(asking.get("/-/npm/v1/keys"), "cache-control")).isEqualTo("no-store");
        assertThat(Bench.text(asking.get("/-/npm/v1/attestations/@same%2fopen@1.0.0")))
                .isEqualTo("{\"attestations\":[1]}");
        assertThat(Bench.text(asking.get("/-/npm/v1/attestations/alpha@1.0.0+b")))
                .isEqualTo("{\"attestations\":[2]}");
        assertThat(asking.get("/-/npm/v1/attestations/alpha@9.0.0").statusCode())
                .isEqualTo(404);
        assertThat(asking.get("/-/npm/v1/attestations/@corp%2fa@1.0.0").statusCode())
                .isEqualTo(404);
        assertThat(asking.get("/-/npm/v1/attestations/denied@1.0.0").statusCode())
                .isEqualTo(403);
        assertThat(asking.get("/-/npm/v1/attestations/alpha").statusCode()).isEqualTo(404);
        assertThat(plain.get("/-/npm/v1/keys").statusCode()).isEqualTo(404);
        assertThat(plain.get("/-/npm/v1/attestations/alpha@1.0.0").statusCode()).isEqualTo(404);
        assertThat(asking.get(BULK).statusCode()).isEqualTo(405);
        assertThat(registry.paths()).noneMatch(path -> path.contains("corp") || path.contains("denied"));
    }

    @Test
    void nameOfAScopeWithItsOwnRegistry_isNotRequested() {
        registry.json("/@corp%2fa", Bench.packument("@corp/a", "1.0.0"));
        registry.json("/@same%2fopen", Bench.packument("@same/open", "1.0.0"));

        for (String path :
                List.of("/@corp%2fa", "/@corp/a/1.0.0", "/-/package/@corp%2fa/dist-tags", "/@corp/a/-/a-1.0.0.tgz")) {
            HttpResponse<byte[]> response = asking.get(path, "cache-control", "no-cache");
            assertThat(response.statusCode()).as(path).isEqualTo(404);
            assertThat(json(response).path("error").asText()).as(path).contains("@corp/a");
        }
        assertThat(registry.asked()).isEmpty();
        assertThat(asking.get("/@same%2fopen").statusCode()).isEqualTo(200);

        asking.store("@corp/a", Bench.packument("@corp/a", "1.0.0"), head -> head.outcome("ok"));
        asking.recheck();
        assertThat(asking.get("/@corp%2fa").statusCode()).isEqualTo(200);
    }
}
