package io.alldocs.cli.worker;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.alldocs.cache.Cache;
import io.alldocs.cache.CacheKey;
import io.alldocs.cli.Program;
import io.alldocs.examples.registry.EmbeddedRegistry;
import io.alldocs.examples.registry.Endpoint;
import io.alldocs.storage.filesystem.FilesystemStorageDriver;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** Tests fleets of real processes with a real Redis. */
@Timeout(300)
class FleetTest {
    private static final Duration AGE = Duration.ofSeconds(12);
    private static final int NAMES = 200;
    private static final int BATCH = 5;
    private static final int CONCURRENCY = 2;
    private static final List<String> JVM = List.of("-Xmx128m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC");

    @TempDir
    private Path folder;

    @Test
    void fleet_ofTwo_withARedisOfItsOwn_isComplete() throws Exception {
        Path cache = folder.resolve("cache");
        try (EmbeddedRegistry registry = EmbeddedRegistry.builder().names(NAMES).start()) {
            Program.Result result = Program.run(
                    Map.of("QUEUE_INTERVAL_CAP", "0"),
                    "fleet",
                    "--workers=2",
                    "--origin=" + registry.origin(),
                    "--registry=" + registry.origin(),
                    "--redis-server=" + RedisBinary.in(folder),
                    "--cache-dir=" + cache,
                    "--driver=filesystem",
                    "--target-rows=100",
                    "--batch=20",
                    "--json");

            assertThat(result.exitCode()).as(result.err()).isZero();
            JsonNode report = new ObjectMapper().readTree(result.out());
            assertThat(report.path("complete").asBoolean()).isTrue();
            assertThat(report.at("/progress/names/done").asInt()).isEqualTo(NAMES);
            assertThat(report.at("/progress/packuments/done").asInt()).isEqualTo(NAMES);
            assertThat(report.path("workers")).hasSize(2);
            assertThat(stored(cache, registry)).containsExactlyInAnyOrderElementsOf(registry.names());
            assertThat(registry.requests().count(Endpoint.PACKUMENT)).isEqualTo(NAMES);
            assertThat(cache.resolve("fleet/redis/redis.pid")).doesNotExist();
        }
    }

    @Test
    void fleet_whoseWorkerIsKilled_startsItAgain_andLosesNothing() throws Exception {
        Path cache = folder.resolve("cache");
        try (EmbeddedRegistry registry = EmbeddedRegistry.builder().names(NAMES).start();
                RedisProcess redis = RedisProcess.start(RedisBinary.in(folder).toString(), folder.resolve("redis"))) {
            List<String> said = new CopyOnWriteArrayList<>();
            Fleet fleet = new Fleet(
                    2,
                    Map.of(
                            "STORAGE_DRIVER", "filesystem",
                            "CACHE_DIR", cache.toString(),
                            "NPM_ORIGIN", registry.origin().toString(),
                            "NPM_REGISTRY", registry.origin().toString(),
                            "QUEUE_DRIVER", "redis",
                            "REDIS_URL", redis.url(),
                            "QUEUE_INTERVAL_CAP", "10",
                            "QUEUE_LEASE_MS", "6000",
                            "WORKER_CONCURRENCY", Integer.toString(CONCURRENCY)),
                    JVM,
                    CommandLine.populateCommand(new PlanOptions(), "--target-rows=100", "--batch=" + BATCH),
                    folder.resolve("logs"),
                    said::add);
            FutureTask<FleetReport> run = new FutureTask<>(fleet::run);
            new Thread(run, "fleet").start();

            FleetMember victim = fleet.members().get(0);
            while (!victim.hasWorked()) {
                assertThat(run.isDone())
                        .as("the victim has worked before the end: %s", said)
                        .isFalse();
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
            }
            victim.kill();

            FleetReport report = run.get();
            assertThat(report.complete()).as("%s", report).isTrue();
            assertThat(report.dead()).isZero();
            assertThat(report.workers().get(0).starts()).isEqualTo(2);
            assertThat(said).last().asString().contains("queue: empty");
            assertThat(said)
                    .anySatisfy(line -> assertThat(line)
                            .startsWith("Worker 1 was killed by signal 9 (SIGKILL). It is restarted.")
                            .endsWith("run again when their leases expire."))
                    .anySatisfy(line -> assertThat(line).startsWith("Worker 1 is process "))
                    .anySatisfy(line -> assertThat(line).startsWith("Worker 1 was restarted as process "))
                    .anySatisfy(line -> assertThat(line)
                            .containsPattern(
                                    "^Fetching packuments: [0-9]+ of (about )?[0-9,]+ .*by worker: [0-9]+, [0-9]+"));
            assertThat(stored(cache, registry)).containsExactlyInAnyOrderElementsOf(registry.names());
            assertThat(registry.requests().count(Endpoint.PACKUMENT) - NAMES)
                    .as("requested twice: the batches that were in flight")
                    .isBetween(0L, (long) CONCURRENCY * BATCH);
        }
    }

