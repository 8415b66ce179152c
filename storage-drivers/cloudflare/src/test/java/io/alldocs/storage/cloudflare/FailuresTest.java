package io.alldocs.storage.cloudflare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.alldocs.OperationInterruptedException;
import io.alldocs.cache.body.Body;
import io.alldocs.cache.spi.StorageException;
import io.alldocs.cache.spi.StoredEntry;
import io.alldocs.storage.contract.Values;
import io.alldocs.storage.emulators.FakeKv;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests failures of the API, of the network, and of the body to store. */
@Timeout(120)
class FailuresTest {
    private static final byte[] BYTES = Values.random(1, 20_000);

    private FakeKv fake;
    private CloudflareStorageDriver driver;

    @BeforeEach
    void start() throws IOException {
        fake = new FakeKv();
        driver = driver(fake.endpoint()).build();
    }

    private static CloudflareStorageDriver.Builder driver(URI endpoint) {
        return CloudflareStorageDriver.builder(FakeKv.ACCOUNT, FakeKv.NAMESPACE)
                .endpoint(endpoint)
                .apiToken(FakeKv.TOKEN)
                .keyPrefix("p/")
                .maxAttempts(2)
                .firstRetryDelay(Duration.ofMillis(1));
    }

    @AfterEach
    void stop() {
        driver.close();
        fake.close();
    }

    @ParameterizedTest
    @CsvSource({
        "503, true, 2, HTTP 503",
        "500, true, 2, HTTP 500",
        "403, false, 1, CLOUDFLARE_API_TOKEN",
        "401, false, 1, CLOUDFLARE_API_TOKEN",
        "400, false, 1, HTTP 400",
        "413, false, 1, larger than Cloudflare accepts",
    })
    void errorOfTheService_afterTheAttempts_isTypedAndSaysWhatToDo(
            int status, boolean retryable, int attempts, String advice) {
        for (Runnable call : List.<Runnable>of(
                () -> driver.get("key-1"),
                () -> driver.head("key-1"),
                () -> driver.has("key-1"),
                () -> Values.put(driver, "key-1", BYTES),
                () -> driver.putBatch(Map.of("key-1", Values.entry(BYTES))),
                () -> driver.list("key-1", null).forEach(key -> {}),
                () -> driver.delete("key-1"),
                () -> driver.deleteBatch(List.of("key-1")))) {
            for (int i = 0; i < attempts; i++) {
                fake.answering(status);
            }
            StorageException e = failure(call);
            assertThat(e.retryable()).as("%s", e).isEqualTo(retryable);
            assertThat(e.getMessage())
                    .contains("key-1")
                    .contains("kv://" + FakeKv.NAMESPACE + "/p/")
                    .contains("driver cloudflare")
                    .contains("HTTP " + status)
                    .contains(advice)
                    .doesNotContain("npm", FakeKv.TOKEN);
            assertThat(fake.kinds()).hasSize(attempts);
        }
    }

    /** Returns the exception of a failed call, after checking that it names the location and contains no secret. */
    private static StorageException failure(Runnable call) {
        StorageException e = catchThrowableOfType(StorageException.class, call::run);
        assertThat(e).hasMessageContaining("driver cloudflare").hasMessageContaining("kv://");
        assertThat(trace(e)).doesNotContain(FakeKv.TOKEN);
        return e;
    }

    @Test
    void throttled_waitsAsRequested_andSaysWhatToDo() {
        fake.answering(429, Map.of("retry-after", "1"), "{}");
        long start = System.nanoTime();
        Values.put(driver, "k", BYTES);
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThanOrEqualTo(Duration.ofMillis(990));
        for (Runnable call : List.<Runnable>of(() -> driver.get("k"), () -> Values.put(driver, "k", BYTES))) {
            fake.answering(429).answering(429);
            StorageException e = failure(call);
            assertThat(e.retryable()).isTrue();
            assertThat(e.getMessage()).contains(" k in ").contains("HTTP 429").contains("lower the rate");
        }
    }

