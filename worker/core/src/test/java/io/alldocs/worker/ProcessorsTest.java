package io.alldocs.worker;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.alldocs.cache.CacheKey;
import io.alldocs.cache.PartitionCheckpoint;
import io.alldocs.examples.registry.EmbeddedRegistry;
import io.alldocs.examples.registry.Endpoint;
import io.alldocs.examples.registry.Faults;
import io.alldocs.partition.Partition;
import io.alldocs.sync.JobProgress;
import io.alldocs.worker.internal.progress.SetsProgress;
import io.alldocs.worker.internal.progress.SetsProgress.View;
import io.alldocs.worker.spi.DeadLetter;
import io.alldocs.worker.spi.QueueSizes;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ProcessorsTest {
    private static final int NAMES = 500;
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final EmbeddedRegistry registry =
            EmbeddedRegistry.builder().names(NAMES).start();
    private final Bench bench = new Bench();

    @AfterEach
    void end() {
        bench.close();
        registry.close();
    }

    private static ObjectNode set(String name) {
        return JsonNodeFactory.instance.objectNode().put("set", name);
    }

    private static WorkItem plan(ObjectNode payload) {
        return WorkItem.of("partition-set", "plan-" + payload.path("set").asText(), payload);
    }

    private View view(String set) {
        try (Worker looking = bench.worker(registry.origin(), 50).build()) {
            return new SetsProgress(looking.context())
                    .look().stream()
                            .filter(view -> view.set().equals(set))
                            .findFirst()
                            .orElseThrow();
        }
    }

    private JobProgress progress(String set) {
        return view(set).progress().orElseThrow();
    }

    private Set<String> stored() {
        try (Stream<String> keys = bench.cache.keys(CacheKey.prefix(CacheKey.Kind.PACKUMENT, registry.origin()))) {
            return keys.map(key -> CacheKey.parse(key).packageName().orElseThrow())
                    .collect(Collectors.toSet());
        }
    }

    private List<DeadLetter> dead() {
        try (Stream<DeadLetter> letters = bench.queue.deadLetters()) {
            return letters.toList();
        }
    }

    private void work(WorkerBuilder worker) throws Exception {
        try (Worker running = worker.build().start()) {
            assertThat(running.awaitIdle(PATIENCE)).as("%s", running.status()).isTrue();
            assertThat(running.failure()).isEmpty();
        }
    }

    @Test
    void partitionSet_names_storesAllPages() throws Exception {
        bench.queue.enqueue(plan(set("s").put("targetRows", 75)));

        work(bench.worker(registry.origin(), 50));

        JobProgress progress = progress("s");
        assertThat(view("s").state()).isEqualTo("complete");
        assertThat(progress.listed()).isEqualTo(progress.partitions()).isGreaterThanOrEqualTo(7);
        assertThat(progress.names()).isEqualTo(NAMES);
        assertThat(bench.queue.sizes()).isEqualTo(new QueueSizes(0, 0, 0, 0));
        assertThat(stored()).isEmpty();
    }

    @Test
    void partitionSet_packuments_storesEveryName_andBothCheckpointsAreComplete() throws Exception {
        bench.queue.enqueue(
                plan(set("s").put("targetRows", 75).put("packuments", true).put("batch", 7)));

        work(bench.worker(registry.origin(), 50));

        assertComplete("s");
    }

    @Test
    void partitionSet_packumentsIntoAnEmptyStore_readsNoneOfThem() throws Exception {
        try (EmbeddedRegistry documents =
                EmbeddedRegistry.builder().names(200).mixedStates(false).start()) {
            bench.queue.enqueue(
                    plan(set("s").put("targetRows", 75).put("packuments", true).put("batch", 20)));

            work(bench.worker(documents.origin(), 50));

            assertThat(documents.requests().namesAskedAtLeast(1)).isEqualTo(200);
            assertThat(bench.packumentReads).hasValue(0);
        }
    }

    @Test
    void partitionSet_originThatFailsAtTimes_isCompleteAllTheSame() throws Exception {
        registry.faults().set(Faults.parse("503=0.2,cut=0.05"));
        bench.queue.enqueue(
                plan(set("s").put("targetRows", 75).put("packuments", true).put("batch", 20)));

        try (Bench impatient = new Bench(2)) {
            WorkerBuilder worker = bench.worker()
                    .partitions(impatient.partitions(registry.origin(), 50, bench.cache))
                    .packuments(impatient.packuments(registry.origin(), bench.cache));
            try (Worker running = worker.build().start()) {
                Await.until("nothing open", () -> {
                    List<String> given =
                            dead().stream().map(letter -> letter.item().id()).toList();
                    bench.queue.retryDead(given); // as an operator would
                    return bench.queue.size() == 0;
                });
                assertThat(running.failure()).isEmpty();
            }
        }

        assertComplete("s");
    }

    @Test
    void packument_batchWithFailedNames_requestsOnlyThoseAgain() throws Exception {
        registry.faults().set(Faults.parse("503=1,503-after=4,503-times=3"));
        ObjectNode payload = JsonNodeFactory.instance.objectNode();
        registry.names().subList(0, 20).forEach(payload.withArray("names")::add);
        bench.queue.enqueue(WorkItem.of("packument", "batch", payload));

        try (Bench once = new Bench(1);
                Worker running = bench.worker()
                        .packuments(once.packuments(registry.origin(), bench.cache))
                        .build()
                        .start()) {
            assertThat(running.awaitIdle(PATIENCE)).isTrue();
            assertThat(running.status().types().get("packument").units()).isEqualTo(20);
            assertThat(running.status().errors().get(0).reason()).contains("3 of 20 names failed", "503");
        }
        assertThat(registry.requests().count(Endpoint.PACKUMENT)).isEqualTo(23);
        assertThat(dead()).isEmpty();
    }

    @Test
    void partitionSet_again_resumes_andRequestsNothingTwice() throws Exception {
        ObjectNode payload =
                set("s").put("targetRows", 75).put("packuments", true).put("batch", 20);
        bench.queue.enqueue(plan(payload));
        try (Worker running = bench.worker(registry.origin(), 50).build().start()) {
            Await.until("half is done", () -> registry.requests().count(Endpoint.PACKUMENT) > NAMES / 2);
            running.stop(PATIENCE);
        }

        try (LocalWorkQueue empty =
                LocalWorkQueue.builder().options(Bench.OPTIONS).build()) { // the queue of the first one is lost
            empty.enqueue(plan(payload));
            try (Worker running =
                    bench.worker(registry.origin(), 50).queue(empty).build().start()) {
                assertThat(running.awaitIdle(PATIENCE)).isTrue();
            }
        }

        assertComplete("s");
        assertThat(registry.requests().count(Endpoint.PACKUMENT)).isEqualTo(NAMES);
    }

    @Test
    void partitionSet_whenComplete_onlyCatchesUp() throws Exception {
        ObjectNode payload =
                set("s").put("targetRows", 75).put("packuments", true).put("batch", 50);
        bench.queue.enqueue(plan(payload));
        work(bench.worker(registry.origin(), 50));
        long asked = registry.requests().count(Endpoint.PACKUMENT);
        String changed = registry.names().get(7);
        registry.publish(changed);

        bench.queue.enqueue(plan(payload));
        work(bench.worker(registry.origin(), 50));

        assertThat(registry.requests().count(Endpoint.PACKUMENT)).isEqualTo(asked + 1);
        assertComplete("s");
    }

    @Test
    void partitionSet_namesFirst_packumentsLater() throws Exception {
        bench.queue.enqueue(plan(set("s").put("targetRows", 75)));
        work(bench.worker(registry.origin(), 50));
        assertThat(stored()).isEmpty();

        bench.queue.enqueue(plan(set("s").put("packuments", true)));
        work(bench.worker(registry.origin(), 50));

        assertComplete("s");
    }

    @Test
    void partitionSet_givenPivotsAndRange_areTheirPlan() throws Exception {
        ObjectNode payload = set("s").put("start", "b").put("end", "m");
        payload.putArray("pivots").add("d").add("h");
        bench.queue.enqueue(plan(payload));
        work(bench.worker(registry.origin(), 50));

        PartitionCheckpoint checkpoint =
                new PartitionCheckpoint(bench.cache, view("s").job() + "-names");
        assertThat(checkpoint.header().orElseThrow().partitions())
                .extracting(key -> Partition.of(key).toString())
                .containsExactly("[b-d]", "[d-h]", "[h-m]");
        assertThat(progress("s").names())
                .isEqualTo(registry.names().stream()
                        .filter(Partition.of("b", "m")::contains)
                        .count());
    }

    @Test
    void items_thatMakeNoSense_areDeadLettersThatSayWhatIsWrong() throws Exception {
        ObjectNode tooMany = JsonNodeFactory.instance.objectNode();
        IntStream.range(0, 501).forEach(i -> tooMany.withArray("names").add("n" + i));
        Map<String, WorkItem> wrong = Map.of(
                "JSON object", WorkItem.of("partition-set", "2"),
                "128 bytes", WorkItem.of("partition-set", "3", set("x".repeat(129))),
                "batch", WorkItem.of("partition-set", "4", set("s").put("batch", 5_001)),
                "true or false", WorkItem.of("partition-set", "5", set("s").put("packuments", "yes")),
                "for the origin https://elsewhere.example, but this worker uses http://127.0.0.1:",
                        WorkItem.of("partition-set", "6", set("s").put("origin", "https://elsewhere.example")),
                "startKey",
                        WorkItem.of(
                                "partition",
                                "7",
                                JsonNodeFactory.instance.objectNode().put("startKey", 7)),
                "at most 500 strings", WorkItem.of("packument", "8", tooMany),
                "needs payload.packageName, name or names",
                        WorkItem.of("packument", "9a", JsonNodeFactory.instance.objectNode()),
                "payload.names",
                        WorkItem.of(
                                "packument",
                                "9",
                                JsonNodeFactory.instance.objectNode().put("names", 1)),
                "1 of 1 names failed",
                        WorkItem.of(
                                "packument",
                                "10",
                                JsonNodeFactory.instance.objectNode().put("name", "a/b/c")));
        bench.queue.enqueue(wrong.values(), Duration.ZERO);

        work(bench.worker(registry.origin(), 50));

        Map<String, DeadLetter> letters =
                dead().stream().collect(Collectors.toMap(letter -> letter.item().id(), letter -> letter));
        wrong.forEach((reason, item) -> {
            assertThat(letters.get(item.id()).reason()).contains(reason);
            assertThat(letters.get(item.id()).item().attempts()).isEqualTo(1);
        });
    }

    private void assertComplete(String set) {
        View view = view(set);
        JobProgress progress = view.progress().orElseThrow();
        assertThat(view.state()).as("%s", view).isEqualTo("complete");
        assertThat(progress.listed()).isEqualTo(progress.partitions());
        assertThat(progress.complete()).isEqualTo(progress.partitions());
        assertThat(progress.names()).isEqualTo(NAMES);
        assertThat(progress.withOutcome()).isEqualTo(NAMES);
        assertThat(progress.retries()).isZero();
        assertThat(stored()).containsExactlyInAnyOrderElementsOf(registry.names());
        assertThat(dead()).isEmpty();
        try (Stream<String> keys = bench.cache.keys("v1:sync:")) {
            assertThat(keys.filter(key -> key.contains(":batch:"))).isEmpty();
        }
    }
}
