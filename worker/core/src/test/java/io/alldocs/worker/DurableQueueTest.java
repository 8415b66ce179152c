package io.alldocs.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.alldocs.cache.MemoryStorageDriver;
import io.alldocs.cache.body.Body;
import io.alldocs.cache.entry.EntryMetadata;
import io.alldocs.cache.entry.IntegrityException;
import io.alldocs.cache.spi.StorageCapabilities;
import io.alldocs.cache.spi.StorageDriver;
import io.alldocs.cache.spi.StorageException;
import io.alldocs.cache.spi.StoredEntry;
import io.alldocs.worker.spi.DeadLetter;
import io.alldocs.worker.spi.Lease;
import io.alldocs.worker.spi.QueueException;
import io.alldocs.worker.spi.QueueOptions;
import io.alldocs.worker.spi.QueueSizes;
import io.alldocs.worker.spi.Settlement.Done;
import io.alldocs.worker.spi.Settlement.Released;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Tests the guarantees of a local queue with a store that the contract does not cover. */
class DurableQueueTest {
    private static final QueueOptions OPTIONS = new QueueOptions(
            "kept",
            3,
            Duration.ofMillis(20),
            Duration.ofMillis(100),
            Duration.ofSeconds(30),
            2,
            Duration.ofSeconds(1),
            0);

    private final MemoryStorageDriver memory = new MemoryStorageDriver();
    private final FailingStore store = new FailingStore(memory);

    private LocalWorkQueue open() {
        return LocalWorkQueue.builder().options(OPTIONS).store(store).build();
    }

