package io.alldocs.partition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.alldocs.cache.Cache;
import io.alldocs.examples.registry.EmbeddedRegistry;
import io.alldocs.examples.registry.Endpoint;
import io.alldocs.examples.registry.Fault;
import io.alldocs.http.BaseHttpClient;
import io.alldocs.http.HostLimiters;
import java.net.URI;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PivotSearchTest {
    private final Cache cache = Cache.builder().build();
    private final BaseHttpClient http =
            BaseHttpClient.builder().limiters(HostLimiters.create()).build();

    @AfterEach
    void close() {
        http.close();
        cache.close();
    }

    private PartitionClient client(EmbeddedRegistry registry) {
        return PartitionClient.builder()
                .origin(URI.create(registry.origin() + "/registry"))
                .cache(cache)
                .http(http)
                .build();
    }

    /** Counts the names in each partition; names and partitions are in order. */
    private static List<Integer> sizes(List<String> names, PartitionSet set) {
        int[] sizes = new int[set.size()];
        int index = 0;
        for (String name : names) {
            while (index < sizes.length && !set.get(index).contains(name) && isBehind(set.get(index), name)) {
                index++;
            }
            if (index < sizes.length && set.get(index).contains(name)) {
                sizes[index]++;
            }
        }
        return IntStream.of(sizes).boxed().toList();
    }

    private static boolean isBehind(Partition partition, String name) {
        return partition.end().isPresent()
                && !Keys.isBelow(name, partition.end().get());
    }

    @Test
    void balanced_liveDatabase_cutsBelowTheTargetWithFewProbes() {
        try (EmbeddedRegistry registry =
                        EmbeddedRegistry.builder().names(100_000).start();
                PartitionClient client = client(registry)) {
            List<String> pivots = Pivots.balanced(client, Partition.all(), 2_000);

            long probes = registry.requests().count(Endpoint.ALL_DOCS);
            List<Integer> sizes = sizes(registry.names(), PartitionSet.fromPivots(pivots));
            assertThat(sizes).allMatch(size -> size <= 2_000);
            assertThat(sizes).hasSizeBetween(50, 85);
            assertThat(probes).isLessThan(3L * pivots.size());
        }
    }

    @Test
    void balanced_partOfTheKeySpace_staysInside() {
        try (EmbeddedRegistry registry =
                        EmbeddedRegistry.builder().names(20_000).start();
                PartitionClient client = client(registry)) {
            List<String> names = registry.names();
            Partition range = Partition.of(names.get(5_000), names.get(15_000));

            List<String> pivots = Pivots.balanced(client, range, 1_000);

            assertThat(pivots).isNotEmpty().allMatch(range::contains);
            assertThat(sizes(names, PartitionSet.fromPivots(pivots).clip(range)))
                    .allMatch(size -> size <= 1_000);
        }
    }

    @Test
    void balanced_namesThatShareLongPrefixes_areStillCut() {
        List<String> names = IntStream.range(0, 3_000)
                .mapToObj(i -> "@a-very-long-scope-of-one-busy-publisher/package-" + String.format("%05d", i))
                .toList();
        try (EmbeddedRegistry registry = EmbeddedRegistry.builder().names(names).start();
                PartitionClient client = client(registry)) {
            List<String> pivots = Pivots.balanced(client, Partition.all(), 300);

            assertThat(sizes(names, PartitionSet.fromPivots(pivots))).allMatch(size -> size <= 300);
        }
    }

    @Test
    void balanced_smallOrEmpty_needsNoPivot() {
        try (EmbeddedRegistry registry =
                        EmbeddedRegistry.builder().names("a", "b").start();
                PartitionClient client = client(registry)) {
            assertThat(Pivots.balanced(client, Partition.all(), 2)).isEmpty();
            assertThat(Pivots.balanced(client, Partition.of("c", "d"), 1)).isEmpty();
            assertThat(Pivots.balanced(client, Partition.all(), 1)).hasSize(1);
        }
    }

    @Test
    void balanced_databaseThatDoesNotCount_givesNoPivots() {
        try (EmbeddedRegistry registry = EmbeddedRegistry.builder().names(5_000).start();
                PartitionClient client = client(registry)) {
            for (Fault fault : List.of(Fault.zeroOffset(), Fault.nullOffset())) {
                registry.faults().clear();
                registry.faults().set(fault);
                registry.requests().reset();

                assertThat(Pivots.balanced(client, Partition.all(), 100)).isEmpty();
                assertThat(Pivots.balanced(client, Partition.of("b", "t"), 100)).isEmpty();
                assertThat(registry.requests().total()).isLessThan(10);
            }
        }
    }

    @Test
    void balanced_databaseThatDrifts_stillGivesRisingPivots() {
        try (EmbeddedRegistry registry =
                        EmbeddedRegistry.builder().names(20_000).start();
                PartitionClient client = client(registry)) {
            registry.faults().set(Fault.drift(1));

            List<String> pivots = Pivots.balanced(client, Partition.all(), 1_000);

            assertThat(sizes(registry.names(), PartitionSet.fromPivots(pivots))).allMatch(size -> size <= 1_050);
        }
    }

    @Test
    void balanced_badTarget_isRefused() {
        try (EmbeddedRegistry registry = EmbeddedRegistry.builder().names("a").start();
                PartitionClient client = client(registry)) {
            assertThatThrownBy(() -> Pivots.balanced(client, Partition.all(), 0))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }
}
