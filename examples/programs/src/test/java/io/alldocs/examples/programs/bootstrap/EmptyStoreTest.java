package io.alldocs.examples.programs.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;

import io.alldocs.cache.Cache;
import io.alldocs.cache.spi.StorageDriver;
import io.alldocs.examples.registry.EmbeddedRegistry;
import io.alldocs.packument.PackumentClient;
import io.alldocs.partition.ChangesClient;
import io.alldocs.partition.Partition;
import io.alldocs.partition.PartitionClient;
import java.net.URI;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class EmptyStoreTest {
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
}
