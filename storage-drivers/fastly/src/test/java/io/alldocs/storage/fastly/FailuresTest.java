package io.alldocs.storage.fastly;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.alldocs.OperationInterruptedException;
import io.alldocs.cache.body.Body;
import io.alldocs.cache.spi.StorageException;
import io.alldocs.cache.spi.StoredEntry;
import io.alldocs.http.RequestException;
import io.alldocs.storage.contract.Values;
import io.alldocs.storage.emulators.FakeFastly;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FailuresTest {
    private static final byte[] BYTES = Values.random(1, 20_000);

    private FakeFastly fake;
    private FastlyStorageDriver driver;

    @BeforeEach
    void start() throws IOException {
        fake = new FakeFastly();
        driver = driver(fake.endpoint()).build();
    }

    private static FastlyStorageDriver.Builder driver(URI endpoint) {
        return FastlyStorageDriver.builder(FakeFastly.STORE)
                .endpoint(endpoint)
                .token(FakeFastly.TOKEN)
                .keyPrefix("p/")
                .maxAttempts(2)
                .retryDelay(Duration.ofMillis(1))
                .conflictDelay(Duration.ofMillis(1));
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
        "408, true, 2, HTTP 408",
        "403, false, 1, scope",
        "401, false, 1, FASTLY_API_TOKEN",
        "400, false, 1, HTTP 400",
        "413, false, 1, maxValueBytes",
        "501, false, 1, HTTP 501",
    })
    void errorOfTheService_afterTheAttempts_isTypedAndSaysWhatToDo(
            int status, boolean retryable, int attempts, String advice) {
        for (Runnable call : List.<Runnable>of(
                () -> driver.get("key-1"),
                () -> driver.head("key-1"),
                () -> driver.put("key-1", Values.head(BYTES), Body.of(BYTES)),
                () -> Values.putIfAbsent(driver, "key-1", BYTES),
                () -> driver.list("key-1", null).forEach(key -> {}),
                () -> driver.delete("key-1"))) {
            for (int i = 0; i < attempts; i++) {
                fake.answering(status);
            }
            StorageException e = failure(call);
            assertThat(e.retryable()).as("%s", e).isEqualTo(retryable);
            assertThat(e.getMessage())
                    .contains("key-1")
                    .contains("Fastly KV store " + FakeFastly.STORE + " under p/")
                    .contains("driver fastly")
                    .contains("HTTP " + status)
                    .contains(advice)
                    .doesNotContain("npm", FakeFastly.TOKEN);
            assertThat(fake.kinds()).hasSize(attempts);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "{\"title\":\"success\"}", "[]", "{\"errors\":{}}"})
    void putBatch_responseWithoutTheListOfErrors_confirmsNothing(String body) {
        fake.answering(200, Map.of("content-type", "application/json"), body);
        StorageException e = failure(() -> driver.putBatch(Map.of("a", Values.entry(BYTES), "b", Values.entry(BYTES))));
        assertThat(e.retryable()).isTrue();
        assertThat(e.getMessage()).contains("a confirmation without its list of errors");
    }

    /** Returns the exception of a failed call, after checking that it names the location and contains no secret. */
    private static StorageException failure(Runnable call) {
        StorageException e = catchThrowableOfType(StorageException.class, call::run);
        assertThat(e).hasMessageContaining("driver fastly").hasMessageContaining("Fastly KV store");
        assertThat(trace(e)).doesNotContain(FakeFastly.TOKEN);
        return e;
    }

    /** Sends few calls, because the limiter's wait for a host that keeps refusing doubles each time. */
    @Test
    void throttled_atEachAttempt_isTypedAndSaysWhatToDo() {
        for (Runnable call : List.<Runnable>of(() -> driver.get("key-1"), () -> Values.put(driver, "key-1", BYTES))) {
            fake.answering(429).answering(429);
            StorageException e = failure(call);
            assertThat(e.retryable()).isTrue();
            assertThat(e.getMessage()).contains("key-1").contains("HTTP 429").contains("rate limit is exceeded");
            assertThat(fake.kinds()).hasSize(2);
        }
    }

    @Test
    void throttled_waitsAsRequested() {
        fake.answering(429, Map.of("retry-after", "1"));
        long start = System.nanoTime();
        Values.put(driver, "k", BYTES);
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThanOrEqualTo(Duration.ofMillis(990));
        assertThat(fake.kinds()).containsExactly("PUT", "PUT");
    }

    @Test
    void throttled_untilTheEndOfTheHour_saysHowLong() {
        try (FastlyStorageDriver once = driver(fake.endpoint()).maxAttempts(1).build()) {
            long reset = Instant.now().getEpochSecond() + 1800;
            fake.answering(
                    429, Map.of("fastly-ratelimit-remaining", "0", "fastly-ratelimit-reset", Long.toString(reset)));
            StorageException e = failure(() -> Values.put(once, "k", BYTES));
            assertThat(e.retryable()).isTrue();
            assertThat(e.getMessage()).contains("1,000 writes an hour").contains("requests a pause");
            assertThat(((RequestException) e.getCause()).retryAfter().orElseThrow())
                    .isBetween(Duration.ofSeconds(1700), Duration.ofSeconds(1801));
        }
    }

    @Test
    void bodyShorterThanDeclared_isNotSent() {
        Body wrong = Values.shortBody(10);
        var head = Values.head(new byte[10]);
        for (Runnable call : List.<Runnable>of(
                () -> driver.put("k", head, wrong),
                () -> driver.putBatch(new LinkedHashMap<>(
                        Map.of("k", new StoredEntry(head, wrong), "l", new StoredEntry(head, wrong)))))) {
            StorageException e = failure(call);
            assertThat(e.retryable()).isFalse();
            assertThat(e.getMessage()).contains("5 of 10 bytes");
        }
        assertThat(fake.seen()).isEmpty();
    }

    @Test
    void putIfAbsent_responseLost_recognizesItsOwnValue() {
        fake.losingTheAnswer();
        assertThat(Values.putIfAbsent(driver, "k", BYTES)).isTrue();
        assertThat(fake.kinds()).containsExactly("PUT", "PUT", "LOOK");
        // The same value stored by another writer does not count as this write.
        fake.losingTheAnswer();
        assertThat(Values.putIfAbsent(driver, "k", BYTES)).isFalse();
        assertThat(Values.bytes(driver, "k")).isEqualTo(BYTES);
        assertThat(driver.head("k")).contains(Values.head(BYTES));
    }

    @Test
    void putIfAbsent_answerLostAndValueNotYetSeen_isAnErrorThatMayPass() {
        fake.items().lagging(1);
        fake.losingTheAnswer();
        StorageException e = failure(() -> Values.putIfAbsent(driver, "k", BYTES));
        assertThat(e.retryable()).isTrue();
        assertThat(e.getMessage()).contains("store k in").contains("not yet known");
        assertThat(Values.putIfAbsent(driver, "k", BYTES)).isFalse();
    }

    @Test
    void putHead_itemReplacedMeanwhile_looksAgain() {
        Values.put(driver, "k", BYTES);
        fake.seen();
        fake.passing().passingAfter(() -> Values.put(driver, "k", BYTES));
        assertThat(driver.putHead("k", Values.gzipHead(BYTES))).isTrue();
        assertThat(fake.kinds()).containsExactly("GET", "PUT", "PUT", "GET", "PUT");
        assertThat(driver.head("k")).contains(Values.gzipHead(BYTES));

        byte[] other = Values.random(9, BYTES.length);
        fake.passing().passingAfter(() -> Values.put(driver, "k", other));
        assertThat(driver.putHead("k", Values.head(BYTES))).isFalse();
        assertThat(driver.head("k")).contains(Values.head(other));
        assertThat(Values.bytes(driver, "k")).isEqualTo(other);

        fake.passing().passingAfter(() -> driver.delete("k"));
        assertThat(driver.putHead("k", Values.head(other))).isFalse();
        assertThat(driver.has("k")).isFalse();
    }

    @Test
    void putHead_itemReplacedEachTime_givesUp() {
        Values.put(driver, "k", BYTES);
        for (int i = 0; i < 6; i++) {
            fake.passing().passingAfter(() -> Values.put(driver, "k", BYTES)).passing();
        }
        StorageException e = failure(() -> driver.putHead("k", Values.gzipHead(BYTES)));
        assertThat(e.retryable()).isTrue();
        assertThat(e.getMessage()).contains("k").contains("another writer changed the value");
    }

    @Test
    void putBatch_partThatFails_isStoredAlone() {
        fake.failInBatch("p/b", 429);
        driver.putBatch(entries("a", "b", "c"));
        assertThat(fake.kinds()).containsExactly("BATCH", "PUT");
        assertThat(driver.getBatch(List.of("a", "b", "c"))).hasSize(3);

        fake.seen();
        fake.answering(413).answering(503);
        driver.putBatch(entries("d", "e"));
        assertThat(fake.kinds()).containsExactly("BATCH", "PUT", "PUT", "PUT");
        fake.answering(400, Map.of(), "no JSON");
        driver.putBatch(entries("f", "g"));
        assertThat(driver.getBatch(List.of("d", "e", "f", "g"))).hasSize(4);
        fake.answering(200, Map.of(), "{\"errors\":[{\"key\":\"\",\"code\":\"400\"}]}");
        driver.putBatch(entries("h", "i"));
        assertThat(driver.getBatch(List.of("h", "i"))).hasSize(2);

        fake.failInBatch("p/j", 400);
        fake.passing().answering(403);
        StorageException e = failure(() -> driver.putBatch(entries("j", "k")));
        assertThat(e.retryable()).isFalse();
        assertThat(e.getMessage()).contains("store j in Fastly KV store").contains("HTTP 403");
    }

    private static Map<String, StoredEntry> entries(String... keys) {
        Map<String, StoredEntry> entries = new LinkedHashMap<>();
        for (String key : keys) {
            entries.put(key, new StoredEntry(Values.head(BYTES), Body.of(BYTES)));
        }
        return entries;
    }

    @Test
    void secret_echoedOrRedirected_isNotRepeated() {
        String secret = "Another-Planted-Secret_0123456789abcdef";
        try (FastlyStorageDriver wrong =
                driver(fake.endpoint()).token(secret).maxAttempts(1).build()) {
            failure(() -> wrong.get("k"));
            assertThat(fake.seen())
                    .isNotEmpty()
                    .allMatch(asked -> secret.equals(asked.headers().get("fastly-key")));
            fake.answering(400, Map.of(), "{\"title\":\"bad key " + secret + "\"}");
            StorageException echoed = failure(() -> wrong.get("k"));
            assertThat(echoed.getMessage()).contains("bad key ***");
            // A redirect to another host is followed without the token.
            fake.answering(
                    302,
                    Map.of("location", "http://localhost:" + fake.endpoint().getPort() + "/elsewhere"));
            fake.seen();
            StorageException led = failure(() -> wrong.get("k"));
            assertThat(fake.seen().get(1).headers()).doesNotContainKey("fastly-key");
            assertThat(trace(echoed) + trace(led)).doesNotContain(secret);
        }
    }

    private static String trace(Throwable e) {
        StringWriter text = new StringWriter();
        e.printStackTrace(new PrintWriter(text));
        return text.toString();
    }

    @Test
    void interruptedWhileItWaits_endsTheWait() {
        Thread caller = Thread.currentThread();
        try (FastlyStorageDriver patient = driver(fake.endpoint())
                .retryDelay(Duration.ofHours(1))
                .conflictDelay(Duration.ofHours(1))
                .build()) {
            Values.put(patient, "k", BYTES);
            fake.answeringAfter(caller::interrupt, 503);
            List<Runnable> calls = List.of(() -> patient.get("k"), () -> patient.putHead("k", Values.gzipHead(BYTES)));
            for (Runnable call : calls) {
                assertThatExceptionOfType(OperationInterruptedException.class)
                        .isThrownBy(call::run)
                        .withMessageContaining("interrupted")
                        .withMessageContaining(" k in ");
                assertThat(Thread.interrupted()).isTrue();
                fake.passing().answeringAfter(caller::interrupt, 412);
            }
        }
    }

    @Test
    void passingFaults_costOneMoreRequestEach() {
        fake.answering(503);
        Values.put(driver, "k", BYTES);
        fake.answering(503);
        assertThat(Values.bytes(driver, "k")).isEqualTo(BYTES);
        fake.cutting();
        assertThat(Values.bytes(driver, "k")).isEqualTo(BYTES);
        assertThat(fake.kinds()).containsExactly("PUT", "PUT", "GET", "GET", "GET", "GET");
    }
}