    private static List<String> stored(Path cacheDir, EmbeddedRegistry registry) {
        try (FilesystemStorageDriver driver =
                        FilesystemStorageDriver.builder(cacheDir).build();
                Cache cache = Cache.builder().driver(driver).build();
                Stream<String> keys = cache.keys(CacheKey.prefix(CacheKey.Kind.PACKUMENT, registry.origin()))) {
            return keys.map(key -> CacheKey.parse(key).packageName().orElseThrow())
                    .toList();
        }
    }

    /** The items of a durable queue remain after the worker ends, and SIGTERM is not a failure. */
    @Test
    void worker_terminatedInTheMiddle_endsWithZero_andTheNextOneFinishes() throws Exception {
        Path cache = folder.resolve("cache");
        try (EmbeddedRegistry registry = EmbeddedRegistry.builder().names(NAMES).start()) {
            Map<String, String> environment = Map.of(
                    "STORAGE_DRIVER",
                    "filesystem",
                    "CACHE_DIR",
                    cache.toString(),
                    "NPM_ORIGIN",
                    registry.origin().toString(),
                    "NPM_REGISTRY",
                    registry.origin().toString(),
                    "QUEUE_DURABLE",
                    "true",
                    "QUEUE_INTERVAL_CAP",
                    "0");
            Program.Result seeded = Program.run(environment, "seed", "--target-rows=100", "--batch=5");
            assertThat(seeded.exitCode()).as(seeded.err()).isZero();
            assertThat(seeded.out()).contains("partition-set:all was added");

            try (WorkerProcess first = WorkerProcess.start(environment, JVM, folder, "first")) {
                while (registry.requests().count(Endpoint.PACKUMENT) < 40) {
                    assertThat(first.exitCode()).as(first.errors()).isEmpty();
                    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(2));
                }
                first.terminate();
                assertThat(first.awaitExit()).isZero();
                assertThat(Files.readString(folder.resolve("first.log"))).doesNotContain("Exception");
            }
            try (WorkerProcess second = WorkerProcess.start(environment, JVM, folder, "second")) {
                while (!isComplete(second)) {
                    assertThat(second.exitCode()).as(second.errors()).isEmpty();
                    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
                }
            }
            assertThat(stored(cache, registry)).containsExactlyInAnyOrderElementsOf(registry.names());
            assertThat(registry.requests().count(Endpoint.PACKUMENT))
                    .as("running items were finished: no name is requested twice")
                    .isEqualTo(NAMES);
        }
    }

    /** The output also contains warnings of the JVM and lines of agents. */
    @Test
    void worker_whoseJvmWritesToStandardOutput_isFoundAllTheSame() throws Exception {
        Map<String, String> environment = Map.of(
                "STORAGE_DRIVER",
                "filesystem",
                "CACHE_DIR",
                folder.resolve("cache").toString());
        try (WorkerProcess worker =
                WorkerProcess.start(environment, List.of("-Xmx128m", "--show-version"), folder, "chatty")) {
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(120);
            while (worker.progress().isEmpty()) {
                assertThat(worker.exitCode()).as(worker.errors()).isEmpty();
                assertThat(System.nanoTime()).as("it does not answer").isLessThan(deadline);
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
            }
            assertThat(Files.readString(folder.resolve("chatty.out")))
                    .doesNotStartWith("{")
                    .contains(worker.address().orElseThrow().toString());
        }
    }

    private static boolean isComplete(WorkerProcess worker) throws InterruptedException {
        return worker.progress()
                .filter(progress -> progress.at("/sets/0/packuments/done").asInt() == NAMES
                        && progress.at("/sets/0/state").asText().equals("complete")
                        && FleetView.of(List.of(progress), "all", List.of()).ended())
                .isPresent();
    }

    @Test
    void badInput_isSaid_beforeAnythingIsStarted() {
        assertUsage("--workers must be at least 1: 0", "fleet", "--workers=0");
        assertUsage("cannot be shared", "fleet", "--driver=memory", "--cache-dir=" + folder);
        assertUsage("--redis and --redis-server", "fleet", "--redis=redis://127.0.0.1:1", "--redis-server=x");
        assertUsage("Cannot start", "fleet", "--redis-server=" + folder.resolve("none"), "--cache-dir=" + folder);
        assertUsage("--batch must be between 1 and 5000: 5001", "seed", "--batch=5001");
        assertUsage("The local queue is part of the worker's process", "seed", "--cache-dir=" + folder.resolve("none"));
        assertThat(folder.resolve("none")).doesNotExist();
        assertUsage("QUEUE_DRIVER", "worker", "--queue=none", "--port=0", "--cache-dir=" + folder);
        assertUsage("WORKER_CONCURRENCY", "worker", "--concurrency=0", "--port=0", "--cache-dir=" + folder);
    }

    @Test
    void seed_withoutItsRedis_saysSo_withoutThePassword() {
        Program.Result result = Program.run(
                Map.of(
                        "QUEUE_DRIVER",
                        "redis",
                        "REDIS_URL",
                        "redis://:planted-secret@127.0.0.1:1",
                        "REDIS_TIMEOUT_MS",
                        "500"),
                "seed",
                "--cache-dir=" + folder);
        assertThat(result.exitCode()).as(result.err()).isEqualTo(2);
        assertThat(result.err()).contains("127.0.0.1:1").doesNotContain("planted-secret");
    }

    @Test
    void workerThatEnds_isDescribedByItsSignalOrExitCode() {
        assertThat(FleetMember.words(137, false)).isEqualTo("was killed by signal 9 (SIGKILL)");
        assertThat(FleetMember.words(163, false)).isEqualTo("was killed by signal 35");
        assertThat(FleetMember.words(1, false)).isEqualTo("ended with exit code 1");
        assertThat(FleetMember.words(3, true)).isEqualTo("ran out of memory");
    }

    @Test
    void view_ofAFleetThatWaits_saysForWhat() throws Exception {
        JsonNode set = new ObjectMapper()
                .readTree("{\"set\":\"all\",\"state\":\"fetch\",\"packuments\":{\"done\":10,\"total\":40}}");
        FleetView nobody = FleetView.of(List.of(), "all", List.of(0L));
        FleetView before = view(set, 0, 0, 0, 10);

        assertThat(nobody.line(nobody, 5, AGE)).isEqualTo("Waiting for a worker to respond, for 12 s.");
        assertThat(view(set, 3, 0, 1, 10).line(before, 5, AGE))
                .as("a single look may see an item between two workers")
                .isEqualTo("Fetching packuments: 10 of 40 (25 %), 0/s (by worker: 0); queue: 3 running");
        assertThat(view(set, 3, 0, 1, 10).line(view(set, 3, 0, 1, 10), 5, AGE))
                .isEqualTo("Fetching packuments: 10 of 40 (25 %), 0/s (by worker: 0); queue: 3 running; waiting"
                        + " until the leases of 2 items of a crashed worker expire");
        assertThat(view(set, 0, 4, 0, 10).line(before, 5, AGE))
                .endsWith("queue: 4 delayed; waiting until delayed items are due");
        JsonNode sent = new ObjectMapper().readTree("{\"noResponse\":1,\"statuses\":{\"200\":48,\"404\":1}}");
        assertThat(view(set, 3, 0, 3, 10, sent).line(before, 5, AGE))
                .isEqualTo("Fetching packuments: 10 of 40 (25 %), 0/s (by worker: 0); 10 requests/s; queue:"
                        + " 3 running");
        JsonNode complete = new ObjectMapper()
                .readTree("{\"set\":\"all\",\"state\":\"complete\",\"packuments\":{\"done\":40,\"total\":40}}");
        assertThat(view(complete, 0, 0, 0, 10, sent).line(before, 5, AGE))
                .isEqualTo("Complete: 40 of 40 (100 %), 0/s (by worker: 0); queue: empty");
        ((ObjectNode) set).put("state", "stopped");
        assertThat(view(set, 1, 0, 1, 10).line(before, 5, AGE)).startsWith("Starting the job: 10 of 40");
        ((ObjectNode) set).put("state", "fetch");
        assertThat(view(set, 3, 0, 3, 20).line(before, 5, AGE))
                .isEqualTo("Fetching packuments: 10 of 40 (25 %), 2/s (by worker: 2), 15 s left; queue: 3 running");
    }

    @Test
    void view_ofUnfinishedBatches_countsTheirNamesOfAllWorkers() throws Exception {
        JsonNode before = report(0, 0);
        JsonNode first = report(0, 4);
        JsonNode second = report(0, 6);
        FleetView idle = FleetView.of(List.of(before, before), "all", List.of(0L, 0L));
        FleetView busy = FleetView.of(List.of(first, second), "all", List.of(4L, 6L));
        FleetView recordedLate = FleetView.of(List.of(before, second), "all", List.of(4L, 6L));

        assertThat(busy.line(idle, 5, AGE)).startsWith("Fetching packuments: 10 of 40 (25 %), 2/s (by worker: 1, 1)");
        assertThat(recordedLate.line(busy, 5, AGE))
                .as("the first worker's batch has ended, and its record is not read yet")
                .startsWith("Fetching packuments: 10 of 40");
        assertThat(FleetView.of(List.of(report(40, 6)), "all", List.of(46L)).line(busy, 5, AGE))
                .startsWith("Fetching packuments: 40 of 40 (100 %)");
    }

    private static JsonNode report(int done, int running) throws IOException {
        return new ObjectMapper()
                .readTree("{\"queue\":{\"waiting\":1},\"sets\":[{\"set\":\"all\",\"state\":\"fetch\",\"packuments\":"
                        + "{\"done\":" + done + ",\"total\":40,\"running\":" + running + "}}]}");
    }

    private static FleetView view(JsonNode set, int running, int delayed, int busy, long done) {
        return view(set, running, delayed, busy, done, MissingNode.getInstance());
    }

    private static FleetView view(JsonNode set, int running, int delayed, int busy, long done, JsonNode http) {
        var answer = new ObjectMapper().createObjectNode();
        answer.putObject("queue").put("waiting", 0).put("running", running).put("delayed", delayed);
        answer.putObject("worker").put("busy", busy);
        answer.putArray("sets").add(set);
        answer.set("http", http);
        return FleetView.of(List.of(answer), "all", List.of(done));
    }

    @Test
    void seed_withFilterPrefixAndPivots_putsThemIntoTheItem() {
        PlanOptions plan = CommandLine.populateCommand(
                new PlanOptions(), "--prefix=a", "--allow=ab*,ac*", "--deny=abc", "--pivots=ab,ac");

        JsonNode payload = plan.item().payload().as(JsonNode.class);

        assertThat(payload.path("start").asText()).isEqualTo("a");
        assertThat(payload.path("end").asText()).isEqualTo("b");
        assertThat(payload.path("allow")).extracting(JsonNode::asText).containsExactly("ab*", "ac*");
        assertThat(payload.path("deny")).extracting(JsonNode::asText).containsExactly("abc");
        assertThat(payload.path("pivots")).extracting(JsonNode::asText).containsExactly("ab", "ac");
        assertThat(CommandLine.populateCommand(
                                new PlanOptions(), plan.arguments().toArray(String[]::new))
                        .item())
                .isEqualTo(plan.item());
    }

    private static void assertUsage(String words, String... line) {
        Program.Result result = Program.run(line);
        assertThat(result.exitCode()).as(result.err()).isEqualTo(2);
        assertThat(result.err()).contains(words);
    }
}
