package io.alldocs.worker.mirror;

import static io.alldocs.worker.mirror.Bench.ABBREVIATED;
import static io.alldocs.worker.mirror.Bench.json;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.alldocs.cache.CacheKey;
import io.alldocs.cache.MemoryStorageDriver;
import io.alldocs.cache.entry.EntryMetadata;
import io.alldocs.packument.DocumentJson;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Tests documents that npm can parse but strict parsers reject, and documents that no parser accepts. The table next to
 * them contains the expected responses.
 */
@Timeout(120)
class OddPackumentsTest {
    private static final ObjectMapper MAPPER = new ObjectMapper(DocumentJson.factory());

    private final Bench bench = new Bench();
    private final Bench rewriting = new Bench(
            URI.create("https://registry.npmjs.com"),
            new MemoryStorageDriver(),
            builder -> builder.rewriteTarballs(URI.create("http://mirror.example")));

    @AfterEach
    void close() {
        bench.close();
        rewriting.close();
    }

    /** A line of the table. */
    record Odd(String file, String outcome, String latest, String version) {
        String name() {
            return file.substring(0, file.length() - ".json".length());
        }

        boolean isServed() {
            return !outcome.equals("MALFORMED");
        }

        @Override
        public String toString() {
            return file;
        }
    }

    static Stream<Odd> table() throws IOException {
        return new String(resource("expected.tsv"), StandardCharsets.UTF_8)
                .lines()
                .skip(1)
                .map(line -> line.split("\t", -1))
                .map(cells -> new Odd(cells[0], cells[2], cells[5], cells[6]));
    }

    @ParameterizedTest
    @MethodSource("table")
    void document_inBothForms_isServedAsTheTableSays(Odd odd) throws IOException {
        byte[] document = resource(odd.file());
        for (Bench each : List.of(bench, rewriting)) {
            put(each, odd, document);

            HttpResponse<byte[]> full = each.get("/" + odd.name(), "accept", "application/json");
            HttpResponse<byte[]> brief = each.get("/" + odd.name(), "accept", ABBREVIATED);

            int status = odd.isServed() ? 200 : 502;
            assertThat(full.statusCode()).isEqualTo(status);
            assertThat(brief.statusCode()).isEqualTo(status);
            assertThat(each.get("/" + odd.name() + "/latest").statusCode()).isEqualTo(Integer.parseInt(odd.latest()));
            assertThat(each.get("/" + odd.name() + "/1.0.0").statusCode()).isEqualTo(Integer.parseInt(odd.version()));
            if (odd.isServed()) {
                JsonNode upstream = read(document);
                assertThat(summary(read(brief.body()))).isEqualTo(summary(upstream));
                assertThat(summary(read(full.body()))).isEqualTo(summary(upstream));
            }
        }
        if (odd.isServed()) {
            assertThat(bench.get("/" + odd.name(), "accept", "application/json").body())
                    .isEqualTo(document);
        }
    }

    @Test
    void hasInstallScript_isThatOfScriptsThatAreAnObject() throws IOException {
        put(bench, new Odd("scripts-odd.json", "OK", "200", "200"), resource("scripts-odd.json"));

        JsonNode versions =
                json(bench.get("/scripts-odd", "accept", ABBREVIATED)).path("versions");

        assertThat(versions.path("1.0.0").has("hasInstallScript")).isFalse();
        assertThat(versions.path("1.1.0").path("hasInstallScript").asBoolean()).isTrue();
    }

    @Test
    void memberThatOccursTwice_countsWhereItOccursLast() {
        bench.store(
                "twice",
                "{\"name\":\"twice\",\"versions\":{\"1.0.0\":{\"a\":1}},\"dist-tags\":{\"latest\":\"9.0.0\"},"
                        + "\"dist-tags\":{\"latest\":\"0.0.0\",\"latest\":\"2.0.0\"},"
                        + "\"versions\":{\"2.0.0\":{\"a\":2},\"2.0.0\":{\"a\":3}}}",
                head -> head.outcome("ok"));

        assertThat(json(bench.get("/twice/latest")).path("a").asInt()).isEqualTo(3);
        assertThat(bench.get("/twice/1.0.0").statusCode()).isEqualTo(404);
        assertThat(json(bench.get("/-/package/twice/dist-tags")).path("latest").asText())
                .isEqualTo("2.0.0");
    }

    /** An earlier version of the bootstrap recorded documents in this way without reading them to their end. */
    @ParameterizedTest
    @ValueSource(strings = {"nan", "comment", "trailing-comma", "array"})
    void documentThatIsNoJson_recordedAsGood_isABadGateway(String name) throws IOException {
        put(bench, new Odd(name + ".json", "OK", "", ""), resource(name + ".json"));
        put(rewriting, new Odd(name + ".json", "OK", "", ""), resource(name + ".json"));

        for (HttpResponse<byte[]> response : List.of(
                bench.get("/" + name, "accept", ABBREVIATED),
                rewriting.get("/" + name, "accept", ABBREVIATED),
                rewriting.get("/" + name))) {
            assertThat(response.statusCode()).isEqualTo(502);
            assertThat(json(response).path("error").asText()).isEqualTo("The registry's document cannot be read");
        }
    }

    static Stream<String> values() {
        return Stream.of(
                "-0",
                "1e400",
                "1E-7",
                "0.10",
                "9".repeat(100_000),
                "0." + "3".repeat(100_000) + "e-12",
                "[".repeat(50_000) + "]".repeat(50_000));
    }

    @ParameterizedTest
    @MethodSource("values")
    void value_ofAnySize_keepsItsText(String value) {
        bench.store(
                "value",
                "{\"name\":\"value\",\"versions\":{\"1.0.0\":{\"engines\":" + value + "}}}",
                head -> head.outcome("ok"));

        assertThat(Bench.text(bench.get("/value", "accept", ABBREVIATED))).contains("\"engines\":" + value + "}");
    }

    private static void put(Bench bench, Odd odd, byte[] document) {
        UnaryOperator<EntryMetadata.Builder> outcome =
                head -> head.outcome(odd.outcome().toLowerCase(java.util.Locale.ROOT));
        if (odd.isServed()) {
            bench.put(
                    CacheKey.packument(bench.registry, odd.name()),
                    document,
                    null,
                    outcome.apply(EntryMetadata.builder().status(200)));
        } else {
            bench.record(odd.name(), 200, "malformed");
        }
    }

    /** Returns the parts that must be equal in both forms: tags, versions, deprecations and dependencies. */
    private static Map<String, JsonNode> summary(JsonNode document) {
        Map<String, JsonNode> summary = new TreeMap<>();
        for (String member : List.of("name", "dist-tags")) {
            summary.put(member, document.path(member));
        }
        for (Map.Entry<String, JsonNode> version : document.path("versions").properties()) {
            summary.put("version " + version.getKey(), version.getValue().isObject() ? null : version.getValue());
            for (String member : Set.of("version", "deprecated", "dependencies", "engines")) {
                summary.put(version.getKey() + ' ' + member, version.getValue().path(member));
            }
        }
        summary.values().removeIf(value -> value == null);
        return summary;
    }

    private static JsonNode read(byte[] json) {
        try {
            return MAPPER.readTree(DocumentJson.parser(new ByteArrayInputStream(json)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] resource(String name) throws IOException {
        try (InputStream in = OddPackumentsTest.class.getResourceAsStream("odd/" + name)) {
            return in.readAllBytes();
        }
    }
}
