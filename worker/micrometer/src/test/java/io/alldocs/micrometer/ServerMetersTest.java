package io.alldocs.micrometer;

import static org.assertj.core.api.Assertions.assertThat;

import io.alldocs.Env;
import io.alldocs.cache.Cache;
import io.alldocs.cache.MemoryStorageDriver;
import io.alldocs.cache.spi.StorageDriver;
import io.alldocs.examples.registry.EmbeddedRegistry;
import io.alldocs.worker.LocalWorkQueue;
import io.alldocs.worker.Processor;
import io.alldocs.worker.WorkContext;
import io.alldocs.worker.WorkException;
import io.alldocs.worker.WorkItem;
import io.alldocs.worker.WorkResult;
import io.alldocs.worker.Worker;
import io.alldocs.worker.WorkerServer;
import io.alldocs.worker.mirror.MirrorServer;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Measures real workers and mirrors, and compares the meters with the servers' own pages. */
@Timeout(120)
class ServerMetersTest {
    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    /** Succeeds with seven units, unless the item's id begins with "bad". */
    private static final class Task implements Processor {
        @Override
        public String type() {
            return "task";
        }

        @Override
        public WorkResult process(WorkItem item, WorkContext context) {
            if (item.id().startsWith("bad")) {
                throw WorkException.permanent("bad", null);
            }
            return WorkResult.of(7);
        }
    }

