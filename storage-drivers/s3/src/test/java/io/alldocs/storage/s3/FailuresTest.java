package io.alldocs.storage.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.alldocs.cache.body.Body;
import io.alldocs.cache.spi.StorageException;
import io.alldocs.storage.contract.Values;
import io.alldocs.storage.emulators.FakeS3;
import io.alldocs.storage.emulators.S3Server;
import java.io.IOException;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FailuresTest {
    private static final byte[] BYTES = Values.random(1, 20_000);
    private static final Map<String, String> XML = Map.of("content-type", "application/xml");

    private final S3Server server = S3Server.running();
    private FakeS3 front;
    private S3StorageDriver driver;

    @BeforeEach
    void start() throws IOException {
        server.clear();
        front = new FakeS3();
        driver = driver(front.endpoint()).keyPrefix("p/").maxAttempts(2).build();
    }

    static S3StorageDriver.Builder driver(URI endpoint) {
        return S3StorageDriver.builder(S3Server.BUCKET).endpoint(endpoint).credentials(S3Server.credentials());
    }

    @AfterEach
    void stop() {
        driver.close();
        front.close();
        server.clear();
    }

    @ParameterizedTest
    @CsvSource({
        "503, SlowDown, true, 2, throttles requests",
        "429, TooManyRequests, true, 2, throttles requests",
        "500, InternalError, true, 2, InternalError",
        "403, AccessDenied, false, 1, s3:PutObject",
        "403, RequestTimeTooSkewed, false, 2, clock",
        "400, ExpiredToken, false, 1, expired",
        "403, InvalidAccessKeyId, false, 1, credentials",
        "403, SignatureDoesNotMatch, false, 1, secret key",
        "404, NoSuchBucket, false, 1, create it",
        "301, PermanentRedirect, false, 1, AWS_REGION",
        "400, BadDigest, false, 1, digest in its head",
        "409, OperationAborted, true, 1, OperationAborted",
    })
    void errorOfTheService_afterTheAttempts_isTypedAndSaysWhatToDo(
            int status, String code, boolean retryable, int attempts, String advice) {
        for (Runnable call : List.<Runnable>of(
                () -> driver.get("key-1"), () -> driver.put("key-1", Values.head(BYTES), Body.of(BYTES)))) {
            for (int i = 0; i < attempts; i++) {
                front.answering(status, code);
            }
            StorageException e = failure(call);
            assertThat(e.retryable()).as("%s", e).isEqualTo(retryable);
            assertThat(e.getMessage())
                    .contains("key-1")
                    .contains("s3://cache/p/")
                    .contains("driver s3")
                    .contains(advice);
            assertThat(front.kinds()).hasSize(attempts);
        }
    }

    /** Returns the exception of a failed call. */
    private static StorageException failure(Runnable call) {
        StorageException e = catchThrowableOfType(StorageException.class, call::run);
        assertThat(e).isNotNull();
        return e;
    }

    @Test
    void list_truncatedPageWithoutNames_isFollowedByItsToken() {
        Values.put(driver, "k", BYTES);
        front.answering(200, XML, listing("<NextContinuationToken>t1</NextContinuationToken>"));
        String last = "<ListBucketResult><IsTruncated>false</IsTruncated>"
                + "<Contents><Key>p/k!.json</Key></Contents></ListBucketResult>";
        front.answering(200, XML, last);
        try (Stream<String> keys = driver.list("", null)) {
            assertThat(keys.toList()).containsExactly("k");
        }
        assertThat(front.seen())
                .extracting(asked -> asked.query().get("continuation-token"))
                .contains("t1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "<NextContinuationToken>t1</NextContinuationToken>"})
    void list_truncatedPagesThatLeadNowhere_areNotACompleteListing(String token) {
        front.answering(200, XML, listing(token)).answering(200, XML, listing(token));
        StorageException e = failure(() -> driver.list("", null).forEach(key -> {}));
        assertThat(e.retryable()).isTrue();
        assertThat(e.getMessage()).contains("although the listing is truncated");
    }

    private static String listing(String members) {
        return "<ListBucketResult><IsTruncated>true</IsTruncated>" + members + "</ListBucketResult>";
    }

    @Test
    void deleteBatch_responseDoesNotConfirmAKey_deletesItAlone() {
        Values.put(driver, "k", BYTES);
        Values.put(driver, "l", BYTES);
        front.seen();
        front.answering(200, XML, "<DeleteResult><Deleted><Key>p/l!.json</Key></Deleted></DeleteResult>");
        driver.deleteBatch(List.of("k", "l"));
        assertThat(front.kinds()).containsExactly("POST", "DELETE");
        assertThat(driver.has("k")).isFalse();
    }

    /** The bucket itself may be missing too. A page with status 404 does not show that. */
    @Test
    void get_pageOfAProxyWithStatus404_isNotAnAbsentKey() {
        for (Runnable call : List.<Runnable>of(() -> driver.get("k"), () -> driver.head("k"), () -> driver.has("k"))) {
            front.answering(404, Map.of("content-type", "text/html"), "<html></html>");
            assertThat(failure(call)).hasMessageContaining("driver s3");
        }
    }

    @Test
    void bodyThatIsNotTheHeads_isRefusedByTheStore() {
        byte[] other = BYTES.clone();
        other[7] ^= 1;
        StorageException e = failure(() -> driver.put("k", Values.head(BYTES), Body.of(other)));
        assertThat(e.retryable()).isFalse();
        assertThat(driver.has("k")).isFalse();
    }

    @Test
    void putIfAbsent_responseLost_recognizesItsOwnValue() {
        front.losingTheAnswer();
        assertThat(driver.putIfAbsent("k", Values.head(BYTES), Body.of(BYTES))).isTrue();
        assertThat(front.kinds()).containsExactly("PUT", "PUT", "HEAD");
        byte[] other = Values.random(9, 10);
        front.losingTheAnswer();
        assertThat(driver.putIfAbsent("k", Values.head(other), Body.of(other))).isFalse();
        assertThat(Values.bytes(driver, "k")).isEqualTo(BYTES);
    }

    @Test
    void putIfAbsent_meetsAnotherWrite_isSentAgain() {
        front.answering(409, "ConditionalRequestConflict").answering(409, "ConditionalRequestConflict");
        assertThat(driver.putIfAbsent("k", Values.head(BYTES), Body.of(BYTES))).isTrue();
        for (int i = 0; i < 6; i++) {
            front.answering(409, "ConditionalRequestConflict");
        }
        assertThat(failure(() -> driver.putIfAbsent("k", Values.head(BYTES), Body.of(BYTES)))
                        .retryable())
                .isTrue();
    }

    @Test
    void putHead_objectReplacedMeanwhile_looksAgain() {
        Values.put(driver, "k", BYTES);
        front.seen();
        front.passing().answering(412, "PreconditionFailed");
        assertThat(driver.putHead("k", Values.head(BYTES))).isTrue();
        assertThat(front.kinds()).containsExactly("HEAD", "PUT", "HEAD", "PUT");
        byte[] other = Values.random(9, BYTES.length);
        Values.put(driver, "k", other);
        front.seen();
        assertThat(driver.putHead("k", Values.head(BYTES))).isFalse();
        assertThat(front.kinds()).containsExactly("HEAD");
    }

    @Test
    void passingFaults_costOneMoreRequestEach() {
        front.answering(503, "SlowDown");
        Values.put(driver, "k", BYTES);
        front.closing();
        assertThat(Values.bytes(driver, "k")).isEqualTo(BYTES);
        front.cutting();
        assertThat(Values.bytes(driver, "k")).isEqualTo(BYTES);
        assertThat(front.kinds()).containsExactly("PUT", "PUT", "GET", "GET", "GET", "GET");
    }

    @Test
    void secretKey_whateverIsSent_isNeverSent() {
        Values.put(driver, "k", BYTES);
        driver.get("k").orElseThrow().body().close();
        assertThat(front.seen()).isNotEmpty().noneMatch(seen -> seen.toString().contains(S3Server.SECRET_KEY));
    }
}