    private static List<WorkItem> items(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> WorkItem.of("t", "item-" + i, JsonNodeFactory.instance.numberNode(i)))
                .toList();
    }

    private List<String> keys() {
        try (Stream<String> keys = memory.list("", null)) {
            return keys.toList();
        }
    }

    @Test
    void enqueue_returns_afterItemsAreStored_inBatches() {
        try (LocalWorkQueue queue = open()) {
            queue.enqueue(items(1_200), Duration.ZERO);
            assertThat(keys())
                    .filteredOn(key -> key.startsWith("v1:queue:6b657074:"))
                    .hasSize(1_201);
            assertThat(store.batches).isEqualTo(3);
        }
    }

    @Test
    void crash_keepsOrderAndItems_andDropsWhatWasDone() throws Exception {
        LocalWorkQueue crashed = open();
        crashed.enqueue(items(10), Duration.ZERO);
        List<Lease> leases = crashed.reserve(4, Duration.ZERO);
        crashed.settle(List.of(new Done(leases.get(0)), new Released(leases.get(3))));

        try (LocalWorkQueue queue = open()) {
            assertThat(queue.sizes()).isEqualTo(new QueueSizes(9, 0, 0, 0));
            assertThat(queue.reserve(20, Duration.ZERO))
                    .extracting(lease -> lease.item().id())
                    .containsExactly(
                            "item-1", "item-2", "item-3", "item-4", "item-5", "item-6", "item-7", "item-8", "item-9");
            assertThat(queue.settle(List.of(new Done(leases.get(1)))))
                    .as("a lease of before")
                    .hasSize(1);
        }
    }

    @Test
    void crash_whileTheSameItemRuns_againAndAgain_makesItADeadLetter() throws Exception {
        LocalWorkQueue first = open();
        first.enqueue(items(3), Duration.ZERO);
        first.reserve(1, Duration.ZERO);

        LocalWorkQueue second = open();
        assertThat(second.reserve(1, Duration.ZERO).get(0).item().id()).isEqualTo("item-0");

        try (LocalWorkQueue third = open()) {
            assertThat(third.sizes()).isEqualTo(new QueueSizes(2, 0, 0, 1));
            try (Stream<DeadLetter> dead = third.deadLetters()) {
                assertThat(dead.findFirst().orElseThrow().reason()).contains("2 times");
            }
        }
    }

    @Test
    void restart_withoutACrash_countsNoLostLease() throws Exception {
        for (int i = 0; i < 5; i++) {
            try (LocalWorkQueue queue = open()) {
                queue.enqueue(items(1), Duration.ZERO);
                queue.settle(
                        List.of(new Released(queue.reserve(1, Duration.ZERO).get(0))));
            }
        }
        try (LocalWorkQueue queue = open()) {
            assertThat(queue.sizes()).isEqualTo(new QueueSizes(1, 0, 0, 0));
        }
    }

    @Test
    void enqueue_storeFails_addsNothing_andSaysSo() {
        try (LocalWorkQueue queue = open()) {
            store.failing = true;
            assertThatThrownBy(() -> queue.enqueue(items(5), Duration.ZERO))
                    .isInstanceOfSatisfying(
                            QueueException.class, e -> assertThat(e.retryable()).isTrue())
                    .hasMessageContaining("kept")
                    .hasMessageContaining("disk is busy");
            store.failing = false;

            assertThat(queue.size()).isZero();
            assertThat(queue.enqueue(items(5), Duration.ZERO)).isEqualTo(5);
        }
    }

    @Test
    void reserveAndSettle_storeFails_changeNothing() throws Exception {
        try (LocalWorkQueue queue = open()) {
            queue.enqueue(items(2), Duration.ZERO);
            Lease lease = queue.reserve(1, Duration.ZERO).get(0);
            store.failing = true;
            assertThatThrownBy(() -> queue.reserve(1, Duration.ZERO)).isInstanceOf(QueueException.class);
            assertThatThrownBy(() -> queue.settle(List.of(new Done(lease)))).isInstanceOf(QueueException.class);
            store.failing = false;

            assertThat(queue.sizes()).isEqualTo(new QueueSizes(1, 0, 1, 0));
            assertThat(queue.settle(List.of(new Done(lease)))).isEmpty();
            assertThat(queue.reserve(1, Duration.ZERO).get(0).item().id()).isEqualTo("item-1");
        }
    }

    @Test
    void open_damagedItem_namesItsKey() {
        try (LocalWorkQueue queue = open()) {
            queue.enqueue(items(1), Duration.ZERO);
        }
        String key = keys().get(0);
        byte[] other = "{\"id\":\"x\"}".getBytes(java.nio.charset.StandardCharsets.UTF_8);
        EntryMetadata head = memory.head(key).orElseThrow();
        memory.put(key, EntryMetadata.bare(other.length, head.integrity(), Instant.EPOCH), Body.of(other));

        assertThatThrownBy(this::open).isInstanceOf(IntegrityException.class).hasMessageContaining(key);
    }

    @Test
    void open_twoQueuesOfOneStore_doNotMix() {
        QueueOptions longer = new QueueOptions(
                "kept.too", 3, OPTIONS.backoff(), OPTIONS.maxBackoff(), OPTIONS.lease(), 2, OPTIONS.interval(), 0);
        try (LocalWorkQueue queue = open();
                LocalWorkQueue other =
                        LocalWorkQueue.builder().options(longer).store(store).build()) {
            queue.enqueue(items(3), Duration.ZERO);
            other.enqueue(items(5), Duration.ZERO);
        }
        try (LocalWorkQueue queue = open()) {
            assertThat(queue.size()).isEqualTo(3);
        }
    }

    @Test
    void open_storeThatCannotBeReliedOn_isRefused() {
        store.capabilities = new StorageCapabilities(true, 8192, 1 << 20, false, true, true, 1);

        assertThatThrownBy(this::open)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("eventually consistent");
    }

    /** The memory driver, which fails when a test requires it. */
    private static final class FailingStore implements StorageDriver {
        private final MemoryStorageDriver memory;
        private StorageCapabilities capabilities;
        private boolean failing;
        private int batches;

        FailingStore(MemoryStorageDriver memory) {
            this.memory = memory;
            this.capabilities = memory.capabilities();
        }

        private void check() {
            if (failing) {
                throw new StorageException("The disk is busy", true, null);
            }
        }

        @Override
        public String name() {
            return "failing";
        }

        @Override
        public StorageCapabilities capabilities() {
            return capabilities;
        }

        @Override
        public Optional<StoredEntry> get(String key) {
            check();
            return memory.get(key);
        }

        @Override
        public Optional<EntryMetadata> head(String key) {
            check();
            return memory.head(key);
        }

        @Override
        public void put(String key, EntryMetadata head, Body body) {
            check();
            memory.put(key, head, body);
        }

        @Override
        public void putBatch(Map<String, StoredEntry> entries) {
            batches++;
            StorageDriver.super.putBatch(entries);
        }

        @Override
        public void delete(String key) {
            check();
            memory.delete(key);
        }

        @Override
        public Stream<String> list(String prefix, @Nullable String startAfter) {
            check();
            return memory.list(prefix, startAfter);
        }

        @Override
        public void close() {}
    }
}