    private static String get(String address, int status) {
        try {
            HttpResponse<String> response =
                    HTTP.send(HttpRequest.newBuilder(URI.create(address)).build(), BodyHandlers.ofString());
            assertThat(response.statusCode()).isEqualTo(status);
            return response.body();
        } catch (java.io.IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Returns the descriptions of the metrics on a page by their names. */
    private static Map<String, String> descriptions(String page) {
        return page.lines()
                .filter(line -> line.startsWith("# HELP "))
                .map(line -> line.split(" ", 4))
                .collect(Collectors.toMap(words -> words[2], words -> words[3], (one, other) -> one, TreeMap::new));
    }

    /** Runs a worker until its queue is idle, and passes its page of metrics on. */
    private static void work(MeterRegistry registry, List<WorkItem> items, Consumer<String> check) throws Exception {
        WorkerMeters meters = new WorkerMeters(registry, Tags.of("worker", "test"));
        try (EmbeddedRegistry npm = EmbeddedRegistry.builder().names("alpha").start();
                Cache cache = Cache.builder().build();
                LocalWorkQueue queue = LocalWorkQueue.builder().build();
                Worker worker = Worker.builder()
                        .cache(cache)
                        .queue(queue)
                        .env(Env.of(Map.of("NPM_REGISTRY", npm.origin().toString())))
                        .processor(new Task())
                        .listener(meters)
                        .httpListener(new HttpMeters(registry, Tags.of("worker", "test")))
                        .build();
                WorkerServer server = WorkerServer.builder().build().start()) {
            meters.bind(worker);
            server.attach(worker);
            queue.enqueue(items, Duration.ZERO);
            worker.start();
            assertThat(worker.awaitIdle(PATIENCE)).isTrue();
            worker.perform(WorkItem.of("packument", "alpha", packument("alpha")));
            check.accept(get("http://127.0.0.1:" + server.port() + "/metrics", 200));
        }
    }

    private static com.fasterxml.jackson.databind.JsonNode packument(String name) {
        return com.fasterxml.jackson.databind.node.JsonNodeFactory.instance
                .objectNode()
                .put("name", name);
    }

    @Test
    void worker_withMeters_countsItemsByTypeAndOutcome() throws Exception {
        SimpleMeterRegistry meters = new SimpleMeterRegistry();
        List<WorkItem> items = List.of(WorkItem.of("task", "a"), WorkItem.of("task", "b"), WorkItem.of("task", "bad"));

        work(meters, items, page -> {
            assertThat(meters.get("all.docs.worker.items")
                            .tags("type", "task", "outcome", "done", "worker", "test")
                            .counter()
                            .count())
                    .isEqualTo(2);
            assertThat(meters.get("all.docs.worker.items")
                            .tags("type", "task", "outcome", "dead")
                            .counter()
                            .count())
                    .isEqualTo(1);
            assertThat(meters.get("all.docs.worker.units")
                            .tag("type", "task")
                            .counter()
                            .count())
                    .isEqualTo(14);
            assertThat(meters.get("all.docs.worker.item.duration")
                            .tag("type", "task")
                            .timer()
                            .count())
                    .isEqualTo(3);
            assertThat(meters.get("all.docs.queue.items")
                            .tag("state", "dead")
                            .gauge()
                            .value())
                    .isEqualTo(1);
            assertThat(meters.get("all.docs.worker.up").gauge().value()).isEqualTo(1);
            assertThat(meters.get("all.docs.http.requests")
                            .tag("status", "200")
                            .timer()
                            .count())
                    .isPositive();
        });
    }

    @Test
    void worker_manyTypesOfItems_addNoMoreThanAHundredTags() throws Exception {
        SimpleMeterRegistry meters = new SimpleMeterRegistry();
        List<WorkItem> items = IntStream.range(0, 150)
                .mapToObj(i -> WorkItem.of("unknown-" + i, "x" + i))
                .toList();

        work(meters, items, page -> {
            assertThat(meters.get("all.docs.worker.item.duration").timers()).hasSizeLessThanOrEqualTo(102);
            assertThat(meters.get("all.docs.worker.items")
                            .tags("type", "(others)", "outcome", "dead")
                            .counter()
                            .count())
                    .isGreaterThanOrEqualTo(49);
        });
    }

    /** The names are the same, so that a dashboard suits both; the page has more about jobs and pauses. */
    @Test
    void worker_pageAndMeters_haveTheSameNamesAndDescriptions() throws Exception {
        PrometheusMeterRegistry meters = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);

        work(meters, List.of(WorkItem.of("task", "a")), page -> {
            Map<String, String> own = descriptions(page);
            own.keySet().removeIf(name -> name.startsWith("all_docs_set_"));
            own.keySet().removeAll(Set.of("all_docs_http_pause_seconds", "all_docs_worker_start_time_seconds"));
            assertThat(own).hasSizeGreaterThan(9);
            assertThat(descriptions(meters.scrape())).containsAllEntriesOf(own);
        });
    }

    private static void mirror(MeterRegistry registry, Consumer<MirrorServer> check) {
        MirrorMeters meters = new MirrorMeters(registry, Tags.of("mirror", "test"));
        StorageDriver memory = new MemoryStorageDriver();
        try (EmbeddedRegistry npm = EmbeddedRegistry.builder().names("alpha").start();
                Cache cache = Cache.builder().driver(memory).build();
                MirrorServer mirror = MirrorServer.builder()
                        .cache(cache)
                        .registry(npm.origin())
                        .pullThrough()
                        .listener(meters)
                        .start()) {
            meters.bind(mirror);
            get(mirror.address() + "/alpha", 200);
            get(mirror.address() + "/alpha", 200);
            get(mirror.address() + "/no-such-name-at-all", 404);
            get(mirror.address() + "/-/ping", 200); // a response is counted before the connection's next request
            check.accept(mirror);
        }
    }

    @Test
    void mirror_withMeters_countsRoutesAndEvents() {
        SimpleMeterRegistry meters = new SimpleMeterRegistry();

        mirror(meters, mirror -> {
            assertThat(meters.get("all.docs.mirror.requests")
                            .tags("route", "packument", "status", "404", "mirror", "test")
                            .counter()
                            .count())
                    .isEqualTo(1);
            assertThat(meters.get("all.docs.mirror.request.duration").timer().count())
                    .isGreaterThanOrEqualTo(3);
            assertThat(meters.get("all.docs.mirror.upstream.requests").counter().count())
                    .isEqualTo(2);
            assertThat(meters.get("all.docs.mirror.sent").counter().count()).isPositive();
            assertThat(meters.get("all.docs.mirror.connections").gauge().value())
                    .isPositive();
            assertThat(meters.get("all.docs.mirror.policy.file.current").gauge().value())
                    .isNaN();
        });
    }

    @Test
    void mirror_pageAndMeters_haveTheSameNamesAndDescriptions() {
        PrometheusMeterRegistry meters = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        HttpMeters http = new HttpMeters(meters, Tags.of("mirror", "test"));

        mirror(meters, mirror -> {
            assertThat(http).isNotNull();
            Map<String, String> own = descriptions(get(mirror.address() + "/-/metrics", 200));
            assertThat(own).hasSizeGreaterThan(20);
            assertThat(descriptions(meters.scrape())).containsAllEntriesOf(own);
        });
    }
}
