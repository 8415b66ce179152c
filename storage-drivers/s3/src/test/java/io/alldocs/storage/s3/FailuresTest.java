package io.alldocs.storage.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.alldocs.cache.Body;
import io.alldocs.cache.StorageException;
import io.alldocs.cache.VerifyOptions;
import io.alldocs.storage.contract.Values;
import io.alldocs.storage.emulators.FakeS3;
import io.alldocs.storage.emulators.ResettingServer;
import io.alldocs.storage.emulators.S3Server;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;

class FailuresTest {
    private static final byte[] BYTES = Values.random(1, 20_000);

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

    /** Returns the exception of a failed call, after checking that it names the location and contains no secret. */
    private static StorageException failure(Runnable call) {
        StorageException e = catchThrowableOfType(StorageException.class, call::run);
        assertThat(e).hasMessageContaining("driver s3").hasMessageContaining("s3://");
        assertThat(trace(e)).doesNotContain(S3Server.SECRET_KEY);
        return e;
    }

    @Test
    void passingFaults_areNotSeen() {
        front.answering(503, "SlowDown");
        Values.put(driver, "k", BYTES);
        front.closing();
        assertThat(Values.bytes(driver, "k")).isEqualTo(BYTES);
        front.cutting();
        assertThat(Values.bytes(driver, "k")).isEqualTo(BYTES);
        assertThat(front.kinds()).containsExactly("PUT", "PUT", "GET", "GET", "GET", "GET");
    }

    @Test
    void largeBodyCutTwice_isNotServed() {
        byte[] large = Values.random(2, 3 << 20);
        Values.put(driver, "k", large);
        front.cutting().cutting();
        StorageException e = failure(() -> driver.get("k"));
        assertThat(e.retryable()).isTrue();
        assertThat(e.getMessage())
                .contains("was incomplete")
                .contains("read k in")
                .contains("s3://cache");
        front.cutting();
        assertThat(Values.bytes(driver, "k")).isEqualTo(large);
    }

    @Test
    void connectionsReset_isRetryable() throws IOException {
        try (ResettingServer server = new ResettingServer();
                S3StorageDriver reset = driver(server.endpoint()).maxAttempts(2).build()) {
            for (Runnable call : List.<Runnable>of(() -> reset.get("k"), () -> Values.put(reset, "k", BYTES))) {
                StorageException e = failure(call);
                assertThat(e.retryable()).isTrue();
                assertThat(e.getMessage()).contains(" k in ").contains("could not be reached");
            }
        }
    }

    @Test
    void connectionsClosed_isRetryable() {
        // Two attempts, each of which HttpURLConnection sends twice.
        front.closing().closing().closing().closing();
        StorageException e = failure(() -> driver.get("k"));
        assertThat(e.retryable()).isTrue();
        assertThat(e.getMessage()).contains("read k in").contains("could not be reached");
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
    void putIfAbsent_answerLost_knowsItsOwnValue() {
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
    void missingBucket_isAnErrorNotAnAbsentKey() {
        try (S3StorageDriver nowhere = S3StorageDriver.builder("nowhere")
                .endpoint(front.endpoint())
                .credentials(S3Server.credentials())
                .build()) {
            List<Runnable> calls = List.of(
                    () -> nowhere.get("k"),
                    () -> nowhere.head("k"),
                    () -> nowhere.has("k"),
                    () -> nowhere.put("k", Values.head(BYTES), Body.of(BYTES)),
                    () -> nowhere.list("", null).forEach(key -> {}),
                    () -> nowhere.deleteBatch(List.of("k")),
                    () -> nowhere.verify(VerifyOptions.dryRun()));
            for (Runnable call : calls) {
                StorageException e = failure(call);
                assertThat(e).as("call %d", calls.indexOf(call)).isNotNull();
                assertThat(e.retryable()).isFalse();
                assertThat(e.getMessage()).contains("s3://nowhere/");
            }
        }
    }

    @Test
    void secret_whateverFails_isNowhere() {
        String secret = "Planted/Secret+9876543210zyxwvutsrqponmlk";
        try (S3StorageDriver wrong = S3StorageDriver.builder(S3Server.BUCKET)
                        .endpoint(front.endpoint())
                        .credentials(StaticCredentialsProvider.create(
                                AwsBasicCredentials.create(S3Server.ACCESS_KEY, secret)))
                        .maxAttempts(1)
                        .build();
                S3StorageDriver unreachable = S3StorageDriver.builder(S3Server.BUCKET)
                        .endpoint(URI.create("http://127.0.0.1:1"))
                        .credentials(StaticCredentialsProvider.create(
                                AwsBasicCredentials.create(S3Server.ACCESS_KEY, secret)))
                        .maxAttempts(1)
                        .build()) {
            StorageException refused = failure(() -> Values.put(wrong, "k", BYTES));
            assertThat(refused.retryable()).isFalse();
            assertThat(refused.getMessage()).contains("secret key");
            StorageException unreached = failure(() -> Values.put(unreachable, "k", BYTES));
            assertThat(unreached.retryable()).isTrue();
            for (Object each : new Object[] {trace(refused), trace(unreached), wrong, unreachable}) {
                assertThat(each.toString()).doesNotContain(secret);
            }
            assertThat(front.seen())
                    .isNotEmpty()
                    .noneMatch(seen -> seen.toString().contains(secret));
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
}
