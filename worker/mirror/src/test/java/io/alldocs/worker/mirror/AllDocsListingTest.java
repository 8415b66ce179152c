package io.alldocs.worker.mirror;

import static io.alldocs.worker.mirror.Bench.json;
import static io.alldocs.worker.mirror.Bench.packument;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.alldocs.cache.Cache;
import io.alldocs.cache.MemoryStorageDriver;
import io.alldocs.cache.spi.KeyOrder;
import io.alldocs.cache.spi.StorageDriver;
import io.alldocs.partition.Partition;
import io.alldocs.partition.PartitionClient;
import io.alldocs.partition.PartitionRows;
import io.alldocs.storage.filesystem.FilesystemStorageDriver;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Tests {@code _all_docs}, over a store that lists in order and one that does not. */
class AllDocsListingTest {
    private static final List<String> NAMES =
            List.of("-", "0", "@a/b", "@a/c", "A", "a", "a-b", "a.b", "ab", "b", "é", "🗝");

    enum Store {
        MEMORY,
        FILESYSTEM;

        StorageDriver open(Path folder) {
            return this == MEMORY ? new MemoryStorageDriver() : FilesystemStorageDriver.open(folder);
        }
    }

    @TempDir
    private Path folder;

    private StorageDriver driver;
    private Bench bench;

    private void start(Store store) {
        driver = store.open(folder);
        bench = new Bench(URI.create("https://registry.npmjs.com"), driver, builder -> builder);
        for (int i = 0; i < NAMES.size(); i++) {
            String name = NAMES.get(i);
            if (i % 3 == 1) {
                bench.storeAbbreviated(name, "{\"name\":\"" + name + "\",\"versions\":{}}");
            } else {
                bench.store(
                        name,
                        packument(name, "1.0.0"),
                        head -> head.outcome("ok").rev("3-abc"));
            }
            if (i % 3 == 2) {
                bench.storeAbbreviated(name, "{\"name\":\"" + name + "\",\"versions\":{}}");
            }
        }
        bench.record("aa", 404, "not_found");
        bench.record("zz", 451, "blocked");
    }

    @AfterEach
    void close() {
        bench.close();
        driver.close();
    }

    @ParameterizedTest
    @EnumSource
    void names_standInTheOrderOfTheirBytes_withoutThoseThatHaveNoDocument(Store store) {
        start(store);

        JsonNode page = json(bench.get("/_all_docs"));

        assertThat(ids(page)).containsExactlyElementsOf(NAMES).isSortedAccordingTo(KeyOrder.UTF8);
        assertThat(page.path("rows").get(0).toString())
                .isEqualTo("{\"id\":\"-\",\"key\":\"-\",\"value\":{\"rev\":\"3-abc\"}}");
        assertThat(page.path("total_rows").asInt()).isEqualTo(NAMES.size() + 2);
        assertThat(page.path("offset").isNull()).isTrue();
    }

    @ParameterizedTest
    @EnumSource
    void range_holdsBothItsEnds(Store store) {
        start(store);

        assertThat(ids("startkey=\"a\"&endkey=\"ab\"")).containsExactly("a", "a-b", "a.b", "ab");
        assertThat(ids("start_key=\"a!\"&end_key=\"aaa\"")).containsExactly("a-b", "a.b");
        assertThat(ids("startkey=\"ab\"&limit=2")).containsExactly("ab", "b");
        assertThat(ids("endkey=\"0\"")).containsExactly("-", "0");
        assertThat(ids("startkey=\"🗝\"")).containsExactly("🗝");
        assertThat(ids("startkey=\"🗝a\"")).isEmpty();
        assertThat(ids("startkey=\"b\"&endkey=\"a\"")).isEmpty();
        assertThat(ids("limit=0")).isEmpty();
        assertThat(ids("startkey=null&limit=1&inclusive_end=true&include_docs=false&skip=0"))
                .containsExactly("-");
    }

    @ParameterizedTest
    @EnumSource
    void partitionClient_walksThePagesToTheirEnd(Store store) {
        start(store);

        for (int limit : List.of(2, 3, 5, 1_000)) {
            try (Cache cache = Cache.builder().build();
                    PartitionClient client = PartitionClient.builder()
                            .cache(cache)
                            .origin(bench.mirror.address())
                            .pageLimit(limit)
                            .build();
                    PartitionRows rows = client.rows(Partition.all())) {
                List<String> walked = new ArrayList<>();
                rows.forEachRemaining(row -> walked.add(row.id()));
                assertThat(walked).as("pages of " + limit).containsExactlyElementsOf(NAMES);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void whatIsNotServed_isRefusedWithAReason(Store store) {
        start(store);

        for (String query : List.of(
                "include_docs=true",
                "skip=1",
                "descending=true",
                "inclusive_end=false",
                "limit=-1",
                "limit=x",
                "startkey=a",
                "startkey=[1]",
                "keys=%5B%5D")) {
            HttpResponse<byte[]> response = bench.get("/_all_docs?" + query);
            assertThat(response.statusCode()).as(query).isEqualTo(400);
            assertThat(json(response).path("error").asText()).contains(query.substring(0, query.indexOf('=')));
        }
    }

    private List<String> ids(String query) {
        StringBuilder encoded = new StringBuilder();
        for (String pair : query.split("&", -1)) {
            int equals = pair.indexOf('=');
            encoded.append(encoded.isEmpty() ? "?" : "&")
                    .append(pair, 0, equals + 1)
                    .append(URLEncoder.encode(pair.substring(equals + 1), StandardCharsets.UTF_8));
        }
        return ids(json(bench.get("/_all_docs" + encoded)));
    }

    private static List<String> ids(JsonNode page) {
        Stream<JsonNode> rows = StreamSupport.stream(page.path("rows").spliterator(), false);
        return rows.map(row -> row.path("id").asText()).toList();
    }
}
