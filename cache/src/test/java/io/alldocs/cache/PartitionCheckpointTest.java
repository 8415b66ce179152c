package io.alldocs.cache;

import static io.alldocs.cache.Samples.REPLICA;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.alldocs.cache.PartitionCheckpoint.Header;
import io.alldocs.cache.PartitionCheckpoint.Progress;
import io.alldocs.cache.PartitionCheckpoint.State;
import io.alldocs.cache.body.Body;
import io.alldocs.cache.entry.IntegrityException;
import io.alldocs.cache.internal.key.Utf8;
import io.alldocs.cache.spi.StorageCapabilities;
import io.alldocs.cache.spi.StoredEntry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class PartitionCheckpointTest {
    private final Samples.TestClock clock = new Samples.TestClock();
    private final MemoryStorageDriver driver = new MemoryStorageDriver();
    private final Cache cache = Cache.builder().driver(driver).clock(clock).build();
    private final PartitionCheckpoint checkpoint = new PartitionCheckpoint(cache, "set-1");

    private static List<CacheKey> partitions(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> CacheKey.partition(
                        REPLICA,
                        i == 0 ? null : String.format("%06d", i),
                        i == count - 1 ? null : String.format("%06d", i + 1)))
                .toList();
    }

    private Header header(String run, JsonTree sequence, List<CacheKey> partitions) {
        return new Header(run, clock.instant(), "npm", "full", sequence, partitions);
    }

    @Test
    void documentedCalls_work() {
        checkpoint.recordPartitions(REPLICA, partitions(4));
        checkpoint.markComplete(0, Map.of("rows", 100));
        checkpoint.markFailed(1, "HTTP 503");
        assertThat(checkpoint.getProgress()).isEqualTo(new Progress(4, 1, 1, 2, 100));
        assertThat(checkpoint.header().orElseThrow().form()).isEqualTo("names");
    }

    @Test
    void recordPartitions_anotherProcess_findsEverything() {
        for (JsonTree sequence : new JsonTree[] {JsonTree.of(126_365_434), JsonTree.of("12-g1AAAA"), null}) {
            Header header = header("run-1", sequence, partitions(3));
            assertThat(checkpoint.recordPartitions(header)).isEqualTo(header);
            checkpoint.markComplete(2, Map.of("rows", 7, "sha", "x", "nested", Map.of("a", List.of(1))));
            clock.advance(Duration.ofSeconds(5));
            checkpoint.markPending(0, Map.of("rows", 3, "next", "é"));
            PartitionCheckpoint other = new PartitionCheckpoint(
                    Cache.builder().driver(driver.share()).build(), "set-1");
            assertThat(other.header()).contains(header);
            assertThat(other.record(2).state()).isEqualTo(State.COMPLETE);
            assertThat(other.record(2).details())
                    .isEqualTo(Map.of("rows", 7, "sha", "x", "nested", Map.of("a", List.of(1))));
            assertThat(other.record(0).state()).isEqualTo(State.PENDING);
            assertThat(other.record(0).details()).containsEntry("next", "é");
            assertThat(other.record(0).at()).isEqualTo(clock.instant());
            assertThat(other.record(1))
                    .isEqualTo(new PartitionCheckpoint.Record(1, State.PENDING, Map.of(), Instant.EPOCH));
            assertThat(other.getProgress()).isEqualTo(new Progress(3, 1, 0, 2, 10));
            checkpoint.clear();
        }
    }

    @Test
    void recordPartitions_again_keepsTheStoredHeader() {
        Header first = checkpoint.recordPartitions(header("run-1", JsonTree.of(5), partitions(3)));
        checkpoint.markComplete(0, Map.of());
        clock.advance(Duration.ofDays(1));
        assertThat(checkpoint.recordPartitions(header("run-2", JsonTree.of(99), partitions(3))))
                .isEqualTo(first);
        assertThat(checkpoint.getProgress().complete()).isEqualTo(1);
    }

    @Test
    void recordPartitions_anotherPlan_saysWhatDiffersAndWhatToDo() {
        checkpoint.recordPartitions(header("run-1", null, partitions(3)));
        Map<String, Header> others = Map.of(
                "number of partitions",
                header("run-1", null, partitions(4)),
                "partitions",
                header(
                        "run-1",
                        null,
                        List.of(partitions(3).get(0), partitions(3).get(1), CacheKey.partition(REPLICA, "x", null))),
                "origin",
                new Header("run-1", clock.instant(), "other", "full", null, partitions(3)),
                "form",
                new Header("run-1", clock.instant(), "npm", "names", null, partitions(3)));
        others.forEach((what, header) -> assertThatThrownBy(() -> checkpoint.recordPartitions(header))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("set-1")
                .hasMessageContaining("its " + what + " differs")
                .hasMessageContaining("clear"));
    }

    @Test
    void mark_withoutPlanOrBeyondIt_isRefused() {
        assertThatThrownBy(() -> checkpoint.markComplete(0, Map.of()))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("recordPartitions");
        assertThatThrownBy(checkpoint::getProgress).isInstanceOf(IllegalStateException.class);
        assertThat(checkpoint.header()).isEmpty();
        checkpoint.recordPartitions(REPLICA, partitions(2));
        assertThatThrownBy(() -> checkpoint.markComplete(2, Map.of())).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> checkpoint.markFailed(-1, "x")).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> checkpoint.record(2)).isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void clear_thenALateWorkerOfTheOldRun_doesNotCount() {
        checkpoint.recordPartitions(header("run-1", null, partitions(2)));
        PartitionCheckpoint late = new PartitionCheckpoint(cache, "set-1");
        late.markPending(0, Map.of());
        checkpoint.markComplete(0, Map.of("rows", 5));
        checkpoint.clear();
        try (Stream<String> keys = driver.list("v1:checkpoint:", null)) {
            assertThat(keys).isEmpty();
        }
        checkpoint.recordPartitions(header("run-2", null, partitions(2)));
        late.markComplete(1, Map.of("rows", 9));
        assertThat(checkpoint.getProgress()).isEqualTo(new Progress(2, 0, 0, 2, 0));
        assertThat(checkpoint.record(1).state()).isEqualTo(State.PENDING);
    }

    @Test
    void sets_withHostileNames_doNotTouchEachOther() {
        List<String> names = List.of("a", "a:", "a:p", "A", "../a", "é", "a:p:00000000", " ");
        for (int i = 0; i < names.size(); i++) {
            PartitionCheckpoint each = new PartitionCheckpoint(cache, names.get(i));
            each.recordPartitions(REPLICA, partitions(i + 1));
            each.markComplete(0, Map.of("rows", i));
        }
        for (int i = 0; i < names.size(); i++) {
            assertThat(new PartitionCheckpoint(cache, names.get(i)).getProgress())
                    .as(names.get(i))
                    .isEqualTo(new Progress(i + 1, 1, 0, i, i));
        }
        try (Stream<String> keys = driver.list("", null)) {
            assertThat(keys).allMatch(key -> key.matches("v1:checkpoint:[0-9a-f]+:(header|p:\\d{8})"));
        }
        for (String bad : List.of("", "x".repeat(2000), "\uD83E")) {
            assertThatThrownBy(() -> new PartitionCheckpoint(cache, bad)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void workers_inParallel_loseNothing() throws Exception {
        int count = 2_000;
        checkpoint.recordPartitions(REPLICA, partitions(count));
        ExecutorService executor = Executors.newFixedThreadPool(8);
        try {
            List<Callable<Void>> work = new ArrayList<>();
            for (int worker = 0; worker < 8; worker++) {
                int first = worker;
                work.add(() -> {
                    PartitionCheckpoint mine = new PartitionCheckpoint(cache, "set-1");
                    for (int i = first; i < count; i += 8) {
                        mine.markComplete(i, Map.of("rows", 10_000));
                    }
                    return null;
                });
            }
            for (Future<Void> each : executor.invokeAll(work)) {
                each.get();
            }
        } finally {
            executor.shutdownNow();
        }
        assertThat(checkpoint.getProgress()).isEqualTo(new Progress(count, count, 0, 0, 20_000_000L));
        assertThat(checkpoint.records())
                .extracting(PartitionCheckpoint.Record::index)
                .containsExactlyElementsOf(IntStream.range(0, count).boxed().toList());
    }

    @Test
    void recordPartitions_manyProcessesAtOnce_agreeOnOneHeader() throws Exception {
        ExecutorService executor = Executors.newFixedThreadPool(8);
        try {
            for (int round = 0; round < 20; round++) {
                String set = "race-" + round;
                List<Callable<String>> starts = new ArrayList<>();
                for (int i = 0; i < 8; i++) {
                    String run = "run-" + i;
                    starts.add(() -> new PartitionCheckpoint(cache, set)
                            .recordPartitions(header(run, null, partitions(3)))
                            .runId());
                }
                Set<String> runs = new HashSet<>();
                for (Future<String> each : executor.invokeAll(starts)) {
                    runs.add(each.get());
                }
                assertThat(runs).hasSize(1);
            }
        } finally {
            executor.shutdownNow();
        }
    }

    @Test
    void construct_storeThatIsNotConsistent_isRefused() {
        CountingDriver eventual = new CountingDriver() {
            @Override
            public StorageCapabilities capabilities() {
                StorageCapabilities can = super.capabilities();
                return new StorageCapabilities(true, can.maxKeyBytes(), can.maxValueBytes(), false, false, true, 1);
            }
        };
        assertThatThrownBy(() ->
                        new PartitionCheckpoint(Cache.builder().driver(eventual).build(), "s"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("CHECKPOINT_DRIVER");
    }

    @Test
    void recordPartitions_storeWithoutConditionalPut_works() {
        CountingDriver plain = new CountingDriver() {
            @Override
            public StorageCapabilities capabilities() {
                StorageCapabilities can = super.capabilities();
                return new StorageCapabilities(true, can.maxKeyBytes(), can.maxValueBytes(), true, false, true, 1);
            }
        };
        PartitionCheckpoint simple =
                new PartitionCheckpoint(Cache.builder().driver(plain).build(), "s");
        simple.recordPartitions(REPLICA, partitions(3));
        simple.markComplete(1, Map.of("rows", 1));
        assertThat(simple.getProgress()).isEqualTo(new Progress(3, 1, 0, 2, 1));
    }

    @Test
    void read_damagedOrUnknownRecords_isAnError() throws IOException {
        checkpoint.recordPartitions(header("run-1", null, partitions(2)));
        checkpoint.markComplete(0, Map.of("rows", 5));
        String key = "v1:checkpoint:" + Utf8.hex(Samples.utf8("set-1")) + ":p:00000000";
        StoredEntry stored = driver.get(key).orElseThrow();
        String whole = new String(stored.body().toByteArray(), StandardCharsets.UTF_8);
        driver.put(key, stored.head(), Body.of(Samples.utf8(whole.replace("\"rows\":5", "\"rows\":9"))));
        assertThatThrownBy(checkpoint::getProgress)
                .isInstanceOf(IntegrityException.class)
                .hasMessageContaining(key);
        assertThatThrownBy(() -> checkpoint.record(0)).isInstanceOf(IntegrityException.class);
        cache.set(key, Map.of("run", "run-1", "state", "of a later version"));
        assertThatThrownBy(checkpoint::getProgress)
                .isInstanceOf(IntegrityException.class)
                .hasMessageContaining("partition 0");
        cache.set("v1:checkpoint:" + Utf8.hex(Samples.utf8("set-1")) + ":header", Map.of("version", 2));
        assertThatThrownBy(() -> new PartitionCheckpoint(cache, "set-1").header())
                .isInstanceOf(IntegrityException.class)
                .hasMessageContaining("set-1");
    }
}
