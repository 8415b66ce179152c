package io.alldocs.packument;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.alldocs.cache.CacheMode;
import io.alldocs.cache.RequestOptions;
import io.alldocs.cache.body.Body;
import io.alldocs.cache.entry.EntryMetadata;
import io.alldocs.cache.entry.EntrySource;
import io.alldocs.examples.registry.ExactServer;
import io.alldocs.examples.registry.ExactServer.Exact;
import io.alldocs.http.IntermediaryResponseException;
import io.alldocs.http.TemporaryException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Tests responses that a login page, a filter or a gateway sends instead of the registry. Nothing may be recorded, and
 * a later response of the registry determines the outcome.
 */
@Timeout(120)
class IntermediaryResponsesTest {
    private static final String PAGE = "<!DOCTYPE html><html><head><title>Sign in</title></head></html>";
    private static final String JSON = "application/json";
    private static final RequestOptions FORCE = RequestOptions.of(CacheMode.FORCE_CACHE);

    private final AtomicReference<Map<String, byte[]>> answers = new AtomicReference<>(Map.of());
    private Setup setup;
    private ExactServer server;
    private PackumentClient client;

    @BeforeEach
    void start() throws IOException {
        setup = new Setup();
        server = ExactServer.start(
                path -> Optional.ofNullable(answers.get().get(path)).map(bytes -> new Exact(bytes, true)), null);
        client = setup.client(server.origin()).build();
    }

    @AfterEach
    void stop() throws IOException {
        client.close();
        server.close();
        setup.close();
    }

    static Stream<byte[]> foreign() throws IOException {
        byte[] page = PAGE.getBytes(StandardCharsets.UTF_8);
        return Stream.of(
                answer("200 OK", "text/html", PAGE),
                answer("200 OK", JSON, PAGE),
                answer("200 OK", "application/xhtml+xml", "\n  " + PAGE),
                answer("200 OK", "text/plain", "Sign in"),
                answer("200 OK", "text/plain", "{\"error\":\"sign in\"}"),
                answer("200 OK", JSON, ""),
                answer("204 No Content", "text/html", ""),
                answer("400 Bad Request", "text/html", PAGE),
                answer("403 Forbidden", "text/html", PAGE),
                answer("403 Forbidden", "text/plain", ""),
                answer("404 Not Found", "text/html", PAGE),
                answer("404 Not Found", JSON, PAGE),
                answer("404 Not Found", "text/plain", "Not Found"),
                answer("404 Not Found", "text/plain", ""),
                answer("410 Gone", "text/html", PAGE),
                answer("451 Unavailable For Legal Reasons", "text/html", PAGE),
                answer("404 Not Found", "text/html", "Content-Encoding: gzip\r\n", gzip(page)));
    }

    @ParameterizedTest
    @MethodSource("foreign")
    void request_answerOfSomethingInBetween_isAnErrorThatRecordsNothing(byte[] answer) throws Exception {
        answers.set(Map.of("/a", answer));

        TemporaryException failure = catchThrowableOfType(TemporaryException.class, () -> client.request("a", FORCE));

        assertThat(failure)
                .hasCauseInstanceOf(IntermediaryResponseException.class)
                .hasMessageContaining("/a");
        assertThat(keys()).isEmpty();

        answers.set(Map.of("/a", packument("a")));
        assertThat(client.request("a", FORCE).outcome()).isEqualTo(Outcome.OK);
    }

