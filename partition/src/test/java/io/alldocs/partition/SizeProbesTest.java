package io.alldocs.partition;

import static org.assertj.core.api.Assertions.assertThat;

import io.alldocs.cache.Cache;
import io.alldocs.examples.registry.EmbeddedRegistry;
import io.alldocs.examples.registry.Endpoint;
import io.alldocs.examples.registry.Fault;
import io.alldocs.http.BaseHttpClient;
import io.alldocs.http.HostLimiters;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SizeProbesTest {
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
                .origin(registry.origin())
                .cache(cache)
                .http(http)
                .build();
    }

    @Test
    void sizes_databaseThatCounts_areThoseOfItsNamesWithOneProbeForEachEnd() {
        try (EmbeddedRegistry registry = EmbeddedRegistry.builder().names(5_000).start()) {
            PartitionClient client = client(registry);
            PartitionSet set = PartitionSet.fromPivots(Pivots.from(registry.names(), 700));
            registry.requests().reset();

            List<Long> sizes = client.sizes(set);

            assertThat(sizes).containsExactly(700L, 700L, 700L, 700L, 700L, 700L, 700L, 100L);
            assertThat(registry.requests().count(Endpoint.ALL_DOCS)).isEqualTo(8);
            try (var keys = cache.keys("")) {
                assertThat(keys).isEmpty();
            }
        }
    }

    @Test
    void sizes_partOfTheKeySpace_endsAtItsEnd() {
        try (EmbeddedRegistry registry =
                EmbeddedRegistry.builder().names("a", "b", "b1", "b2", "c", "d").start()) {
            PartitionSet set = PartitionSet.of(List.of(Partition.of("b", "b2"), Partition.of("b2", "d")));

            assertThat(client(registry).sizes(set)).containsExactly(2L, 2L);
        }
    }

    @Test
    void sizes_emptyDatabase_areZero() {
        try (EmbeddedRegistry registry =
                EmbeddedRegistry.builder().names(List.of()).start()) {
            assertThat(client(registry).sizes(PartitionSet.fromPivots(List.of("g", "p"))))
                    .containsExactly(0L, 0L, 0L);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void sizes_databaseThatDoesNotCount_areNotMadeUp(boolean zero) {
        try (EmbeddedRegistry registry =
                EmbeddedRegistry.builder().names("a", "h", "q").start()) {
            registry.faults().set(zero ? Fault.zeroOffset() : Fault.nullOffset());

            assertThat(client(registry).sizes(PartitionSet.fromPivots(List.of("g", "p"))))
                    .isEmpty();
        }
    }
}
