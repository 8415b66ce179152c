package io.alldocs.worker.cloudrun;

import static org.assertj.core.api.Assertions.assertThat;

import io.alldocs.Env;
import io.alldocs.cache.Cache;
import io.alldocs.cache.CacheKey;
import io.alldocs.examples.registry.EmbeddedRegistry;
import io.alldocs.examples.registry.Fault;
import io.alldocs.storage.emulators.FakeGcs;
import io.alldocs.sync.JobProgress;
import io.alldocs.sync.SyncJob;
import io.alldocs.worker.cloudrun.Container.Reply;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Tests the container's program in a separate process, with a fake Google bucket and a registry. */
@Timeout(240)
class CloudRunTest {
    private static final String TOKEN = "Planted-Token_0123456789";

    @TempDir
    private static Path folder;

    private static FakeGcs gcs;
    private static EmbeddedRegistry registry;
    private static Container container;

    @BeforeAll
    static void start() throws Exception {
        gcs = new FakeGcs();
        registry = EmbeddedRegistry.builder().names(300).start();
        container = Container.start(folder, environment(registry, Map.of())).awaitOk("/ready");
    }

    @AfterAll
    static void stop() throws Exception {
        container.close();
        registry.close();
        gcs.close();
    }

    private static Map<String, String> environment(EmbeddedRegistry origin, Map<String, String> more) {
        Map<String, String> values = new HashMap<>(Map.of(
                "GCS_BUCKET", FakeGcs.BUCKET,
                "STORAGE_EMULATOR_HOST", gcs.endpoint().toString(),
                "NPM_REGISTRY", origin.origin().toString(),
                "NPM_ORIGIN", origin.origin().toString()));
        values.putAll(more);
        return values;
    }

    private static String packument(String name) {
        return "{\"type\":\"packument\",\"id\":\"" + name + "\",\"payload\":{\"name\":\"" + name + "\"}}";
    }

    private static String wrapped(String item) {
        String data = Base64.getEncoder().encodeToString(item.getBytes(StandardCharsets.UTF_8));
        return "{\"message\":{\"attributes\":{},\"data\":\"" + data + "\",\"messageId\":\"2070443601311540\","
                + "\"publishTime\":\"2026-02-26T19:13:55.749Z\"},\"subscription\":\"projects/p/subscriptions/s\","
                + "\"deliveryAttempt\":2}";
    }

    private static boolean isStored(String name) {
        try (Cache cache = cache()) {
            return cache.has(CacheKey.packument(registry.origin(), name).toString());
        }
    }

    private static Cache cache() {
        Map<String, String> values = environment(registry, Map.of("RUNTIME", "cloudrun"));
        return Cache.builder().env(Env.of(values)).build();
    }

    @Test
    void pushOfCloudTasks_isDoneBeforeTheResponse_andIsIdempotent() throws Exception {
        String name = registry.names().get(1);
        for (int attempt = 0; attempt < 2; attempt++) {
            Reply reply = container.push(
                    packument(name),
                    "X-CloudTasks-QueueName",
                    "work",
                    "X-CloudTasks-TaskName",
                    "4711",
                    "X-CloudTasks-TaskRetryCount",
                    String.valueOf(attempt));
            assertThat(reply.status()).as("%s", reply).isEqualTo(200);
            assertThat(reply.body().path("results").path(0).path("id").asText()).isEqualTo(name);
            assertThat(isStored(name)).isTrue();
            assertThat(registry.requests().ofName(name)).isEqualTo(1);
        }
    }

    @Test
    void pushOfPubSub_isDoneWhenItIsAnswered() throws Exception {
        String name = registry.names().get(2);
        Reply reply = container.push(wrapped(packument(name)), "content-type", "application/json");
        assertThat(reply.status()).as("%s", reply).isEqualTo(200);
        assertThat(isStored(name)).isTrue();
    }

    @Test
    void pushOfASet_isDoneWithAllThatFollows() throws Exception {
        Reply reply = container.push("{\"type\":\"partition-set\",\"id\":\"all\",\"payload\":{\"set\":\"all\","
                + "\"targetRows\":100,\"packuments\":true,\"batch\":40}}");
        assertThat(reply.status()).as("%s", reply).isEqualTo(200);
        try (Cache cache = cache();
                Stream<String> stored = cache.driver().list("v1:packument:", null)) {
            assertThat(stored)
                    .containsAll(registry.names().stream()
                            .map(name ->
                                    CacheKey.packument(registry.origin(), name).toString())
                            .toList());
            String job = SyncJob.builder()
                    .origin(registry.origin())
                    .registry(registry.origin())
                    .build()
                    .id();
            JobProgress done = new JobProgress.Reader(cache, job, 40).read().orElseThrow();
            assertThat(done.finished()).as("proven").isNotNull();
            assertThat(done.partitions()).isGreaterThan(1).isEqualTo(done.complete());
        }
        assertThat(container.get("/progress").body().toString()).contains("partition-set");
    }

