package io.alldocs.storage.fastly;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.alldocs.cache.Body;
import io.alldocs.cache.StorageException;
import io.alldocs.cache.VerifyOptions;
import io.alldocs.cache.spi.StoredEntry;
import io.alldocs.http.RequestException;
import io.alldocs.storage.contract.Values;
import io.alldocs.storage.emulators.FakeFastly;
import io.alldocs.storage.emulators.ResettingServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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

    /** Returns the exception of a failed call, after checking that it names the location and contains no secret. */
    private static StorageException failure(Runnable call) {
        StorageException e = catchThrowableOfType(StorageException.class, call::run);
        assertThat(e).hasMessageContaining("driver fastly").hasMessageContaining("Fastly KV store");
        assertThat(trace(e)).doesNotContain(FakeFastly.TOKEN);
        return e;
    }

    @Test
    void passingFaults_areNotSeen() {
        fake.answering(503);
        Values.put(driver, "k", BYTES);
        fake.answering(503);
        assertThat(Values.bytes(driver, "k")).isEqualTo(BYTES);
        fake.cutting();
        assertThat(Values.bytes(driver, "k")).isEqualTo(BYTES);
        assertThat(fake.kinds()).containsExactly("PUT", "PUT", "GET", "GET", "GET", "GET");
        fake.closing();
        assertThat(Values.bytes(driver, "k")).isEqualTo(BYTES);
        fake.closing();
        Values.put(driver, "k", BYTES);
        fake.answering(503);
        assertThat(driver.head("k")).isPresent();
        fake.answering(503);
        assertThat(driver.putHead("k", Values.head(BYTES))).isTrue();
        fake.answering(503);
        try (Stream<String> keys = driver.list("", null)) {
            assertThat(keys).containsExactly("k");
        }
        fake.cutting();
        try (Stream<String> keys = driver.list("", null)) {
            assertThat(keys).containsExactly("k");
        }
        fake.answering(503);
        driver.delete("k");
        assertThat(driver.has("k")).isFalse();
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
    void throttled_waitsAsLongAsItIsAsked() {
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
    void bodyCutTwice_isNotServed() {
        for (int size : new int[] {20_000, 3 << 20}) {
            byte[] bytes = Values.random(2, size);
            Values.put(driver, "k", bytes);
            fake.cutting().cutting();
            StorageException e = failure(() -> driver.get("k"));
            assertThat(e.retryable()).isTrue();
            assertThat(e.getMessage()).contains("was incomplete").contains("read k in Fastly KV store");
            fake.cutting();
            assertThat(Values.bytes(driver, "k")).isEqualTo(bytes);
        }
    }

    @Test
    void connectionsReset_isRetryable() throws IOException {
        try (ResettingServer server = new ResettingServer();
                FastlyStorageDriver reset = driver(server.endpoint()).build()) {
            for (Runnable call : List.<Runnable>of(() -> reset.get("k"), () -> Values.put(reset, "k", BYTES))) {
                StorageException e = failure(call);
                assertThat(e.retryable()).isTrue();
                assertThat(e.getMessage()).contains(" k in ").contains("could not be reached");
            }
        }
    }

    @Test
    void connectionsClosed_isRetryable() {
        for (int i = 0; i < 12; i++) {
            // The JDK itself retries if a kept-alive connection turns out to be closed.
            fake.closing();
        }
        for (Runnable call : List.<Runnable>of(() -> driver.get("k"), () -> Values.put(driver, "k", BYTES))) {
            StorageException e = failure(call);
            assertThat(e.retryable()).isTrue();
            assertThat(e.getMessage()).contains(" k in ").contains("could not be reached");
        }
    }

    @Test
    void bodyThatGivesLessThanItSays_isNotSent() {
        Body wrong = new Body() {
            @Override
            public long sizeBytes() {
                return 10;
            }

            @Override
            public InputStream openStream() {
                return InputStream.nullInputStream();
            }
        };
        var head = Values.head(new byte[10]);
        for (Runnable call : List.<Runnable>of(
                () -> driver.put("k", head, wrong),
                () -> driver.putBatch(new LinkedHashMap<>(
                        Map.of("k", new StoredEntry(head, wrong), "l", new StoredEntry(head, wrong)))))) {
            StorageException e = failure(call);
            assertThat(e.retryable()).isFalse();
            assertThat(e.getMessage()).contains("0 of 10 bytes");
        }
        assertThat(fake.seen()).isEmpty();
    }

    @Test
    void putIfAbsent_answerLost_knowsItsOwnValue() {
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
    void missingStore_isAnErrorNotAnAbsentKey() {
        try (FastlyStorageDriver nowhere = FastlyStorageDriver.builder("nowhere")
                .endpoint(fake.endpoint())
                .token(FakeFastly.TOKEN)
                .build()) {
            List<Runnable> calls = List.of(
                    () -> nowhere.get("k"),
                    () -> nowhere.head("k"),
                    () -> nowhere.has("k"),
                    () -> nowhere.put("k", Values.head(BYTES), Body.of(BYTES)),
                    () -> Values.putIfAbsent(nowhere, "k", BYTES),
                    () -> nowhere.putHead("k", Values.head(BYTES)),
                    () -> nowhere.putBatch(entries("k", "l")),
                    () -> nowhere.list("", null).forEach(key -> {}),
                    () -> nowhere.delete("k"),
                    () -> nowhere.deleteBatch(List.of("k")),
                    () -> nowhere.verify(VerifyOptions.dryRun()));
            for (Runnable call : calls) {
                StorageException e = failure(call);
                assertThat(e).as("call %d", calls.indexOf(call)).isNotNull();
                assertThat(e.retryable()).as("%s", e).isFalse();
                assertThat(e.getMessage())
                        .contains("Fastly KV store nowhere")
                        .contains("the KV store does not exist")
                        .contains("create it");
            }
        }
    }

    @Test
    void secret_whateverFails_isNowhere() {
        String secret = "Another-Planted-Secret_0123456789abcdef";
        URI nobody = URI.create("http://127.0.0.1:1");
        try (FastlyStorageDriver wrong =
                        driver(fake.endpoint()).token(secret).maxAttempts(1).build();
                FastlyStorageDriver unreachable =
                        driver(nobody).token(secret).maxAttempts(1).build()) {
            StorageException refused = failure(() -> Values.put(wrong, "k", BYTES));
            StorageException unread = failure(() -> wrong.get("k"));
            assertThat(refused.retryable() || unread.retryable()).isFalse();
            assertThat(refused.getMessage()).contains("API token");
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
            StorageException unreached = failure(() -> Values.put(unreachable, "k", BYTES));
            assertThat(unreached.retryable()).isTrue();
            for (Object each : new Object[] {
                trace(refused), trace(unread), trace(echoed), trace(led), trace(unreached), wrong, unreachable
            }) {
                assertThat(each.toString()).doesNotContain(secret);
            }
        }
    }

    private static String trace(Throwable e) {
        StringWriter text = new StringWriter();
        e.printStackTrace(new PrintWriter(text));
        return text.toString();
    }

    @Test
    void interrupted_isRetryableAndKeepsTheFlag() {
        Thread.currentThread().interrupt();
        StorageException e = failure(() -> driver.get("k"));
        assertThat(Thread.interrupted()).isTrue();
        assertThat(e.retryable()).isTrue();
        assertThat(e.getMessage()).contains("interrupted");
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
                StorageException e = failure(call);
                assertThat(Thread.interrupted()).isTrue();
                assertThat(e.retryable()).isTrue();
                assertThat(e.getMessage()).contains("interrupted");
                fake.passing().answeringAfter(caller::interrupt, 412);
            }
        }
    }
}
