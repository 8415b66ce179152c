package io.alldocs.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.alldocs.AllDocsException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectOutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.SimpleFormatter;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.RecordedRequest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Puts a token and a password everywhere they are allowed, and searches for them everywhere they must not appear. */
class SecretsTest {

    private static final String TOKEN = "Planted-T0ken.1234567890";
    private static final String PASSWORD = "Planted-Passw0rd~äß";
    private static final String BASIC = Base64.getEncoder().encodeToString(("me:" + PASSWORD).getBytes(UTF_8));

    private final MockWebServer server = new MockWebServer();
    private final MockWebServer other = new MockWebServer();
    private final List<LogRecord> logged = Collections.synchronizedList(new ArrayList<>());
    private final Handler handler = new Handler() {
        @Override
        public void publish(LogRecord entry) {
            logged.add(entry);
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };

    @TempDir
    Path folder;

    @BeforeEach
    void start() throws IOException {
        server.start();
        other.start();
        QuietLogs.LOGGER.addHandler(handler);
    }

    @AfterEach
    void stop() {
        QuietLogs.LOGGER.removeHandler(handler);
        server.close();
        other.close();
    }

    @Test
    void send_everyFault_showsNoSecretInExceptionsLogsOrOtherOrigins() throws Exception {
        List<Throwable> thrown = new ArrayList<>();
        for (NpmConfig config : List.of(bearer(), basic())) {
            String sent = config.authorizationFor(uri("/")).orElseThrow();
            for (int status : new int[] {400, 401, 403, 404, 408, 429, 500, 501, 503, 522}) {
                thrown.add(failure(config, echo(status, sent), echo(status, sent)));
            }
            for (String location : List.of(
                    "ftp://me:" + TOKEN + "@host/",
                    "http://[" + TOKEN,
                    "http://me:" + TOKEN + "@127.0.0.1/",
                    "/again?token=" + TOKEN)) {
                thrown.add(failure(config, redirect(location), echo(404, sent)));
            }
            thrown.add(failure(
                    config, redirect(other.url("/b?access_token=" + TOKEN).toString())));
            thrown.add(failure(config, cut(), cut()));
            thrown.add(unreachable(config));
            thrown.add(interrupted(config));
            thrown.add(insecure(config));
        }

        assertThat(thrown).allMatch(AllDocsException.class::isInstance);
        for (Throwable e : thrown) {
            StringWriter trace = new StringWriter();
            e.printStackTrace(new PrintWriter(trace));
            assertClean(trace.toString());
            assertClean(e.toString());
            assertClean(serialized(e));
        }
        assertThat(logged).isNotEmpty();
        logged.forEach(entry -> assertClean(new SimpleFormatter().format(entry)));
        assertThat(other.getRequestCount()).isPositive();
        for (int i = 0; i < other.getRequestCount(); i++) {
            RecordedRequest request = other.takeRequest();
            assertThat(request.getHeaders().names()).doesNotContain("authorization", "cookie", "x-secret");
            assertClean(request.getHeaders().toString());
        }
        // The secret was in use: the origin it belongs to received it.
        assertThat(server.takeRequest().getHeaders().get("authorization")).isEqualTo("Bearer " + TOKEN);
    }

    @Test
    void toString_everyType_showsNoSecret() throws Exception {
        URI uri = URI.create("https://npm.example/x?token=" + TOKEN);
        ClientRequest call = ClientRequest.get(uri).withHeader("authorization", "Bearer " + TOKEN);
        assertClean(call.toString());
        assertClean(bearer().toString());
        assertClean(basic().toString());
        assertClean(NpmConfig.loader(Map.of("NPM_TOKEN", TOKEN)).load().toString());
        assertClean(Credentials.bearer(URI.create("https://h.example/"), TOKEN).toString());
        assertClean(Credentials.basic(URI.create("https://h.example/"), "me", PASSWORD)
                .toString());
        assertClean(Credentials.firstOf(bearer(), basic()).toString());
    }

    @Test
    void load_placeholderOfAnUnsetVariable_warnsWithNamesOnly() throws Exception {
        config("//npm.example/:_authToken=" + TOKEN + "${NOT_SET}");
        assertThat(logged).hasSize(1);
        String line = new SimpleFormatter().format(logged.get(0));
        assertThat(line).contains(".npmrc, line 1: //npm.example/:_authToken");
        assertClean(line);
    }

    private Throwable failure(NpmConfig config, MockResponse... answers) throws Exception {
        for (MockResponse answer : answers) {
            server.enqueue(answer);
            other.enqueue(echo(404, config.authorizationFor(uri("/")).orElseThrow()));
        }
        try (BaseHttpClient client = client(config)) {
            ClientRequest call = ClientRequest.get(uri("/x?password=" + TOKEN))
                    .withHeaders(Map.of("cookie", "session=" + TOKEN, "x-secret", TOKEN));
            return catchThrowable(() -> client.send(call, reply -> reply.body().readAllBytes()));
        } finally {
            server.setDispatcher(new mockwebserver3.QueueDispatcher());
        }
    }

    private Throwable unreachable(NpmConfig config) {
        try (BaseHttpClient client = client(config)) {
            ClientRequest call = ClientRequest.get(URI.create("https://no-such-host.invalid/?auth=" + TOKEN));
            return catchThrowable(() -> client.send(call, ClientResponse::status));
        }
    }

    private Throwable insecure(NpmConfig config) {
        try (BaseHttpClient client = client(config)) {
            ClientRequest call = ClientRequest.get(URI.create("http://no-such-host.invalid/?auth=" + TOKEN))
                    .withHeader("authorization", "Bearer " + TOKEN);
            return catchThrowable(() -> client.send(call, ClientResponse::status));
        }
    }

    private Throwable interrupted(NpmConfig config) {
        Thread.currentThread().interrupt();
        try (BaseHttpClient client = client(config)) {
            return catchThrowable(() -> client.send(ClientRequest.get(uri("/")), ClientResponse::status));
        } finally {
            assertThat(Thread.interrupted()).isTrue();
        }
    }

    private static BaseHttpClient client(Credentials credentials) {
        return BaseHttpClient.builder()
                .credentials(credentials)
                .limiters(HostLimiters.create())
                .retry(new RetryPolicy(2, Duration.ofMillis(1), Duration.ofMillis(1)))
                .build();
    }

    private NpmConfig bearer() throws IOException {
        return config("//localhost:" + server.getPort() + "/:_authToken=" + TOKEN
                + "\n//no-such-host.invalid/:_authToken=" + TOKEN);
    }

    private NpmConfig basic() throws IOException {
        return config("//localhost:" + server.getPort() + "/:username=me\n//localhost:" + server.getPort()
                + "/:_password=" + Base64.getEncoder().encodeToString(PASSWORD.getBytes(UTF_8)));
    }

    private NpmConfig config(String text) throws IOException {
        Path file = Files.writeString(folder.resolve(".npmrc"), text);
        return NpmConfig.loader(Map.of("npm_config_userconfig", file.toString()))
                .load();
    }

    /** Returns the response of an origin that repeats the credentials it received, in its body and its headers. */
    private static MockResponse echo(int status, String authorization) {
        String user = authorization.startsWith("Basic") ? "me:" + PASSWORD + " (" + PASSWORD + ")" : "somebody";
        return new MockResponse.Builder()
                .code(status)
                .setHeader("www-authenticate", "Bearer error=" + TOKEN)
                .body("You sent " + authorization + ", that is " + user + ", with cookie session=" + TOKEN + " and "
                        + TOKEN)
                .build();
    }

    private static MockResponse redirect(String location) {
        return new MockResponse.Builder()
                .code(302)
                .setHeader("location", location)
                .build();
    }

    private static MockResponse cut() {
        return new MockResponse.Builder()
                .body("x".repeat(100_000))
                .onResponseBody(new mockwebserver3.SocketEffect.CloseSocket())
                .build();
    }

    private URI uri(String path) {
        return URI.create("http://localhost:" + server.getPort() + path);
    }

    private static String serialized(Throwable e) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(e);
        }
        return bytes.toString(UTF_8);
    }

    private static void assertClean(String text) {
        assertThat(text).doesNotContain(TOKEN, PASSWORD, BASIC);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://api.example.com/v4",
                "HTTPS://api.example.com",
                "http://127.0.0.1:8080/",
                "http://localhost/x"
            })
    void requireSafe_safeAddress_isReturned(String address) {
        assertThat(Credentials.requireSafe(URI.create(address))).isEqualTo(URI.create(address));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://api.example.com",
                "ftp://127.0.0.1",
                "//127.0.0.1/",
                "https:/nothing",
                "https://u:planted@api.example.com",
                "https://api.example.com/?planted",
                "https://api.example.com/#planted"
            })
    void requireSafe_elsewhere_isRefusedWithoutTheAddress(String address) {
        assertThatThrownBy(() -> Credentials.requireSafe(URI.create(address)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("https address")
                .hasMessageNotContaining("planted");
    }

    @Test
    void encoded_allButUnreservedCharacters_areInPercent() {
        assertThat(ClientRequest.encoded("aZ09-._~ +*/:%é")).isEqualTo("aZ09-._~%20%2B%2A%2F%3A%25%C3%A9");
    }
}
