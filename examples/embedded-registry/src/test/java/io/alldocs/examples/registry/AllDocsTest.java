package io.alldocs.examples.registry;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AllDocsTest {
    private static EmbeddedRegistry registry;
    private static EmbeddedRegistry small;

    @BeforeAll
    static void start() {
        registry = EmbeddedRegistry.builder().names(12_000).seed(3).start();
        small = EmbeddedRegistry.builder()
                .names(
                        "b",
                        "a",
                        "a-1",
                        "B",
                        "-",
                        "@s/x",
                        "~t",
                        "q\"uote",
                        "back\\slash",
                        "ünï",
                        "\uFFFD",
                        "😀",
                        "zz",
                        "a b+c%")
                .start();
    }

    @AfterAll
    static void stop() {
        registry.close();
        small.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/registry", "/registry/"})
    void info_anyOfItsPaths_hasNameCountAndSequence(String path) throws Exception {
        JsonNode info = Client.json(registry, path);

        assertThat(info.path("db_name").asText()).isEqualTo("registry");
        assertThat(info.path("doc_count").asInt()).isEqualTo(12_000);
        assertThat(info.path("update_seq").asLong()).isEqualTo(registry.updateSeq());
        assertThat(info.size()).isEqualTo(3);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/_all_docs", "/registry/_all_docs"})
    void allDocs_withoutLimit_holds1000Rows(String path) throws Exception {
        JsonNode page = Client.json(registry, path);

        assertThat(page.path("total_rows").asInt()).isEqualTo(12_000);
        assertThat(page.path("offset").asInt()).isZero();
        assertThat(Client.ids(page)).isEqualTo(registry.names().subList(0, 1_000));
        JsonNode row = page.path("rows").path(7);
        assertThat(row.path("key")).isEqualTo(row.path("id"));
        assertThat(row.path("value").path("rev").asText())
                .matches("[1-9]\\d*-[0-9a-f]{32}")
                .isEqualTo(registry.rev(row.path("id").asText()).orElseThrow());
        assertThat(row.size()).isEqualTo(3);
    }

    @Test
    void allDocs_limitAbove10000_isCutSilently() throws Exception {
        assertThat(Client.json(registry, "/_all_docs?limit=50000").path("rows")).hasSize(10_000);
    }

    @Test
    void allDocs_limitZero_returnsOnlyTheOffset() throws Exception {
        String key = registry.names().get(4_321);

        JsonNode page = Client.json(registry, "/_all_docs?limit=0&startkey=" + Client.key(key));

        assertThat(page.path("rows")).isEmpty();
        assertThat(page.path("offset").asInt()).isEqualTo(4_321);
    }

    @Test
    void allDocs_bothKeys_areInclusive() throws Exception {
        List<String> names = registry.names();
        String from = Client.key(names.get(5_000));
        String to = Client.key(names.get(5_010));

        JsonNode page = Client.json(registry, "/_all_docs?start_key=" + from + "&end_key=" + to);

        assertThat(Client.ids(page)).isEqualTo(names.subList(5_000, 5_011));
        assertThat(page.path("offset").asInt()).isEqualTo(5_000);
    }

    @Test
    void allDocs_startkeyDocid_startsThere() throws Exception {
        String name = registry.names().get(999);

        JsonNode page = Client.json(registry, "/_all_docs?limit=2&startkey_docid=" + Client.encode(name));

        assertThat(page.path("offset").asInt()).isEqualTo(999);
        assertThat(Client.ids(page)).first().isEqualTo(name);
    }

    @Test
    void allDocs_endBelowStart_isEmpty() throws Exception {
        JsonNode page = Client.json(small, "/_all_docs?startkey=" + Client.key("b") + "&endkey=" + Client.key("a"));

        assertThat(page.path("rows")).isEmpty();
    }

    @Test
    void allDocs_startBeyondTheLastName_hasTheCountAsOffset() throws Exception {
        JsonNode page = Client.json(small, "/_all_docs?startkey=" + Client.key("\uD83D\uDE01"));

        assertThat(page.path("rows")).isEmpty();
        assertThat(page.path("offset").asInt()).isEqualTo(small.names().size());
    }

    @Test
    void allDocs_hostileNames_comeInTheOrderOfTheirBytes() throws Exception {
        assertThat(Client.ids(Client.json(small, "/_all_docs")))
                .containsExactly(
                        "-",
                        "@s/x",
                        "B",
                        "a",
                        "a b+c%",
                        "a-1",
                        "b",
                        "back\\slash",
                        "q\"uote",
                        "zz",
                        "~t",
                        "ünï",
                        "\uFFFD",
                        "😀")
                .isEqualTo(small.names());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "skip=1",
                "include_docs=true",
                "update_seq=true",
                "descending=true",
                "inclusive_end=false",
                "limit=-1",
                "limit=ten",
                "startkey=unquoted",
                "startkey=12",
                "startkey=null",
                "startkey=%22open",
                "startkey=%22a%22%22b%22",
                "startkey=%22%5Cud800%22",
                "keys=%22a%22"
            })
    void allDocs_refusedParameter_is400(String query) throws Exception {
        var response = Client.get(small, "/_all_docs?" + query);

        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(Client.parse(response.body()).path("error").asText()).isEqualTo("Bad Request");
    }

    @Test
    void allDocs_keys_areReturnedInTheRequestedOrder() throws Exception {
        JsonNode page = Client.json(small, "/_all_docs?keys=" + Client.encode("[\"zz\",\"no-such\",\"a\"]"));

        assertThat(page.path("rows").path(0).path("id").asText()).isEqualTo("zz");
        assertThat(page.path("rows").path(1).path("error").asText()).isEqualTo("not_found");
        assertThat(page.path("rows").path(2).path("value").path("rev").asText())
                .isEqualTo(small.rev("a").orElseThrow());
    }

    @Test
    void allDocs_keysOfADeletedName_tellTheDeletion() throws Exception {
        try (EmbeddedRegistry changing =
                EmbeddedRegistry.builder().names("a", "b").start()) {
            changing.delete("a");

            JsonNode row = Client.json(changing, "/_all_docs?keys=" + Client.encode("[\"a\"]"))
                    .path("rows")
                    .path(0);

            assertThat(row.path("value").path("deleted").asBoolean()).isTrue();
        }
    }

    @Test
    void allDocs_gzipAccepted_isTheSamePageCompressed() throws Exception {
        var plain = Client.get(registry, "/_all_docs?limit=10000");
        var gzip = Client.get(registry, "/_all_docs?limit=10000", "accept-encoding", "gzip");

        assertThat(gzip.headers().firstValue("content-encoding")).hasValue("gzip");
        assertThat(gzip.body().length).isLessThan(plain.body().length * 2 / 5);
        assertThat(Client.gunzip(gzip.body())).isEqualTo(plain.body());
    }

    @Test
    void allDocs_always_hasNoValidators() throws Exception {
        var headers = Client.get(registry, "/_all_docs").headers();

        assertThat(headers.firstValue("content-type")).hasValue("application/json");
        assertThat(headers.firstValue("etag")).isEmpty();
        assertThat(headers.firstValue("last-modified")).isEmpty();
        assertThat(headers.firstValue("cache-control")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"POST", "PUT", "DELETE"})
    void allDocs_otherMethod_is405(String method) throws Exception {
        assertThat(Client.send(small, method, "/_all_docs").statusCode()).isEqualTo(405);
    }

    @Test
    void allDocs_lineTooLong_is414() throws Exception {
        var response = Client.get(small, "/_all_docs?startkey=" + Client.key("a".repeat(70_000)));

        assertThat(response.statusCode()).isEqualTo(414);
    }
}
