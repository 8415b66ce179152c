package io.alldocs.worker;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.alldocs.Env;
import io.alldocs.cache.CacheKey;
import io.alldocs.cache.body.Body;
import io.alldocs.cache.entry.EntryMetadata;
import io.alldocs.examples.registry.EmbeddedRegistry;
import io.alldocs.examples.registry.ExactServer;
import io.alldocs.examples.registry.ExactServer.Exact;
import io.alldocs.sync.RegistrySync;
import io.alldocs.sync.SyncForm;
import io.alldocs.sync.SyncJob;
import io.alldocs.worker.internal.progress.SetsProgress;
import io.alldocs.worker.spi.DeadLetter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Tests workers that receive responses from something other than the registry for some names. The next run requests
 * these names again.
 */
@Timeout(120)
class UnfinishedNamesTest {
    private static final List<String> FIVE = List.of("alpha", "beta", "delta", "eps", "gamma");
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Map<String, Exact> answers = new ConcurrentHashMap<>();
    private final Bench bench = new Bench(2);
    private EmbeddedRegistry registry;
    private ExactServer server;

    @BeforeEach
    void start() throws IOException {
        registry = EmbeddedRegistry.builder().names(FIVE.toArray(String[]::new)).start();
        server = ExactServer.start(path -> Optional.ofNullable(answers.get(path)), registry.origin());
    }

    @AfterEach
    void end() throws IOException {
        bench.close();
        server.close();
        registry.close();
    }

    private static Exact answer(int status, String type, String body) {
        String head = "HTTP/1.1 " + status + " X\r\nContent-Type: " + type + "\r\nContent-Length: " + body.length();
        return new Exact((head + "\r\n\r\n" + body).getBytes(StandardCharsets.US_ASCII), false);
    }

    /**
     * Runs the workers until nothing is left.
     *
     * @return the state of the set
     */
    private String run(int batch) throws Exception {
        ObjectNode payload = JsonNodeFactory.instance.objectNode();
        payload.put("set", "all").put("packuments", true).put("batch", batch);
        bench.queue.enqueue(WorkItem.of("partition-set", "partition-set:all", payload));
        try (Worker worker = bench.worker(server.origin(), 50).build().start()) {
            assertThat(worker.awaitIdle(PATIENCE)).isTrue();
            return new SetsProgress(worker.context()).look().get(0).state();
        }
    }

    private Map<String, String> outcomes() {
        Map<String, String> outcomes = new TreeMap<>();
        for (String name : FIVE) {
            bench.cache
                    .head(CacheKey.packument(server.origin(), name))
                    .ifPresent(head -> outcomes.put(name, head.outcome()));
        }
        return outcomes;
    }

    private List<String> askedSince(int before) {
        return server.asked().stream()
                .skip(before)
                .map(path -> path.substring(1))
                .filter(FIVE::contains)
                .toList();
    }

    @ParameterizedTest
    @ValueSource(ints = {200, 400, 403, 404})
    void page_insteadOfPackuments_isUnfinished_andRequestedByTheNextRun(int status) throws Exception {
        FIVE.forEach(name -> answers.put("/" + name, answer(status, "text/html", "<html>Log in</html>")));

        assertThat(run(2)).isEqualTo("partial");
        assertThat(outcomes()).isEmpty();
        answers.clear();
        assertThat(run(2)).isEqualTo("complete");

        assertThat(outcomes()).hasSize(5).containsValue("ok").doesNotContainValue("blocked");
        assertThat(List.copyOf(outcomes().values())).containsOnly("ok");
        assertThat(bench.queue.sizes().open()).isZero();
    }

    @Test
    void jsonThatIsNoPackument_isRequestedAgainByTheNextRunOnly() throws Exception {
        answers.put("/beta", answer(200, "application/json", "{\"status\":\"login required\"}"));
        answers.put("/eps", answer(200, "application/json", "[]"));

        assertThat(run(2)).isEqualTo("partial");
        assertThat(outcomes()).containsEntry("beta", "malformed").containsEntry("eps", "malformed");
        int before = server.asked().size();
        assertThat(run(2)).isEqualTo("partial");
        assertThat(askedSince(before)).containsOnly("beta", "eps");
        answers.clear();
        before = server.asked().size();
        assertThat(run(2)).isEqualTo("complete");
        assertThat(askedSince(before)).containsExactlyInAnyOrder("beta", "eps");
        before = server.asked().size();
        assertThat(run(2)).isEqualTo("complete");

        assertThat(askedSince(before)).isEmpty();
        assertThat(List.copyOf(outcomes().values())).containsOnly("ok").hasSize(5);
    }

