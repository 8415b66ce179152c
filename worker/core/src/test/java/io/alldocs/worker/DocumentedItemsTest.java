package io.alldocs.worker;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.alldocs.cache.CacheKey;
import io.alldocs.cache.CacheMode;
import io.alldocs.cache.JsonTree;
import io.alldocs.cache.RequestOptions;
import io.alldocs.examples.registry.EmbeddedRegistry;
import io.alldocs.partition.Partition;
import io.alldocs.partition.PartitionClient;
import io.alldocs.partition.PartitionRow;
import io.alldocs.partition.PartitionRows;
import io.alldocs.worker.spi.DeadLetter;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Posts work items, in the form that the JavaScript project documents, to a worker, and adds them to its queue. */
@Timeout(300)
class DocumentedItemsTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final List<String> NAMES = List.of("@acme/tool", "alpha", "beta", "gamma");

    /** The range and packuments of each file, in addition to its column "afterwards". */
    private static final Map<String, Partition> RANGES =
            Map.of("partition.json", Partition.of("a", "b"), "partition-all.json", Partition.all());

    private final EmbeddedRegistry registry =
            EmbeddedRegistry.builder().names(NAMES).start();
    private final Bench bench = new Bench();
    private final Worker worker = bench.worker(registry.origin(), 2).build().start();
    private final WorkerServer server = WorkerServer.builder().build().start();
    private final HttpClient http = HttpClient.newHttpClient();

    DocumentedItemsTest() {
        server.attach(worker);
    }

    @AfterEach
    void end() {
        server.close();
        worker.close();
        bench.close();
        registry.close();
    }

    /** A row of expected.tsv. */
    private record Row(String file, String post, String postAndWait, String afterwards) {}

    static Stream<Row> rows() throws IOException {
        return resource("expected.tsv").lines().skip(1).map(line -> {
            String[] cells = line.split("\t", -1);
            return new Row(cells[0], cells[1], cells[2], cells[3]);
        });
    }

    private static String resource(String name) throws IOException {
        try (InputStream in = DocumentedItemsTest.class.getResourceAsStream("cases/26-work-items/" + name)) {
            return new String(Objects.requireNonNull(in, name).readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private HttpResponse<String> post(String path, String body) throws Exception {
        return http.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path))
                        .POST(BodyPublishers.ofString(body))
                        .build(),
                BodyHandlers.ofString());
    }

    // ---- every file of the case

    @ParameterizedTest
    @MethodSource("rows")
    void post_documentedItem_isAddedAndDone(Row row) throws Exception {
        HttpResponse<String> response = post("/work", resource(row.file()));

        if (row.post().equals("202")) {
            assertThat(response.statusCode()).as(response.body()).isEqualTo(202);
            assertThat(worker.awaitIdle(PATIENCE)).isTrue();
            assertThat(dead()).isEmpty();
        } else {
            assertThat(row.post()).isEqualTo("202 and a dead letter, or 4xx");
            assertThat(response.statusCode()).as(response.body()).isEqualTo(202);
            assertThat(worker.awaitIdle(PATIENCE)).isTrue();
            assertThat(dead()).hasSize(1).allMatch(letter -> letter.reason().contains("startKey"));
        }
        assertAfterwards(row);
    }

    @ParameterizedTest
    @MethodSource("rows")
    void postAndWait_documentedItem_isDone(Row row) throws Exception {
        HttpResponse<String> response = post("/work?wait", resource(row.file()));

        if (row.postAndWait().equals("200")) {
            assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
            assertThat(JSON.readTree(response.body()).path("results").findValuesAsText("id"))
                    .isEqualTo(ids(JSON.readTree(resource(row.file()))));
        } else {
            assertThat(row.postAndWait()).isEqualTo("4xx with the name of the field");
            assertThat(response.statusCode()).as(response.body()).isBetween(400, 499);
            assertThat(response.body()).contains("startKey");
        }
        assertAfterwards(row);
    }

    private static List<String> ids(JsonNode items) {
        List<String> ids = new ArrayList<>();
        (items.isArray() ? items : JSON.createArrayNode().add(items))
                .forEach(item -> ids.add(item.path("id").asText()));
        return ids;
    }

    private void assertAfterwards(Row row) {
        switch (row.afterwards()) {
            case "stored: alpha" -> assertStored(row, List.of("alpha"), Set.of());
            case "stored: all four names" -> assertStored(row, NAMES, Set.of());
            case "stored: the packument alpha" -> assertStored(row, List.of(), Set.of("alpha"));
            case "stored: the packuments alpha and beta" -> assertStored(row, List.of(), Set.of("alpha", "beta"));
            case "nothing stored" -> assertStored(row, List.of(), Set.of());
            default -> throw new AssertionError("No such outcome: " + row);
        }
    }

    private void assertStored(Row row, List<String> rows, Set<String> packuments) {
        if (RANGES.containsKey(row.file())) {
            assertThat(cachedRows(RANGES.get(row.file()))).isEqualTo(rows);
        } else {
            assertThat(keys(CacheKey.Kind.PARTITION)).isEmpty();
        }
        assertThat(keys(CacheKey.Kind.PACKUMENT).stream()
                        .map(key -> key.packageName().orElseThrow())
                        .collect(Collectors.toSet()))
                .isEqualTo(packuments);
    }

    private List<String> cachedRows(Partition range) {
        try (PartitionClient client = bench.partitions(registry.origin(), 2);
                PartitionRows rows = client.rows(range, RequestOptions.of(CacheMode.ONLY_IF_CACHED))) {
            List<String> names = new ArrayList<>();
            rows.forEachRemaining((PartitionRow each) -> names.add(each.id()));
            return names;
        }
    }

    private Set<CacheKey> keys(CacheKey.Kind kind) {
        try (Stream<String> keys = bench.cache.keys(CacheKey.prefix(kind, registry.origin()))) {
            return keys.map(CacheKey::parse).collect(Collectors.toCollection(TreeSet::new));
        }
    }

    private List<DeadLetter> dead() {
        try (Stream<DeadLetter> letters = bench.queue.deadLetters()) {
            return letters.toList();
        }
    }

    // ---- variants

    @Test
    void partition_large_isSplitIntoPages() throws Exception {
        try (EmbeddedRegistry large = EmbeddedRegistry.builder().names(500).start();
                Bench other = new Bench();
                Worker pages = other.worker(large.origin(), 50).build().start()) {
            other.queue.enqueue(item("{\"type\":\"partition\",\"id\":\"all\",\"payload\":{\"startKey\":null}}"));

            assertThat(pages.awaitIdle(PATIENCE)).isTrue();

            try (Stream<String> keys = other.cache.keys("v1:partition:");
                    PartitionClient client = other.partitions(large.origin(), 50);
                    PartitionRows rows = client.rows(Partition.all(), RequestOptions.of(CacheMode.ONLY_IF_CACHED))) {
                assertThat(keys.count()).isGreaterThanOrEqualTo(10);
                int count = 0;
                for (; rows.hasNext(); count++) {
                    assertThat(rows.next().id()).isNotEmpty();
                }
                assertThat(count).isEqualTo(500);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"startKey\":\"b\",\"endKey\":\"a\"}|start key",
                "{\"startKey\":\"a\",\"endKey\":\"a\"}|start key",
                "{\"startKey\":\"\",\"endKey\":\"b\"}|startKey",
                "{\"startKey\":\"a\",\"endKey\":[\"b\"]}|endKey",
                "{\"startKey\":\"a\",\"endKey\":false}|endKey",
                "{\"startKey\":\"\\ud800\"}|surrogate",
                "[\"a\",\"b\"]|JSON object",
                "\"a\"|JSON object",
                "null|JSON object"
            })
    void partition_wrongPayload_isRefusedForGood_withItsField(String row) throws Exception {
        String[] cells = row.split("\\|", -1);
        String item = "{\"type\":\"partition\",\"id\":\"wrong\",\"payload\":" + cells[0] + "}";

        HttpResponse<String> response = post("/work?wait", item);

        assertThat(response.statusCode()).as(response.body()).isEqualTo(422);
        assertThat(response.body()).contains(cells[1]);
        assertThat(keys(CacheKey.Kind.PARTITION)).isEmpty();
        assertThat(registry.requests().total()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"packageName\":17}", "{\"packageName\":\"\"}", "{\"packageName\":[\"alpha\"]}"})
    void packument_wrongPackageName_isRefusedForGood(String payload) throws Exception {
        HttpResponse<String> response =
                post("/work?wait", "{\"type\":\"packument\",\"id\":\"wrong\",\"payload\":" + payload + "}");

        assertThat(response.statusCode()).as(response.body()).isEqualTo(422);
        assertThat(response.body()).contains("packageName");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/work", "/work?wait"})
    void post_typeWithoutProcessor_isRefused_andNothingIsAdded(String path) throws Exception {
        String good = "{\"type\":\"packument\",\"id\":\"one\",\"payload\":{\"packageName\":\"alpha\"}}";
        String foreign = "{\"type\":\"parttion\",\"id\":\"two\",\"payload\":{}}";

        HttpResponse<String> response = post(path, "[" + good + "," + foreign + "]");

        assertThat(response.statusCode()).as(response.body()).isEqualTo(422);
        assertThat(JSON.readTree(response.body()).path("error").asText())
                .isEqualTo("Item two: no processor is registered for type \"parttion\"; the registered types are"
                        + " [found, hoard,"
                        + " packument, partition, partition-set, sync, sync-changes, sync-fetch, sync-list]. Nothing"
                        + " was added.");
        assertThat(worker.awaitIdle(PATIENCE)).isTrue();
        assertThat(keys(CacheKey.Kind.PACKUMENT)).isEmpty();
        assertThat(dead()).isEmpty();
    }

    @Test
    void partitionSet_pivotsWithOpenEnds_andWithoutAName_isPlanned() throws Exception {
        String item = "{\"type\":\"partition-set\",\"id\":\"set-1\",\"payload\":{\"pivots\":[null,\"b\",\"c\",null]}}";

        assertThat(post("/work", item).statusCode()).isEqualTo(202);
        assertThat(worker.awaitIdle(PATIENCE)).isTrue();

        assertThat(dead()).isEmpty();
        assertThat(cachedRows(Partition.of("b", "c"))).containsExactly("beta");
        assertThat(cachedRows(Partition.until("b"))).containsExactly("@acme/tool", "alpha");
        assertThat(cachedRows(Partition.from("c"))).containsExactly("gamma");
        HttpResponse<String> wrong =
                post("/work?wait", item.replace("null,\"b\"", "\"b\",null").replace("set-1", "2"));
        assertThat(wrong.statusCode()).as(wrong.body()).isEqualTo(422);
        assertThat(wrong.body()).contains("pivots");
    }

    @Test
    void of_numbersThatAreNull_areZero() throws Exception {
        WorkItem item = item("{\"type\":\"packument\",\"id\":\"a\",\"priority\":null,\"attempts\":null}");

        assertThat(item.priority()).isZero();
        assertThat(item.attempts()).isZero();
        assertThat(Optional.of(item.payload()))
                .hasValueSatisfying(payload -> assertThat(payload.isNull()).isTrue());
    }

    @ParameterizedTest
    @ValueSource(strings = {"2147483647", "1000001", "-1", "1.5", "\"1\"", "1e400", "9223372036854775808"})
    void post_attemptsOutOfRange_isRefused(String attempts) throws Exception {
        String item = "{\"type\":\"packument\",\"id\":\"a\",\"payload\":{\"packageName\":\"alpha\"},\"attempts\":";

        for (String path : List.of("/work", "/work?wait")) {
            HttpResponse<String> response = post(path, item + attempts + "}");

            assertThat(response.statusCode()).as(response.body()).isEqualTo(400);
            assertThat(response.body()).contains("attempts");
        }
        assertThat(worker.awaitIdle(PATIENCE)).isTrue();
        assertThat(keys(CacheKey.Kind.PACKUMENT)).isEmpty();
    }

    @Test
    void post_attempts_countOnFromThere() throws Exception {
        registry.close();
        String item = "{\"type\":\"partition\",\"id\":\"a\",\"payload\":{},\"attempts\":2}";

        assertThat(post("/work", item).statusCode()).isEqualTo(202);
        assertThat(worker.awaitIdle(PATIENCE)).isTrue();

        assertThat(dead()).hasSize(1);
        assertThat(dead().get(0).item().attempts()).isEqualTo(3);
    }

    private static WorkItem item(String json) throws IOException {
        return WorkItem.of(JsonTree.of(JSON.readTree(json)));
    }

    @Test
    void cases_everyFile_hasARow() throws Exception {
        assertThat(rows().map(Row::file))
                .containsExactlyInAnyOrderElementsOf(Arrays.asList(
                        "array.json", "packument.json", "partition-all.json", "partition.json", "wrong.json"));
    }
}
