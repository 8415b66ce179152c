package io.alldocs.worker.mirror;

import static io.alldocs.worker.mirror.Bench.INSTALLER;
import static io.alldocs.worker.mirror.Bench.header;
import static io.alldocs.worker.mirror.Bench.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import io.alldocs.cache.MemoryStorageDriver;
import io.alldocs.http.BaseHttpClient;
import io.alldocs.http.Credentials;
import io.alldocs.http.HostLimiters;
import io.alldocs.http.RetryPolicy;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Tests a mirror that has the registry's token, for clients that have none, with servers and packuments that try to
 * misuse it.
 */
@Timeout(120)
class TarballProxyTest {
    private static final String TOKEN = "example-token";
    private static final byte[] BYTES = noise(100_000);

    private final Origin registry = new Origin();
    private final Origin far = new Origin();
    private final BaseHttpClient http = BaseHttpClient.builder()
            .retry(RetryPolicy.none())
            .limiters(HostLimiters.create())
            .credentials(Credentials.bearer(registry.address(), TOKEN))
            .build();
    private final Bench bench = new Bench(
            registry.address(),
            new MemoryStorageDriver(),
            builder -> builder.pullThrough(http)
                    .proxyTarballs()
                    .resolver(TarballProxyTest::resolve)
                    .rewriteTarballs(URI.create("http://mirror.example")));

    @AfterEach
    void close() {
        bench.close();
        http.close();
        registry.close();
        far.close();
    }

    /** Resolves names defined by the tests; all others are resolved by the system. */
    private static InetAddress[] resolve(String host) throws UnknownHostException {
        return switch (host) {
            case "public.example" -> new InetAddress[] {InetAddress.getByName("203.0.113.7")};
            case "sneaky.example" ->
                new InetAddress[] {InetAddress.getByName("203.0.113.7"), InetAddress.getByName("10.0.0.1")};
            case "unknown.example" -> throw new UnknownHostException(host);
            default -> InetAddress.getAllByName(host);
        };
    }

    private static byte[] noise(int size) {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        return bytes;
    }