    @Test
    void request_redirectToALoginPage_isAnErrorThatRecordsNothing() throws Exception {
        try (ExactServer portal = ExactServer.start(path -> Optional.of(new Exact(page("200 OK"), true)), null)) {
            answers.set(Map.of(
                    "/a",
                    ("HTTP/1.1 302 Found\r\nLocation: " + portal.origin() + "/login\r\nContent-Length: 0\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII)));

            assertThatExceptionOfType(TemporaryException.class)
                    .isThrownBy(() -> client.request("a"))
                    .withCauseInstanceOf(IntermediaryResponseException.class);
            assertThat(keys()).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource(PackumentForm.class)
    void request_registryThatSays404WithAPage_isUnderstoodByOneProbe(PackumentForm form) throws Exception {
        byte[] page = page("404 Not Found");
        try (ExactServer files = ExactServer.start(
                        path -> Optional.of(new Exact(path.equals("/a") ? packument("a") : page, true)), null);
                PackumentClient asking = setup.client(files.origin()).form(form).build()) {
            for (String name : List.of("x", "y", "@s/z")) {
                assertThat(asking.request(name).outcome()).isEqualTo(Outcome.NOT_FOUND);
            }
            assertThat(asking.request("a").outcome()).isEqualTo(Outcome.OK);
            assertThat(files.asked())
                    .hasSize(6)
                    .filteredOn(path -> path.startsWith("/all-docs-probe-"))
                    .hasSize(1);
        }
    }

    @Test
    void request_registryThatSays404WithAnotherPage_isNotTheRegistry() throws Exception {
        byte[] its = answer("404 Not Found", "text/html", "Server: files\r\n", bytes("no such file"));
        try (ExactServer files = ExactServer.start(
                        path -> Optional.of(new Exact(path.equals("/a") ? page("404 Not Found") : its, true)), null);
                PackumentClient asking = setup.client(files.origin()).build()) {
            assertThat(asking.request("x").outcome()).isEqualTo(Outcome.NOT_FOUND);
            assertThatExceptionOfType(TemporaryException.class)
                    .isThrownBy(() -> asking.request("a"))
                    .withCauseInstanceOf(IntermediaryResponseException.class);
        }
    }

    @Test
    void request_probeIsAnsweredByAPortal_nothingIsLearned() throws Exception {
        AtomicReference<byte[]> probe = new AtomicReference<>(page("200 OK"));
        byte[] page = page("404 Not Found");
        try (ExactServer files = ExactServer.start(
                        path -> Optional.of(new Exact(path.startsWith("/all-docs") ? probe.get() : page, true)), null);
                PackumentClient asking = setup.client(files.origin()).build()) {
            assertThatExceptionOfType(TemporaryException.class).isThrownBy(() -> asking.request("x"));
            probe.set(page);
            assertThat(asking.request("x").outcome()).isEqualTo(Outcome.NOT_FOUND);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"400 Bad Request", "403 Forbidden", "410 Gone", "451 Unavailable For Legal Reasons"})
    void request_refusalInJson_isTheRegistrysWord(String status) {
        answers.set(Map.of("/a", answer(status, JSON, "{\"error\":\"blocked\"}")));

        assertThat(client.request("a").outcome()).isEqualTo(Outcome.BLOCKED);
        assertThat(client.request("a", FORCE).head().proven()).isTrue();
        assertThat(server.asked()).hasSize(1);
    }

    @ParameterizedTest
    @EnumSource(
            value = CacheMode.class,
            names = {"DEFAULT", "FORCE_CACHE"})
    void request_outcomeOfAnEarlierVersion_isRequestedOnceMore(CacheMode mode) {
        EntryMetadata old = EntryMetadata.builder()
                .status(403)
                .form("full")
                .outcome("blocked")
                .lifetime(java.time.Duration.ofDays(1))
                .storedAt(setup.clock.instant())
                .build();
        String key = PackumentForm.FULL.key(server.origin(), "a").toString();
        setup.cache.driver().put(key, old, Body.of(new byte[0]));
        assertThat(client.request("a", RequestOptions.of(CacheMode.ONLY_IF_CACHED))
                        .outcome())
                .isEqualTo(Outcome.BLOCKED);
        assertThat(server.asked()).isEmpty();

        PackumentResult asked = client.request("a", RequestOptions.of(mode));
        PackumentResult again = client.request("a", RequestOptions.of(mode));

        assertThat(asked.outcome()).isEqualTo(Outcome.NOT_FOUND);
        assertThat(again.source()).isEqualTo(EntrySource.HIT);
        assertThat(server.asked()).hasSize(1);
    }

    @Test
    void request_whiteSpaceInTheNameOfJson_isNoAnswer() {
        answers.set(Map.of("/a", answer("200 OK", JSON, " \r\n ")));

        assertThatExceptionOfType(TemporaryException.class)
                .isThrownBy(() -> client.request("a"))
                .withCauseInstanceOf(IntermediaryResponseException.class);
        assertThat(keys()).isEmpty();
    }

    @Test
    void request_wrongDocumentInJson_isMalformedOnceItCameTwice() {
        answers.set(Map.of("/a", answer("200 OK", JSON, "{\"error\":\"internal\"}")));

        assertThat(client.request("a").outcome()).isEqualTo(Outcome.MALFORMED);
        assertThat(server.asked()).hasSize(2);
    }

    private List<String> keys() {
        try (Stream<String> keys = setup.cache.keys("v1:")) {
            return keys.toList();
        }
    }

    private static byte[] page(String status) {
        return answer(status, "text/html", PAGE);
    }

    private static byte[] packument(String name) {
        return answer("200 OK", JSON, StubServer.document(name, "1.0.0"));
    }

    private static byte[] answer(String status, String type, String body) {
        return answer(status, type, "", bytes(body));
    }

    private static byte[] answer(String status, String type, String more, byte[] body) {
        ByteArrayOutputStream answer = new ByteArrayOutputStream();
        answer.writeBytes(bytes("HTTP/1.1 " + status + "\r\nContent-Type: " + type + "\r\n" + more
                + (status.startsWith("204") ? "" : "Content-Length: " + body.length + "\r\n") + "\r\n"));
        answer.writeBytes(body);
        return answer.toByteArray();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] gzip(byte[] text) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
            gzip.write(text);
        }
        return bytes.toByteArray();
    }
}