    @Test
    void answerWithoutSuccess_isAnError() {
        String no = "{\"result\":{},\"success\":false,\"errors\":[{\"code\":10023,\"message\":\"no\"}]}";
        for (Runnable call : List.<Runnable>of(
                () -> Values.put(driver, "k", BYTES),
                () -> driver.head("k"),
                () -> driver.putBatch(entries("k", "l")),
                () -> driver.getBatch(List.of("k")),
                () -> driver.list("", null).forEach(key -> {}),
                () -> driver.delete("k"))) {
            fake.answering(200, Map.of(), no);
            StorageException e = failure(call);
            assertThat(e.retryable()).isFalse();
            assertThat(e.getMessage()).contains("reports no success").contains("10023");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"404 | <html>", "404 | {}", "200 | []", "200 | {}", "200 | {\"success\":true}"})
    void responseThatIsNotTheApis_saysNothingAboutTheKey(int status, String body) {
        fake.answering(status, Map.of(), body);
        StorageException e = failure(() -> driver.has("k"));
        assertThat(e.retryable()).isTrue();
        assertThat(e.getMessage())
                .contains("the response is not Cloudflare's (check the endpoint")
                .contains("HTTP " + status);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"success\":true}",
                "{\"success\":true,\"result\":null}",
                "{\"success\":true,\"result\":{}}",
                "{\"success\":true,\"result\":{\"values\":null}}",
                "{\"result\":[]}"
            })
    void successWithoutTheResult_isNeitherAnEmptyListingNorAMiss(String body) {
        fake.answering(200, Map.of(), body).answering(200, Map.of(), body);
        assertThat(failure(() -> driver.list("", null).forEach(key -> {})).retryable())
                .isTrue();
        assertThat(failure(() -> driver.getBatch(List.of("k", "l"))).retryable())
                .isTrue();
    }

    @Test
    void valueOfAnUnusualContentType_isServedOnceABulkReadConfirmsIt() {
        driver.put("k", Values.bareHead(BYTES), Body.of(BYTES));
        String page = "OK";
        fake.answering(200, Map.of("content-type", "text/plain"), page);
        assertThat(failure(() -> driver.get("l"))).hasMessageContaining("a bulk read did not find the value");
        fake.seen();
        for (String kinds : List.of("GET BULK-GET", "GET")) {
            fake.answering(200, Map.of("content-type", "text/plain"), page);
            assertThat(Values.bytes(driver, "k")).isEqualTo(Values.utf8(page));
            assertThat(String.join(" ", fake.kinds())).isEqualTo(kinds);
        }
    }

    @Test
    void keysLeftUndone_areSentAgain_andThenAnError() {
        fake.leaveUndone("p/b", 2);
        driver.putBatch(entries("a", "b", "c"));
        assertThat(fake.kinds()).containsExactly("BULK-PUT", "BULK-PUT", "BULK-PUT");
        assertThat(fake.items()).containsOnlyKeys("p/a", "p/b", "p/c");
        fake.leaveUndone("p/b", 3);
        StorageException e = failure(() -> driver.putBatch(entries("a", "b", "c")));
        assertThat(e.retryable()).isTrue();
        assertThat(e.getMessage()).contains("store b in").contains("all keys but this one");
        fake.seen();
        fake.leaveUndone("p/b", 1);
        driver.deleteBatch(List.of("a", "b", "c"));
        assertThat(fake.kinds()).containsExactly("BULK-DELETE", "BULK-DELETE");
        assertThat(fake.items()).isEmpty();
        fake.leaveUndone("p/b", 3);
        e = failure(() -> driver.deleteBatch(List.of("b")));
        assertThat(e.getMessage()).contains("delete b in").contains("all keys but this one");
    }

    @Test
    void valueThatIsRefused_doesNotTakeTheOthersWithIt() {
        Values.put(driver, "k", BYTES);
        fake.poison("p/c");
        StorageException e = failure(() -> driver.putBatch(entries("a", "b", "c", "d", "e")));
        assertThat(e.retryable()).isFalse();
        assertThat(e.getMessage()).contains("store c in").contains("HTTP 400");
        assertThat(fake.items()).containsOnlyKeys("p/a", "p/b", "p/d", "p/e", "p/k");
    }

    private static Map<String, StoredEntry> entries(String... keys) {
        Map<String, StoredEntry> entries = new LinkedHashMap<>();
        for (String key : keys) {
            entries.put(key, Values.entry(BYTES));
        }
        return entries;
    }

    @Test
    void bodyShorterThanDeclared_isNotSent() {
        Body wrong = Values.shortBody(10);
        var head = Values.head(new byte[10]);
        for (Runnable call : List.<Runnable>of(
                () -> driver.put("k", head, wrong), () -> driver.putBatch(Map.of("k", new StoredEntry(head, wrong))))) {
            StorageException e = failure(call);
            assertThat(e.retryable()).isFalse();
            assertThat(e.getMessage()).contains("cannot be read");
        }
        assertThat(fake.seen()).isEmpty();
    }

    @Test
    void secret_echoedOrRedirected_isNotRepeated() {
        String secret = "Another-Planted-Secret_0123456789abcdef";
        try (CloudflareStorageDriver wrong =
                driver(fake.endpoint()).apiToken(secret).maxAttempts(1).build()) {
            fake.answering(400, Map.of(), "{\"title\":\"bad key " + secret + "\"}");
            StorageException echoed = failure(() -> wrong.get("k"));
            fake.answering(
                    302,
                    Map.of("location", "http://localhost:" + fake.endpoint().getPort() + "/elsewhere"),
                    "");
            fake.seen();
            StorageException led = failure(() -> wrong.get("k"));
            assertThat(fake.seen().get(1).headers()).doesNotContainKey("authorization");
            assertThat(trace(echoed) + trace(led)).doesNotContain(secret);
        }
    }

    private static String trace(Throwable e) {
        StringWriter text = new StringWriter();
        e.printStackTrace(new PrintWriter(text));
        return text.toString();
    }

    @Test
    void interruptedBatch_keepsTheFlag() {
        for (Runnable call :
                List.<Runnable>of(() -> driver.getBatch(List.of("k")), () -> driver.putBatch(entries("k")))) {
            Thread.currentThread().interrupt();
            assertThatExceptionOfType(OperationInterruptedException.class)
                    .isThrownBy(call::run)
                    .withMessageContaining("interrupted")
                    .withMessageContaining(" k in ");
            assertThat(Thread.interrupted()).isTrue();
        }
        Values.put(driver, "k", BYTES);
        assertThat(Values.bytes(driver, "k")).isEqualTo(BYTES);
    }
}
