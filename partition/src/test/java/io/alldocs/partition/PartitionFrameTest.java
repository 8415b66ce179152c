package io.alldocs.partition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.alldocs.cache.Cache;
import io.alldocs.cache.CacheKey;
import io.alldocs.cache.CacheMode;
import io.alldocs.cache.MemoryStorageDriver;
import io.alldocs.cache.RequestOptions;
import io.alldocs.cache.body.Body;
import io.alldocs.cache.entry.EntryMetadata;
import io.alldocs.cache.entry.IntegrityException;
import io.alldocs.cache.spi.StorageDriver;
import io.alldocs.examples.registry.EmbeddedRegistry;
import io.alldocs.http.BaseHttpClient;
import io.alldocs.storage.filesystem.FilesystemStorageDriver;
import io.alldocs.storage.sqlite.SqliteStorageDriver;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Tests frames over caches that a walk of the embedded registry filled. */
class PartitionFrameTest {
    private static final List<String> PIVOTS = List.of("b", "e", "m", "q");
    private static EmbeddedRegistry registry;

    @TempDir
    private Path folder;

    @BeforeAll
    static void start() {
        registry = EmbeddedRegistry.builder().names(3_000).start();
    }

    @AfterAll
    static void stop() {
        registry.close();
    }

    static List<Function<Path, StorageDriver>> drivers() {
        return List.of(
                folder -> new MemoryStorageDriver(),
                folder -> FilesystemStorageDriver.open(folder.resolve("files")),
                folder -> SqliteStorageDriver.open(folder.resolve("all-docs.sqlite")));
    }

    @ParameterizedTest
    @MethodSource("drivers")
    void rows_ofAWalkedOrigin_areItsNames(Function<Path, StorageDriver> driver) {
        try (StorageDriver store = driver.apply(folder);
                Cache cache = Cache.builder().driver(store).build()) {
            walk(cache);
            PartitionFrame frame = PartitionFrame.fromCache(cache, registry.origin());

            requireRows(frame, registry.names());
            Partition range = Partition.of("c", "f");
            requireRows(
                    frame.range(range),
                    registry.names().stream().filter(range::contains).toList());
            try (Stream<Partition> partitions = frame.range(range).partitions()) {
                assertThat(partitions).containsExactlyInAnyOrder(Partition.of("b", "e"), Partition.of("e", "m"));
            }
        }
    }

    private static void requireRows(PartitionFrame frame, List<String> names) {
        try (Stream<PartitionRow> sequential = frame.rows();
                Stream<PartitionRow> parallel = frame.rows().parallel()) {
            assertThat(sequential.map(PartitionRow::id)).containsExactlyInAnyOrderElementsOf(names);
            assertThat(parallel.map(PartitionRow::id).toList()).containsExactlyInAnyOrderElementsOf(names);
        }
    }

    @Test
    void rows_keyOfAnEmptyRange_isPassedOver() {
        try (Cache cache = Cache.builder().driver(new MemoryStorageDriver()).build()) {
            walk(cache);
            String other = cache.keys("v1:partition:").findFirst().orElseThrow();
            CacheKey page = CacheKey.parse(other);
            cache.set(
                    "v1:partition:" + page.origin() + ":7374617274:656e64",
                    cache.entry(page).orElseThrow());

            requireRows(PartitionFrame.fromCache(cache, registry.origin()), registry.names());
        }
    }

    @Test
    void verbs_ofAFrame_areThoseOfItsPages() {
        try (Cache cache = Cache.builder().driver(new MemoryStorageDriver()).build()) {
            walk(cache);
            PartitionFrame frame = PartitionFrame.fromCache(cache, registry.origin());
            List<Partition> seen = new ArrayList<>();

            frame.forEach(page -> seen.add(page.partition()));

            assertThat(seen).containsExactlyInAnyOrderElementsOf(List.copyOf(pivots().partitions()));
            assertThat(frame.reduce(0, (rows, page) -> rows + page.rows().size()))
                    .isEqualTo(registry.names().size());
            assertThat(frame.filter(page -> page.partition().start().isEmpty()).reduce(0, (pages, page) -> pages + 1))
                    .isEqualTo(1);
            try (Stream<CachedPartition> pages = frame.stream()) {
                assertThat(pages.map(page -> page.entry().json().path("rows").isArray()))
                        .hasSize(seen.size())
                        .containsOnly(true);
            }
            try (Stream<Long> sizes = frame.heads((partition, head) -> head.sizeBytes())) {
                assertThat(sizes.toList()).hasSize(seen.size()).allMatch(size -> size > 0);
            }
        }
    }

    @Test
    void rows_damagedPages_areReportedAndLeftOut() {
        MemoryStorageDriver store = new MemoryStorageDriver();
        try (Cache cache = Cache.builder().driver(store).build()) {
            walk(cache);
            damage(store, Partition.of("b", "e"), "{\"rows\":[");
            damage(store, Partition.of("e", "m"), "{\"rows\":[{\"key\":\"e\"}]}");
            Map<Partition, IntegrityException> damaged = new LinkedHashMap<>();
            PartitionFrame frame = PartitionFrame.fromCache(cache, registry.origin());

            try (Stream<PartitionRow> rows = frame.onDamage(damaged::put).rows()) {
                assertThat(rows.map(PartitionRow::id))
                        .containsExactlyInAnyOrderElementsOf(registry.names().stream()
                                .filter(name -> !Partition.of("b", "m").contains(name))
                                .toList());
            }

            assertThat(damaged).containsOnlyKeys(Partition.of("b", "e"), Partition.of("e", "m"));
            assertThatExceptionOfType(IntegrityException.class)
                    .isThrownBy(() -> frame.failOnDamage().forEach(CachedPartition::rows))
                    .withMessageContaining("[b-e]");
        }
    }

    /** Stores a value with a size and without a digest, as another program may do. */
    private static void damage(StorageDriver store, Partition partition, String json) {
        byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
        EntryMetadata head = EntryMetadata.builder()
                .status(200)
                .body(null, bytes.length, null)
                .storedAt(Instant.EPOCH)
                .build();
        store.put(partition.key(registry.origin()).toString(), head, Body.of(bytes));
    }

    private static PartitionSet pivots() {
        return Partition.fromPivots(PIVOTS.toArray(String[]::new));
    }

    private static void walk(Cache cache) {
        try (BaseHttpClient http = BaseHttpClient.builder().build();
                PartitionClient client = PartitionClient.builder()
                        .cache(cache)
                        .http(http)
                        .origin(registry.origin())
                        .build()) {
            client.requestAll(pivots().partitions(), RequestOptions.of(CacheMode.DEFAULT), result -> {});
        }
    }
}