    static String digest(String algorithm, byte[] bytes) {
        try {
            return Base64.getEncoder()
                    .encodeToString(MessageDigest.getInstance(algorithm).digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Map<String, String> sha512(byte[] bytes) {
        return Map.of("integrity", "sha512-" + digest("SHA-512", bytes));
    }

    /** Stores the packument in the mirror's cache only. */
    private void publish(String tarball, Map<String, String> dist) {
        ObjectNode document = Bench.JSON.createObjectNode().put("name", "priv");
        document.putObject("dist-tags").put("latest", "1.0.0");
        ObjectNode written = document.putObject("versions")
                .putObject("1.0.0")
                .put("name", "priv")
                .put("version", "1.0.0")
                .putObject("dist")
                .put("tarball", tarball);
        dist.forEach(written::put);
        guarded(
                "/priv",
                exchange -> Origin.send(
                        exchange, 200, "application/json", document.toString().getBytes(StandardCharsets.UTF_8)));
    }

    private void guarded(String path, Origin.Answer answer) {
        registry.on(path, exchange -> {
            String authorization = exchange.getRequestHeaders().getFirst("authorization");
            if (!("Bearer " + TOKEN).equals(authorization)) {
                exchange.sendResponseHeaders(401, -1);
            } else {
                answer.write(exchange);
            }
        });
    }

    private String own(String path) {
        return registry.address() + path;
    }

    private void publishBytes(byte[] bytes) {
        publish(own("/files/priv.tgz"), sha512(BYTES));
        guarded("/files/priv.tgz", exchange -> Origin.send(exchange, 200, "application/gzip", bytes));
    }

    private HttpResponse<byte[]> tarball(String... headers) {
        return bench.get("/priv/-/priv-1.0.0.tgz", headers);
    }

    @Test
    void tarballOfAPrivateRegistry_comesWithTheMirrorsToken_andNothingIsStored() {
        publishBytes(BYTES);
        assertThat(json(bench.get("/priv", "accept", INSTALLER))
                        .at("/versions/1.0.0/dist/tarball")
                        .asText())
                .isEqualTo("http://mirror.example/priv/-/priv-1.0.0.tgz");
        List<String> before = keys();

        HttpResponse<byte[]> response = tarball();

        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.body()).isEqualTo(BYTES);
        assertThat(header(response, "content-length")).isEqualTo("100000");
        assertThat(header(response, "content-type")).isEqualTo("application/gzip");
        assertThat(response.headers().map().toString()).doesNotContain(TOKEN);
        assertThat(keys()).isEqualTo(before);
        assertThat(bench.metric("tarballs_proxied_total")).isEqualTo(1);
        Origin.Asked asked = registry.asked().get(registry.asked().size() - 1);
        assertThat(asked.header("accept-encoding")).contains("identity");
        assertThat(asked.header("cookie")).isEmpty();
    }

    private List<String> keys() {
        try (Stream<String> keys = bench.cache.keys("")) {
            return keys.toList();
        }
    }

    @Test
    void clientsOwnHeaders_doNotGoAlong() {
        publishBytes(BYTES);

        tarball("authorization", "Bearer client-token", "cookie", "a=b", "x-forwarded-for", "1.2.3.4");

        Origin.Asked asked = registry.asked().get(registry.asked().size() - 1);
        assertThat(asked.header("authorization")).contains("Bearer " + TOKEN);
        assertThat(asked.headers().keySet()).doesNotContain("Cookie", "X-forwarded-for");
    }

    @Test
    void head_requestsTheHeadersOnly() {
        publishBytes(BYTES);

        HttpResponse<byte[]> response = bench.send("HEAD", "/priv/-/priv-1.0.0.tgz");

        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(header(response, "content-length")).isEqualTo("100000");
        assertThat(registry.asked().get(registry.asked().size() - 1).method()).isEqualTo("HEAD");
    }

    @Test
    void range_isForwarded() {
        publish(own("/files/priv.tgz"), sha512(BYTES));
        guarded("/files/priv.tgz", exchange -> {
            assertThat(exchange.getRequestHeaders().getFirst("if-range")).isEqualTo("\"v1\"");
            exchange.getResponseHeaders().set("content-range", "bytes 0-9/100000");
            Origin.send(exchange, 206, "application/gzip", Arrays.copyOf(BYTES, 10));
        });

        HttpResponse<byte[]> response = tarball("range", "bytes=0-9", "if-range", "\"v1\"");

        assertThat(response.statusCode()).isEqualTo(206);
        assertThat(response.body()).isEqualTo(Arrays.copyOf(BYTES, 10));
        assertThat(header(response, "content-range")).isEqualTo("bytes 0-9/100000");
        assertThat(registry.asked().get(registry.asked().size() - 1).header("range"))
                .contains("bytes=0-9");
    }

    @Test
    void rangeThatIsTheWhole_isCheckedToo() {
        publish(own("/files/priv.tgz"), sha512(noise(10)));
        guarded("/files/priv.tgz", exchange -> {
            exchange.getResponseHeaders().set("content-range", "bytes 0-9/10");
            Origin.send(exchange, 206, "application/gzip", new byte[10]);
        });

        assertThat(tarball("range", "bytes=0-").statusCode()).isEqualTo(502);
    }

    @Test
    void rangeBeyondTheEnd_isThatOfTheRegistry() {
        publish(own("/files/priv.tgz"), sha512(BYTES));
        guarded("/files/priv.tgz", exchange -> {
            exchange.getResponseHeaders().set("content-range", "bytes */100000");
            Origin.send(exchange, 416, "text/plain", new byte[0]);
        });

        HttpResponse<byte[]> response = tarball("range", "bytes=200000-");

        assertThat(response.statusCode()).isEqualTo(416);
        assertThat(header(response, "content-range")).isEqualTo("bytes */100000");
    }

    // ---- digests

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 16_383, 16_384, 16_385, 32_768, 100_001})
    void bytesOfAnySize_thatMatch_arrive(int size) {
        byte[] bytes = noise(size);
        publish(own("/files/priv.tgz"), sha512(bytes));
        guarded("/files/priv.tgz", exchange -> Origin.send(exchange, 200, "application/gzip", bytes));

        assertThat(tarball().body()).isEqualTo(bytes);
        assertThat(tarball().statusCode()).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 16_383, 16_384, 16_385, 32_768, 99_999, 100_001})
    void bytesThatDoNotMatch_neverArriveWhole(int size) {
        publishBytes(noise(size));

        assertNotWhole(size);
        assertThat(bench.metric("tarball_mismatches_total")).isPositive();
    }

    @Test
    void bytesOfUnknownLength_thatDoNotMatch_neverArriveWhole() {
        publish(own("/files/priv.tgz"), sha512(BYTES));
        guarded("/files/priv.tgz", exchange -> {
            exchange.sendResponseHeaders(200, 0);
            exchange.getResponseBody().write(noise(100_000 - 1));
        });

        assertNotWhole(100_000);
    }

    private void assertNotWhole(int size) {
        try {
            HttpResponse<byte[]> response = tarball();
            assertThat(response.statusCode()).isEqualTo(502);
            assertThat(json(response).path("error").asText())
                    .isEqualTo("The registry returned a tarball of priv 1.0.0 that does not match the digest in its"
                            + " packument");
        } catch (UncheckedIOException e) {
            assertThat(size)
                    .as("a small tarball is refused before the answer begins")
                    .isGreaterThan(16_384);
        }
    }

    @Test
    void bytesThatEndTooEarly_doNotArriveWhole() {
        publish(own("/files/priv.tgz"), Map.of());
        guarded("/files/priv.tgz", exchange -> {
            exchange.sendResponseHeaders(200, BYTES.length);
            exchange.getResponseBody().write(BYTES, 0, 50_000);
            exchange.getResponseBody().flush();
            throw new IOException("cut");
        });

        assertThatThrownBy(this::tarball).isInstanceOf(UncheckedIOException.class);
    }

    @ParameterizedTest
    @CsvSource({
        "sha1-@sha1, , 200",
        ", @hex, 200",
        ", @HEX, 200",
        ", 00@hex, 200", // not a SHA-1 digest, so there is none to check
        "sha512-wrong sha512-@sha512, , 200",
        "sha1-wrong sha512-@sha512?opt, , 200",
        "md5-wrong, @hex, 200",
        "sha512-wrong sha1-@sha1, , 502", // the strongest algorithm is used
        "sha256-@sha1, @hex, 502",
        "sha512-%%%, @hex, 502",
        ", 0000000000000000000000000000000000000000, 502",
        ", , 200"
    })
    void digest_ofEachKind_isChecked(String integrity, String shasum, int status) {
        byte[] bytes = noise(1_000);
        String hex = HexFormat.of().formatHex(Base64.getDecoder().decode(digest("SHA-1", bytes)));
        Map<String, String> dist = new HashMap<>();
        if (integrity != null) {
            dist.put(
                    "integrity",
                    integrity.replace("@sha1", digest("SHA-1", bytes)).replace("@sha512", digest("SHA-512", bytes)));
        }
        if (shasum != null) {
            dist.put("shasum", shasum.replace("@hex", hex).replace("@HEX", hex.toUpperCase(Locale.ROOT)));
        }
        publish(own("/files/priv.tgz"), dist);
        guarded("/files/priv.tgz", exchange -> Origin.send(exchange, 200, "application/gzip", bytes));

        assertThat(tarball().statusCode()).isEqualTo(status);
    }

    @Test
    void tarballThatAServerCompressedOnceMore_isDecoded() throws IOException {
        publish(own("/files/priv.tgz"), sha512(BYTES));
        byte[] twice = Bench.gzip("x"); // any gzip; the digest is that of its contents
        publish(own("/files/priv.tgz"), sha512("x".getBytes(StandardCharsets.UTF_8)));
        guarded("/files/priv.tgz", exchange -> {
            exchange.getResponseHeaders().set("content-encoding", "x-gzip");
            Origin.send(exchange, 200, "application/x-tar", twice);
        });

        assertThat(tarball().body()).isEqualTo("x".getBytes(StandardCharsets.UTF_8));
    }

    // ---- addresses

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://@FAR@/x.tgz",
                "http://localhost:@PORT@/x.tgz",
                "http://127.0.0.1/x.tgz",
                "http://127.1:@PORT@/x.tgz",
                "http://2130706433:@PORT@/x.tgz",
                "http://0.0.0.0:@PORT@/x.tgz",
                "http://[::1]:@PORT@/x.tgz",
                "http://[::ffff:127.0.0.1]:@PORT@/x.tgz",
                "http://169.254.169.254/latest/meta-data/",
                "http://10.0.0.1/x.tgz",
                "http://192.168.1.1/x.tgz",
                "http://[fd00::1]/x.tgz",
                "http://[fe80::1]/x.tgz",
                "http://[64:ff9b::7f00:1]/x.tgz",
                "http://sneaky.example/x.tgz",
                "http://user:secret@127.0.0.1/x.tgz",
                "http://sneaky.example./x.tgz"
            })
    void addressThatOnlyTheMirrorReaches_isNotRequested_neitherNamedNorByRedirect(String pattern) {
        String address = pattern.replace("@FAR@", far.authority())
                .replace("@PORT@", Integer.toString(far.address().getPort()));
        publish(address, Map.of());
        HttpResponse<byte[]> named = tarball();

        assertThat(named.statusCode()).isEqualTo(403);
        assertThat(json(named).path("error").asText()).isNotEmpty().doesNotContain("secret", TOKEN);

        bench.clock.advance(Duration.ofHours(1));
        publish(own("/files/priv.tgz"), Map.of());
        guarded("/files/priv.tgz", redirect(302, address));
        HttpResponse<byte[]> redirected = bench.get("/priv", "cache-control", "no-cache");
        assertThat(redirected.statusCode()).isEqualTo(200);
        HttpResponse<byte[]> followed = tarball();

        assertThat(followed.statusCode()).isIn(403, 502);
        assertThat(json(followed).path("error").asText()).isNotEmpty().doesNotContain("secret", TOKEN);
        assertThat(far.asked()).isEmpty();
    }

    private static Origin.Answer redirect(int status, String location) {
        return (HttpExchange exchange) -> {
            exchange.getResponseHeaders().set("location", location);
            exchange.sendResponseHeaders(status, -1);
        };
    }

    @Test
    void redirectToANameThatDoesNotResolve_isRefused() {
        publish(own("/files/priv.tgz"), Map.of());
        guarded("/files/priv.tgz", redirect(302, "http://unknown.example/x.tgz"));

        assertThat(tarball().statusCode()).isEqualTo(403);
        assertThat(json(tarball()).path("error").asText()).contains("unknown.example", "--tarball-host");
    }

    @Test
    void addressOnAnotherPublicHost_isTheClientsToAsk() {
        publish("http://public.example/x.tgz?sig=1", Map.of());

        HttpResponse<byte[]> response = tarball();

        assertThat(response.statusCode()).isEqualTo(302);
        assertThat(header(response, "location")).isEqualTo("http://public.example/x.tgz?sig=1");
    }

    @Test
    void hostThatIsAllowed_receivesTheRequest_withoutTheRegistrysToken() {
        far.serve("/x.tgz", "application/gzip", BYTES);
        try (Bench allowing = new Bench(
                registry.address(),
                new MemoryStorageDriver(),
                builder -> builder.pullThrough(http).proxyTarballs().tarballHosts(List.of(far.authority())))) {
            publish("http://" + far.authority() + "/x.tgz", sha512(BYTES));
            assertThat(allowing.get("/priv/-/priv-1.0.0.tgz").body()).isEqualTo(BYTES);

            allowing.clock.advance(Duration.ofHours(1));
            publish(own("/files/priv.tgz"), sha512(BYTES));
            guarded("/files/priv.tgz", redirect(307, "http://" + far.authority() + "/x.tgz"));
            allowing.get("/priv", "cache-control", "no-cache");
            assertThat(allowing.get("/priv/-/priv-1.0.0.tgz").body()).isEqualTo(BYTES);

            assertThat(far.asked())
                    .hasSize(2)
                    .allSatisfy(
                            asked -> assertThat(asked.header("authorization")).isEmpty());
        }
    }

    @Test
    void redirectWithinTheRegistry_keepsTheToken() {
        publish(own("/files/priv.tgz"), sha512(BYTES));
        guarded("/files/priv.tgz", redirect(301, "/elsewhere/priv.tgz?sig=a%2Bb"));
        guarded("/elsewhere/priv.tgz?sig=a%2Bb", exchange -> Origin.send(exchange, 200, "a/b", BYTES));

        assertThat(tarball().body()).isEqualTo(BYTES);
    }

    @Test
    void pathThatNoPackumentNames_isNotRequested() {
        publishBytes(BYTES);
        guarded("/secret", exchange -> Origin.send(exchange, 200, "a/b", BYTES));
        for (String path : List.of(
                "/priv/-/secret",
                "/priv/-/../../secret",
                "/priv/-/%2e%2e/%2e%2e/secret",
                "/priv/-/priv-1.0.1.tgz",
                "/http:%2f%2f127.0.0.1/-/x.tgz")) {
            assertThat(bench.get(path).statusCode()).as(path).isEqualTo(404);
        }
        assertThat(registry.paths()).doesNotContain("/secret", "/files/priv.tgz");
    }

    @ParameterizedTest
    @CsvSource({"404, 404", "403, 403", "410, 410", "451, 451", "401, 502", "418, 502", "500, 503", "429, 503"})
    void registryThatHasNoTarball_hasItsOwnStatus(int answer, int status) {
        publish(own("/files/priv.tgz"), sha512(BYTES));
        guarded(
                "/files/priv.tgz",
                exchange -> Origin.send(exchange, answer, "text/html", "<p>".getBytes(StandardCharsets.UTF_8)));

        HttpResponse<byte[]> response = tarball();

        assertThat(response.statusCode()).isEqualTo(status);
        assertThat(json(response).path("error").asText()).isNotEmpty().doesNotContain(TOKEN);
    }

    @Test
    void mirrorWithoutTheOption_redirects() {
        try (Bench plain =
                new Bench(registry.address(), new MemoryStorageDriver(), builder -> builder.pullThrough(http))) {
            publishBytes(BYTES);
            HttpResponse<byte[]> response = plain.get("/priv/-/priv-1.0.0.tgz");

            assertThat(response.statusCode()).isEqualTo(302);
            assertThat(header(response, "location")).isEqualTo(own("/files/priv.tgz"));
            assertThat(registry.paths()).containsExactly("/priv");
        }
    }

    @Test
    void clientThatLeaves_endsTheTransfer() {
        publish(own("/files/priv.tgz"), Map.of());
        CountDownLatch ended = new CountDownLatch(1);
        guarded("/files/priv.tgz", exchange -> {
            exchange.sendResponseHeaders(200, 0);
            try {
                while (true) {
                    exchange.getResponseBody().write(BYTES);
                }
            } catch (IOException e) {
                ended.countDown();
                throw e;
            }
        });
        try (RawClient client = new RawClient(bench.mirror.address())) {
            client.send("GET /priv/-/priv-1.0.0.tgz HTTP/1.1\r\nhost: a\r\n\r\n");
            assertThat(client.in().read()).isEqualTo('H');
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        while (ended.getCount() > 0) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5)); // the test's timeout limits this loop
        }
    }

    @Test
    void moreTarballsThanThereIsRoomFor_waitForTheirTurn() throws Exception {
        publishBytes(BYTES);
        try (Bench narrow = new Bench(
                registry.address(),
                new MemoryStorageDriver(),
                builder -> builder.pullThrough(http).proxyTarballs().maxTarballs(1))) {
            ExecutorService clients = Executors.newFixedThreadPool(8);
            List<Future<HttpResponse<byte[]>>> responses = new ArrayList<>();
            for (int i = 0; i < 24; i++) {
                String path = "/priv/-/priv-" + (i % 3 == 0 ? "9" : "1") + ".0.0.tgz";
                responses.add(clients.submit(() -> narrow.get(path)));
            }
            for (int i = 0; i < 24; i++) {
                assertThat(responses.get(i).get().statusCode()).isEqualTo(i % 3 == 0 ? 404 : 200);
            }
            clients.shutdownNow();
            assertThat(narrow.metric("tarballs_waiting")).isZero();
        }
    }

    @Test
    void registryThatHangs_delaysNoOtherClient() {
        publish(own("/files/priv.tgz"), Map.of());
        CountDownLatch closing = new CountDownLatch(1);
        guarded("/files/priv.tgz", exchange -> {
            exchange.sendResponseHeaders(200, BYTES.length);
            exchange.getResponseBody().write(BYTES, 0, 10);
            exchange.getResponseBody().flush();
            try {
                closing.await();
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
        });
        List<RawClient> waiting = new ArrayList<>();
        try {
            for (int i = 0; i < 40; i++) {
                RawClient client = new RawClient(bench.mirror.address());
                waiting.add(client.send("GET /priv/-/priv-1.0.0.tgz HTTP/1.1\r\nhost: a\r\n\r\n"));
            }
            bench.store("held", Bench.packument("held", "1.0.0"), head -> head.outcome("ok"));

            assertThat(bench.get("/held", "accept-encoding", "gzip").statusCode())
                    .isEqualTo(200);
            assertThat(bench.get("/held/1.0.0").statusCode()).isEqualTo(200);
        } finally {
            closing.countDown();
            waiting.forEach(RawClient::close);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a b", "http://a", "a/b", "user@a", "a:x", "a?b"})
    void invalidHost_isRefused(String host) {
        assertThatThrownBy(() -> MirrorServer.builder().tarballHosts(List.of(host)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("HOST or HOST:PORT");
    }
}
