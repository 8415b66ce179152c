package io.alldocs.storage.gcs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.auth.oauth2.AccessToken;
import com.google.auth.oauth2.GoogleCredentials;
import io.alldocs.OperationInterruptedException;
import io.alldocs.cache.body.Body;
import io.alldocs.cache.spi.StorageException;
import io.alldocs.storage.contract.Values;
import io.alldocs.storage.emulators.FakeGcs;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FailuresTest {
    private static final byte[] BYTES = Values.random(1, 20_000);

    private FakeGcs fake;
    private GcsStorageDriver driver;

    @BeforeEach
    void start() throws IOException {
        fake = new FakeGcs();
        driver = driver(fake.endpoint()).build();
    }

    private static GcsStorageDriver.Builder driver(URI endpoint) {
        return GcsStorageDriver.builder(FakeGcs.BUCKET)
                .endpoint(endpoint)
                .noCredentials()
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
        "503, backendError, true, 2, throttles requests",
        "429, rateLimitExceeded, true, 2, throttles requests",
        "500, internalError, true, 2, internalError",
        "408, requestTimeout, true, 2, 408",
        "403, forbidden, false, 1, storage.objects.get",
        "401, authError, false, 1, GOOGLE_APPLICATION_CREDENTIALS",
        "400, userProjectMissing, false, 1, quota project",
        "400, invalid, false, 1, HTTP 400 invalid",
    })
    void errorOfTheService_afterTheAttempts_isTypedAndSaysWhatToDo(
            int status, String reason, boolean retryable, int attempts, String advice) {
        for (Runnable call : List.<Runnable>of(
                () -> driver.get("key-1"),
                () -> driver.head("key-1"),
                () -> driver.put("key-1", Values.head(BYTES), Body.of(BYTES)),
                () -> Values.putIfAbsent(driver, "key-1", BYTES),
                () -> driver.delete("key-1"))) {
            for (int i = 0; i < attempts; i++) {
                fake.answering(status, reason);
            }
            StorageException e = failure(call);
            assertThat(e.retryable()).as("%s", e).isEqualTo(retryable);
            assertThat(e.getMessage())
                    .contains("key-1")
                    .contains("gs://cache/p/")
                    .contains("driver gcs")
                    .contains("HTTP " + status)
                    .contains(advice);
            assertThat(fake.kinds()).hasSize(attempts);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"text/html | <html></html>", "application/json | {}", "text/plain | ''"})
    void put_ofALargeBody_proxyAnswers_isAnError(String type, String page) {
        byte[] large = Values.random(2, Upload.MAX_SINGLE_BYTES + 1);
        fake.interceptAll(type, page);
        StorageException e = failure(() -> Values.put(driver, "key-1", large));
        assertThat(e.retryable()).as("%s", e).isTrue();
    }

    /** The proxy answers after the upload has begun. */
    @Test
    void put_ofALargeBody_proxyAnswersTheLastPart_isAnError() {
        byte[] large = Values.random(2, Upload.MAX_SINGLE_BYTES + 1);
        fake.passing().passing().passing().passing().passing();
        fake.interceptAll("text/html", "<html></html>");
        StorageException e = failure(() -> Values.put(driver, "key-1", large));
        assertThat(e.retryable()).as("%s", e).isTrue();
    }

    /** Whoever has the ID of a session can write to the object without credentials. */
    @Test
    void put_ofALargeBody_whateverFails_namesNoSession() {
        byte[] large = Values.random(2, Upload.MAX_SINGLE_BYTES + 1);
        List<Runnable> faults = List.of(
                () -> fake.refuseAll(503),
                () -> fake.refuseAll(403),
                () -> fake.refuseAll(404),
                () -> fake.refuseAll(410),
                () -> fake.refuseAll(412),
                () -> fake.interceptAll("text/html", "<html></html>"),
                () -> fake.interceptAll("application/json", "{}"),
                () -> fake.answering(200, Map.of("range", "bytes=0-1"), "").answering(308, Map.of(), ""),
                () -> fake.answering(308, Map.of("range", "bytes=0-99999999"), "")
                        .answering(308, Map.of(), ""),
                () -> fake.closing().closing().closing().closing());
        for (int passing : new int[] {1, 3, 5}) {
            for (Runnable fault : faults) {
                for (int i = 0; i < passing; i++) {
                    fake.passing();
                }
                fault.run();
                StorageException e = failure(() -> Values.put(driver, "key-1", large));
                fake.recover();
                List<String> sessions = fake.seen().stream()
                        .map(asked -> asked.query().get("upload_id"))
                        .filter(Objects::nonNull)
                        .toList();
                assertThat(sessions).isNotEmpty();
                StringWriter trace = new StringWriter();
                e.printStackTrace(new PrintWriter(trace));
                assertThat(trace.toString()).doesNotContain(sessions).contains("com.google.cloud.storage");
            }
        }
    }

    /** Returns the exception of a failed call, after checking that it names the location. */
    private static StorageException failure(Runnable call) {
        StorageException e = catchThrowableOfType(StorageException.class, call::run);
        assertThat(e).hasMessageContaining("driver gcs").hasMessageContaining("gs://");
        return e;
    }

    @Test
    void partsOfALargeBody_areSentAgain() {
        byte[] large = Values.random(3, Upload.MAX_SINGLE_BYTES + 5_000_000);
        fake.answering(503, "backendError").passing().passing().answering(503, "backendError");
        Values.put(driver, "k", large);
        assertThat(Values.bytes(driver, "k")).isEqualTo(large);
        fake.passing().passing().losingTheAnswer();
        Values.put(driver, "l", large);
        assertThat(Values.bytes(driver, "l")).isEqualTo(large);
    }

    @Test
    void putIfAbsent_responseLost_recognizesItsOwnValue() {
        fake.losingTheAnswer();
        assertThat(Values.putIfAbsent(driver, "k", BYTES)).isTrue();
        assertThat(fake.kinds()).endsWith("POST", "GET");
        // The same value stored by another writer does not count as this write.
        fake.losingTheAnswer();
        assertThat(Values.putIfAbsent(driver, "k", BYTES)).isFalse();
        assertThat(Values.bytes(driver, "k")).isEqualTo(BYTES);
    }

    @Test
    void putHead_objectReplacedMeanwhile_looksAgain() {
        Values.put(driver, "k", BYTES);
        fake.seen();
        fake.passing().passingAfter(() -> Values.put(driver, "k", BYTES));
        assertThat(driver.putHead("k", Values.gzipHead(BYTES))).isTrue();
        assertThat(fake.kinds()).containsExactly("GET", "PATCH", "POST", "GET", "PATCH");
        assertThat(driver.head("k")).contains(Values.gzipHead(BYTES));

        byte[] other = Values.random(9, BYTES.length);
        fake.passing().passingAfter(() -> Values.put(driver, "k", other));
        assertThat(driver.putHead("k", Values.head(BYTES))).isFalse();
        assertThat(driver.head("k")).contains(Values.head(other));
        assertThat(Values.bytes(driver, "k")).isEqualTo(other);

        fake.passing().passingAfter(() -> driver.delete("k"));
        assertThat(driver.putHead("k", Values.gzipHead(other))).isFalse();
    }

    @Test
    void putHead_largeHeadOfAnObjectReplacedMeanwhile_doesNotBringTheOldBodyBack() {
        Values.put(driver, "k", BYTES);
        byte[] other = Values.random(9, BYTES.length);
        fake.seen();
        // The driver reads the metadata and the object; the write is then too late.
        fake.passing().passing().passingAfter(() -> Values.put(driver, "k", other));
        assertThat(driver.putHead("k", Values.largeHead(BYTES))).isFalse();
        assertThat(Values.bytes(driver, "k")).isEqualTo(other);
        assertThat(driver.head("k")).contains(Values.head(other));
    }

    @Test
    void deleteBatch_partThatFails_isDeletedAlone() {
        Values.put(driver, "a", BYTES);
        Values.put(driver, "b", BYTES);
        fake.seen();
        fake.failInBatch("p/b.json", 503);
        driver.deleteBatch(List.of("a", "b", "absent"));
        assertThat(fake.kinds()).containsExactly("POST", "DELETE");
        assertThat(driver.has("a") || driver.has("b")).isFalse();

        Values.put(driver, "a", BYTES);
        fake.answering(503, "backendError");
        driver.deleteBatch(List.of("a"));
        assertThat(driver.has("a")).isFalse();

        fake.answering(403, "forbidden").answering(403, "forbidden");
        StorageException e = failure(() -> driver.deleteBatch(List.of("a")));
        assertThat(e.retryable()).isFalse();
        assertThat(e.getMessage()).contains("delete a in gs://cache/p/");
    }

    @Test
    void interruptedBetweenAttempts_endsTheWait() {
        try (GcsStorageDriver patient =
                driver(fake.endpoint()).firstRetryDelay(Duration.ofSeconds(30)).build()) {
            for (Runnable call : List.<Runnable>of(() -> patient.get("k"), () -> patient.head("k"))) {
                Thread caller = Thread.currentThread();
                fake.answeringAfter(caller::interrupt, 503);
                assertThatExceptionOfType(OperationInterruptedException.class)
                        .isThrownBy(call::run)
                        .withMessageContaining("interrupted")
                        .withMessageContaining(" k in ");
                assertThat(Thread.interrupted()).isTrue();
            }
        }
    }

    @Test
    void passingFaults_costOneMoreRequestEach() {
        fake.answering(503, "backendError");
        Values.put(driver, "k", BYTES);
        fake.answering(429, "rateLimitExceeded");
        assertThat(Values.bytes(driver, "k")).isEqualTo(BYTES);
        fake.cutting();
        assertThat(Values.bytes(driver, "k")).isEqualTo(BYTES);
        assertThat(fake.kinds()).containsExactly("POST", "POST", "MEDIA", "MEDIA", "MEDIA", "MEDIA");
    }

    @Test
    void token_ofTheCredentials_isSentWithEachRequest() {
        String secret = "ya29.Planted-Secret_9876543210zyxwvutsrqponmlk";
        fake.requireToken(secret);
        var credentials = GoogleCredentials.create(
                new AccessToken(secret, Date.from(Instant.now().plusSeconds(3600))));
        try (GcsStorageDriver known =
                driver(fake.endpoint()).credentials(credentials).build()) {
            Values.put(known, "k", BYTES);
            assertThat(known.has("k")).isTrue();
        }
        assertThat(fake.seen())
                .hasSize(2)
                .allMatch(asked -> ("Bearer " + secret).equals(asked.headers().get("authorization")));
    }
}