    @Test
    void pushOfASetToFollow_isRefused_withAReason() throws Exception {
        Reply reply = container.push(
                "{\"type\":\"partition-set\",\"id\":\"all\",\"payload\":{\"set\":\"all\",\"follow\":true}}");
        expect(422, "cannot follow", reply);
    }

    @Test
    void whatIsNoWork_isRefused_withAReason() throws Exception {
        expect(400, "not JSON", container.push("{"));
        expect(400, "type", container.push("{\"id\":\"x\"}"));
        expect(400, "base64", container.push("{\"message\":{\"data\":\"%%%\"}}"));
        expect(400, "Pub/Sub message", container.push("{\"message\":{\"data\":\"ew==\"}}"));
        expect(400, "taskretrycount", container.push(packument("x"), "X-CloudTasks-TaskRetryCount", "many"));
        expect(413, "", container.push("{\"type\":\"" + "x".repeat(2 << 20) + "\"}"));
        expect(422, "No processor", container.push("{\"type\":\"brew-coffee\",\"id\":\"x\"}"));
    }

    private static void expect(int status, String reason, Reply reply) {
        assertThat(reply.status()).as("%s", reply).isEqualTo(status);
        assertThat(reply.body().path("error").asText()).isNotEmpty().containsIgnoringCase(reason);
    }

    @Test
    void busyRegistry_isRetriedLater_andAWrongTokenIsRefused() throws Exception {
        try (EmbeddedRegistry busy = EmbeddedRegistry.builder()
                        .names(5)
                        .faults(List.of(Fault.status(503, 1)))
                        .start();
                Container other = Container.start(folder, environment(busy, Map.of("WORKER_TOKEN", TOKEN)))) {
            other.awaitOk("/ready");
            String item = packument(busy.names().get(0));
            Reply stranger = other.push(item, "authorization", "Bearer " + TOKEN + "x");
            expect(401, "token", stranger);
            assertThat(stranger.headers()).containsKey("www-authenticate");
            Reply reply = other.push(item, "authorization", "Bearer " + TOKEN);
            expect(503, "503", reply);
            assertThat(reply.headers()).containsKey("retry-after");
            assertThat(other.err()).doesNotContain(TOKEN);
        }
    }

    @Test
    void sigterm_inTheMiddleOfWork_answersThatItIsToBeBroughtAgain() throws Exception {
        try (EmbeddedRegistry stalling = EmbeddedRegistry.builder()
                        .names(5)
                        .faults(List.of(Fault.stall(1)))
                        .start();
                Container other = Container.start(folder, environment(stalling, Map.of("WORKER_GRACE_MS", "200")))) {
            other.awaitOk("/ready");
            CompletableFuture<Reply> pushed =
                    other.pushAsync(packument(stalling.names().get(0)));
            while (stalling.requests().total() == 0) {
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
            }
            other.sigterm();
            Reply reply = pushed.get(60, TimeUnit.SECONDS);
            expect(503, "stopping", reply);
            assertThat(reply.headers()).containsKey("retry-after");
            assertThat(other.awaitEndBeforeSigkill()).isEqualTo(143);
        }
    }

    @Test
    void sigterm_withWorkThatEndsInTime_answersThatItIsDone() throws Exception {
        try (EmbeddedRegistry slow = EmbeddedRegistry.builder()
                        .names(5)
                        .faults(List.of(Fault.latency(Duration.ofSeconds(1))))
                        .start();
                Container other = Container.start(folder, environment(slow, Map.of("WORKER_GRACE_MS", "60000")))) {
            other.awaitOk("/ready");
            CompletableFuture<Reply> pushed =
                    other.pushAsync(packument(slow.names().get(0)));
            while (slow.requests().total() == 0) {
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
            }
            other.sigterm();
            assertThat(pushed.get(60, TimeUnit.SECONDS).status()).isEqualTo(200);
            assertThat(other.awaitEndBeforeSigkill()).isEqualTo(143);
        }
    }

    @Test
    void environmentThatIsNotComplete_endsTheProcess_andSaysWhatIsMissing() throws Exception {
        try (Container other = Container.start(folder, Map.of())) {
            assertThat(other.awaitEnd()).isEqualTo(2);
            assertThat(other.err()).contains("CACHE_BUCKET", "GCS_BUCKET");
        }
    }
}