    @Test
    void redirectLoop_isRequestedOnceInARun_andAgainByTheNext() throws Exception {
        String loop = "HTTP/1.1 301 Moved\r\nLocation: /gamma\r\nContent-Length: 0\r\n\r\n";
        answers.put("/gamma", new Exact(loop.getBytes(StandardCharsets.US_ASCII), false));
        assertThat(run(5)).isEqualTo("partial");
        assertThat(askedSince(0)).containsOnlyOnce("gamma");
        answers.clear();

        assertThat(run(5)).isEqualTo("complete");

        assertThat(List.copyOf(outcomes().values())).containsOnly("ok").hasSize(5);
    }

    /** One batch of the partition is done and has a malformed name; another one is dead. */
    @Test
    void malformedName_ofAJobWithADeadBatch_isRequestedAgainByTheNextRun() throws Exception {
        answers.put("/alpha", answer(200, "application/json", "[]"));
        answers.put("/gamma", answer(200, "text/html", "<html>Log in</html>"));
        assertThat(run(1)).isEqualTo("partial");
        assertThat(outcomes()).containsEntry("alpha", "malformed").doesNotContainKey("gamma");
        answers.clear();

        assertThat(run(1)).isEqualTo("complete");

        assertThat(List.copyOf(outcomes().values())).containsOnly("ok").hasSize(5);
    }

    @Test
    void malformedName_ofASingleProcess_isRequestedAgainByWorkers_andViceVersa() throws Exception {
        answers.put("/alpha", answer(200, "application/json", "[]"));
        assertThat(sync().malformed()).isEqualTo(1);
        assertThat(run(1)).isEqualTo("partial");
        int before = server.asked().size();
        assertThat(sync().malformed()).isEqualTo(1);
        assertThat(askedSince(before)).containsOnly("alpha");
        answers.clear();

        assertThat(run(1)).isEqualTo("complete");

        assertThat(List.copyOf(outcomes().values())).containsOnly("ok").hasSize(5);
    }

    private io.alldocs.sync.SyncResult sync() {
        SyncJob job = SyncJob.builder()
                .origin(server.origin())
                .registry(server.origin())
                .form(SyncForm.FULL)
                .build();
        try (RegistrySync sync = RegistrySync.builder()
                .env(Env.of(Map.of()))
                .job(job)
                .cache(bench.cache)
                .build()) {
            return sync.bootstrap();
        }
    }

    @Test
    void packumentItem_addedAgain_requestsMalformedAndDoubtfulNames() throws Exception {
        answers.put("/alpha", answer(200, "application/json", "[]"));
        EntryMetadata old = EntryMetadata.builder()
                .status(403)
                .form("full")
                .outcome("blocked")
                .storedAt(Instant.now())
                .lifetime(Duration.ofDays(1))
                .build();
        bench.driver.put(CacheKey.packument(server.origin(), "beta").toString(), old, Body.of(new byte[0]));
        fetch("alpha");
        assertThat(outcomes()).containsEntry("alpha", "malformed");
        answers.clear();

        fetch("alpha", "beta", "delta");
        int before = server.asked().size();
        fetch("alpha", "beta", "delta");

        assertThat(askedSince(before)).isEmpty();
        assertThat(List.copyOf(outcomes().values())).containsOnly("ok").hasSize(3);
    }

    private void fetch(String... names) throws Exception {
        ObjectNode payload = JsonNodeFactory.instance.objectNode();
        List.of(names).forEach(payload.withArray("names")::add);
        bench.queue.enqueue(WorkItem.of("packument", "packument:some", payload));
        try (Worker worker = bench.worker(server.origin(), 50).build().start();
                Stream<DeadLetter> dead = bench.queue.deadLetters()) {
            assertThat(worker.awaitIdle(PATIENCE)).isTrue();
            assertThat(dead).isEmpty();
        }
    }
}
