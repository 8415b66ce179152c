package io.alldocs.sync;

import static org.assertj.core.api.Assertions.assertThat;

import io.alldocs.Env;
import io.alldocs.cache.Cache;
import io.alldocs.cache.MemoryStorageDriver;
import io.alldocs.examples.registry.EmbeddedRegistry;
import io.alldocs.examples.registry.ExactServer;
import io.alldocs.examples.registry.ExactServer.Exact;
import io.alldocs.http.BaseHttpClient;
import io.alldocs.http.RetryPolicy;
import io.alldocs.packument.Outcome;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests names for which a bootstrap found no final outcome, and the runs after it. */
@Timeout(60)
class UnfinishedNamesTest {
    private static final FollowOptions ONCE = FollowOptions.DEFAULT
            .until(FollowOptions.Until.ONCE)
            .interval(Duration.ofMillis(10), Duration.ofMillis(100));

    private final Map<String, Exact> answers = new ConcurrentHashMap<>();
    private final EmbeddedRegistry registry = EmbeddedRegistry.builder()
            .names("alpha", "beta", "delta", "eps", "gamma")
            .start();
    private ExactServer server;
    private Cache cache;

    @BeforeEach
    void start() throws IOException {
        server = ExactServer.start(path -> Optional.ofNullable(answers.get(path)), registry.origin());
        cache = Cache.builder().driver(new MemoryStorageDriver()).build();
    }

    @AfterEach
    void end() throws IOException {
        cache.close();
        server.close();
        registry.close();
    }

    private RegistrySync open() {
        return RegistrySync.builder()
                .env(Env.of(Map.of()))
                .job(SyncJob.builder()
                        .origin(server.origin())
                        .registry(server.origin())
                        .build())
                .cache(cache)
                .http(BaseHttpClient.builder().retry(new RetryPolicy(2, Duration.ofMillis(1), Duration.ofMillis(2))))
                .lagWait(Duration.ofMillis(10))
                .build();
    }

    @ParameterizedTest
    @ValueSource(strings = {"application/json", "text/html"})
    void follow_afterAPartialBootstrap_requestsTheNamesAgain(String type) {
        answers.put(
                "/beta",
                new Exact(
                        ("HTTP/1.1 200 OK\r\nContent-Type: " + type + "\r\nContent-Length: 2\r\n\r\n[]")
                                .getBytes(StandardCharsets.US_ASCII),
                        false));
        try (RegistrySync first = open()) {
            assertThat(first.bootstrap().status()).isEqualTo(SyncResult.Status.PARTIAL);
        }
        answers.clear();
        try (RegistrySync next = open()) {
            assertThat(next.follow(ONCE)).isTrue();
            assertThat(next.packument("beta").outcome()).isEqualTo(Outcome.OK);
            int asked = server.asked().size();

            assertThat(next.follow(ONCE)).isTrue();

            assertThat(server.asked().stream().skip(asked)).doesNotContain("/beta", "/alpha");
            assertThat(next.report().status()).isEqualTo(SyncReport.Status.COMPLETE);
        }
    }

    private long asked(String name) {
        return server.asked().stream().filter(("/" + name)::equals).count();
    }

    private static Exact answer(String head) {
        return new Exact(
                ("HTTP/1.1 " + head + "\r\nContent-Length: 0\r\n\r\n").getBytes(StandardCharsets.US_ASCII), false);
    }

    /** The 503 is retried twice in each of two rounds; then a round has made no progress. */
    @Test
    void bootstrap_redirectLoop_isRequestedOnceInARun_andAgainByTheNext() {
        answers.put("/beta", answer("302 Found\r\nLocation: /beta"));
        answers.put("/eps", answer("503 Busy"));
        try (RegistrySync sync = open()) {
            SyncResult odd = sync.bootstrap();
            assertThat(odd.status()).isEqualTo(SyncResult.Status.PARTIAL);
            assertThat(odd.failures()).containsOnlyKeys("beta", "eps");
            assertThat(odd.failures().get("beta")).contains("redirect loop");
            assertThat(asked("beta")).isEqualTo(1);
            assertThat(asked("eps")).isEqualTo(4);

            answers.remove("/eps");
            SyncResult next = sync.bootstrap();
            assertThat(next.failures()).containsOnlyKeys("beta");
            assertThat(asked("beta")).isEqualTo(2);
            answers.clear();

            assertThat(sync.bootstrap().status()).isEqualTo(SyncResult.Status.COMPLETE);
            assertThat(asked("beta")).isEqualTo(3);
            assertThat(asked("eps")).isEqualTo(5);
        }
    }
}
