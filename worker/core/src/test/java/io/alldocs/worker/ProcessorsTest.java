package io.alldocs.worker;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.alldocs.cache.CacheKey;
import io.alldocs.cache.PartitionCheckpoint;
import io.alldocs.cache.PartitionCheckpoint.Progress;
import io.alldocs.examples.registry.EmbeddedRegistry;
import io.alldocs.worker.spi.DeadLetter;
import io.alldocs.worker.spi.QueueSizes;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ProcessorsTest {
    private static final int NAMES = 1_000;
    private static final Duration PATIENCE = Duration.ofSeconds(90);

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

    private Progress progress(String set) {
        PartitionCheckpoint checkpoint = new PartitionCheckpoint(bench.cache, set);
        checkpoint.header();
        return checkpoint.getProgress();
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

    private void work(Worker.Builder worker) throws Exception {
        try (Worker running = worker.build().start()) {
            assertThat(running.awaitIdle(PATIENCE)).as("%s", running.status()).isTrue();
            assertThat(running.failure()).isEmpty();
        }
    }

    @Test
    void partitionSet_names_storesAllPages() throws Exception {
        bench.queue.enqueue(plan(set("s").put("targetRows", 150)));

        work(bench.worker(registry.origin(), 100));

        Progress progress = progress("s");
        assertThat(progress.complete()).isEqualTo(progress.total()).isGreaterThanOrEqualTo(7);
        assertThat(progress.rows()).isEqualTo(NAMES);
        assertThat(bench.queue.sizes()).isEqualTo(new QueueSizes(0, 0, 0, 0));
        assertThat(stored()).isEmpty();
    }

    @Test
    void partitionSet_packuments_storesEveryName_andBothCheckpointsAreComplete() throws Exception {
        bench.queue.enqueue(
                plan(set("s").put("targetRows", 150).put("packuments", true).put("batch", 7)));

        work(bench.worker(registry.origin(), 100));

        assertComplete("s");
    }

    private void assertComplete(String set) {
        Progress names = progress(set);
        Progress packuments = progress(set + "-packuments");
        assertThat(names.complete()).isEqualTo(names.total());
        assertThat(packuments.complete()).isEqualTo(packuments.total());
        assertThat(names.rows()).isEqualTo(NAMES);
        assertThat(packuments.rows()).isEqualTo(NAMES);
        assertThat(stored()).containsExactlyInAnyOrderElementsOf(registry.names());
        assertThat(dead()).isEmpty();
        try (Stream<String> keys = bench.cache.keys("v1:batch:")) {
            assertThat(keys).isEmpty();
        }
    }
}
