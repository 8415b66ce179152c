package io.alldocs.examples.programs.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;

import io.alldocs.cache.Body;
import io.alldocs.cache.Cache;
import io.alldocs.cache.EntryHead;
import io.alldocs.cache.MemoryStorageDriver;
import io.alldocs.cache.spi.StorageDriver;
import io.alldocs.examples.registry.EmbeddedRegistry;
import io.alldocs.packument.PackumentClient;
import io.alldocs.partition.ChangesClient;
import io.alldocs.partition.Partition;
import io.alldocs.partition.PartitionClient;
import java.net.URI;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class HeldKeysTest {
    private static final String PREFIX = "v1:packument:npm:";

    @Property(tries = 200)
    void mayHold_inAnyOrder_isWhatTheStoreHolds(
            @ForAll @Size(max = 60) Set<@IntRange(max = 5_000) Integer> held,
            @ForAll @Size(max = 60) List<@IntRange(max = 5_000) Integer> asked) {
        MemoryStorageDriver driver = new MemoryStorageDriver();
        held.forEach(number -> put(driver, number));

        try (HeldKeys keys = new HeldKeys(driver, PREFIX)) {
            asked.forEach(number -> assertThat(keys.mayHold(key(number)))
                    .as("%s of %s", number, held)
                    .isEqualTo(held.contains(number)));
            asked.stream()
                    .sorted()
                    .forEach(number -> assertThat(keys.mayHold(key(number)))
                            .as("%s of %s", number, held)
                            .isEqualTo(held.contains(number)));
        }
    }

    @Test
    void mayHold_farApart_readsFewKeysBetween() {
        CountedStore store = new CountedStore();
        StorageDriver driver = store.driver();
        IntStream.range(0, 30_000).forEach(number -> put(driver, number));
        store.reset();

        try (HeldKeys keys = new HeldKeys(driver, PREFIX)) {
            assertThat(keys.mayHold(key(1))).isTrue();
            assertThat(keys.mayHold(key(29_000))).isTrue();
            assertThat(keys.mayHold(key(30_001))).isFalse();
        }
        assertThat(store.listed()).isLessThan(4_000);
    }

    @Test
    void bootstrap_intoAnEmptyStore_readsNoEntryAndWritesEachOnce() {
        CountedStore store = new CountedStore();
        try (EmbeddedRegistry registry = EmbeddedRegistry.builder().names(300).start()) {
            BootstrapReport first = bootstrap(registry, store.driver());

            assertThat(first.exitCode()).isZero();
            assertThat(store.calls("put")).isEqualTo(300);
            assertThat(store.calls("get") + store.calls("head") + store.calls("has"))
                    .isLessThanOrEqualTo(outcomesWithoutDocument(registry));

            store.reset();
            BootstrapReport second = bootstrap(registry, store.driver());

            assertThat(second.exitCode()).isZero();
            assertThat(store.calls("put") + store.calls("get")).isZero();
            assertThat(store.calls("head")).isEqualTo(300);
        }
    }

    /** What was not found may stand beside a document that was: that costs a look. */
    private static long outcomesWithoutDocument(EmbeddedRegistry registry) {
        return registry.names().stream()
                .filter(name -> registry.packument(name, io.alldocs.examples.registry.PackumentForm.FULL)
                        .isEmpty())
                .count();
    }

    private static BootstrapReport bootstrap(EmbeddedRegistry registry, StorageDriver driver) {
        URI origin = registry.origin();
        try (Cache cache = Cache.builder().driver(driver).build();
                PartitionClient partitions =
                        PartitionClient.builder().cache(cache).origin(origin).build();
                ChangesClient changes = ChangesClient.builder().origin(origin).build();
                PackumentClient packuments =
                        PackumentClient.builder().cache(cache).registry(origin).build()) {
            Job job = new Job(Optional.of(origin), origin, Form.FULL, Partition.all(), Optional.empty());
            return Bootstrap.builder()
                    .job(job)
                    .cache(cache)
                    .partitions(partitions)
                    .changes(changes)
                    .packuments(packuments)
                    .build()
                    .run();
        }
    }

    private static void put(StorageDriver driver, int number) {
        byte[] body = {'{', '}'};
        driver.put(key(number), EntryHead.bare(body.length, null, Instant.EPOCH), Body.of(body));
    }

    private static String key(int number) {
        return PREFIX + "%08x".formatted(number);
    }
}
