package io.alldocs.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.alldocs.cache.body.Body;
import io.alldocs.cache.entry.EntryMetadata;
import io.alldocs.cache.entry.EntrySource;
import io.alldocs.cache.entry.IntegrityException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTreeTest {
    private static final int MAX_DEPTH = 200_000;

    private static final JsonTree TREE = JsonTree.parse("""
            {"name": "a", "dist-tags": {"latest": "1.0.0"}, "count": 3, "rows": [{"id": "x"}, {"id": "y"}], "gone": null}
            """);

    /** A part of the tree's members. */
    record Named(String name, int count) {}

    /** A class with a member of type {@link JsonTree}. */
    record Holder(String name, JsonTree tree) {}

    @Test
    void path_and_at_returnMembersElementsAndMissingValues() {
        assertThat(TREE.path("dist-tags").path("latest").asText()).isEqualTo("1.0.0");
        assertThat(TREE.at("/dist-tags/latest").asText()).isEqualTo("1.0.0");
        assertThat(TREE.at("")).isEqualTo(TREE);
        assertThat(TREE.path("rows").path(1).path("id").asText()).isEqualTo("y");
        assertThat(TREE.path("rows").path(2).isMissingNode()).isTrue();
        assertThat(TREE.path("rows").path(-1).isMissingNode()).isTrue();
        assertThat(TREE.at("/rows/7/id").asText("none")).isEqualTo("none");
        assertThat(TREE.path("gone").isNull()).isTrue();
        assertThat(TREE.path("gone").asText()).isEmpty();
        assertThat(TREE.path("gone").asText("none")).isEqualTo("none");
        assertThat(TREE.has("gone")).isTrue();
        assertThat(TREE.has("absent")).isFalse();
        assertThatThrownBy(() -> TREE.at("name")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void missingValue_isReadAsNothing() {
        JsonTree missing = TREE.path("absent").path("deeper").path(0);
        assertThat(missing.isMissingNode()).isTrue();
        assertThat(missing.isNull() || missing.isObject() || missing.isArray()).isFalse();
        assertThat(missing.asText() + missing + missing.toPrettyString()).isEmpty();
        assertThat(missing.toBytes()).isEmpty();
        assertThat(missing.asInt()).isZero();
        assertThat(missing.asLong()).isZero();
        assertThat(missing.asDouble()).isZero();
        assertThat(missing.asBoolean()).isFalse();
        assertThat(missing.size()).isZero();
        assertThat(missing.properties()).isEmpty();
        assertThat(missing.stream()).isEmpty();
        assertThat(missing).isEqualTo(TREE.path("other")).isNotEqualTo(JsonTree.of(null));
    }

    @Test
    void iterator_ofArrayAndObject_returnsTheirValuesInOrder() {
        assertThat(TREE.path("rows").stream().map(row -> row.path("id").asText()))
                .containsExactly("x", "y");
        assertThat(TREE.properties())
                .extracting(Map.Entry::getKey)
                .containsExactly("name", "dist-tags", "count", "rows", "gone");
        assertThat(TREE.path("rows").properties()).isEmpty();
        assertThat(TREE.path("count").stream()).isEmpty();
        assertThat(TREE.path("rows").size()).isEqualTo(2);
        assertThatThrownBy(() -> TREE.properties().clear()).isInstanceOf(UnsupportedOperationException.class);
    }

    @Test
    void as_ofARecord_ignoresOtherMembers_andOfAnotherFormFails() {
        assertThat(TREE.as(Named.class)).isEqualTo(new Named("a", 3));
        assertThat(TREE.path("dist-tags").as(Map.class).get("latest")).isEqualTo("1.0.0");
        assertThat(TREE.as(JsonTree.class)).isSameAs(TREE);
        assertThat(TREE.path("dist-tags").as(Object.class)).isEqualTo(Map.of("latest", "1.0.0"));
        assertThatThrownBy(() -> TREE.path("rows").as(Named.class))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("Named");
        assertThatThrownBy(() -> TREE.as(ArrayNode.class)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void as_ofNullOrAMissingValue_isATreeOrRefused() {
        assertThat(TREE.path("gone").as(JsonNode.class).isNull()).isTrue();
        assertThat(TREE.path("absent").as(JsonNode.class).isMissingNode()).isTrue();
        assertThatThrownBy(() -> TREE.path("gone").as(Named.class))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("JSON's null cannot be read as " + Named.class.getName() + ".");
        assertThatThrownBy(() -> TREE.path("absent").as(Map.class))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("A missing JSON value cannot be read as java.util.Map.");
    }

    @Test
    void as_ofJacksonsTree_isNoCopy() {
        ObjectNode node = TREE.as(ObjectNode.class);
        assertThat(JsonTree.of(node).as(JsonNode.class)).isSameAs(node);
    }

    @Test
    void of_valuesThatJacksonWrites_hasTheirJson() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("name", "a");
        map.put("tree", JsonTree.of(List.of(1, 2)));
        assertThat(JsonTree.of(map)).hasToString("{\"name\":\"a\",\"tree\":[1,2]}");
        assertThat(JsonTree.of(map).at("/tree/1").asInt()).isEqualTo(2);
        assertThat(JsonTree.of(new Named("b", 1))).hasToString("{\"name\":\"b\",\"count\":1}");
        assertThat(JsonTree.of(null).isNull()).isTrue();
        assertThat(JsonTree.of(TREE)).isSameAs(TREE);
        assertThat(JsonTree.of(1L)).isEqualTo(JsonTree.of(1)).isEqualTo(JsonTree.parse("1"));
        assertThat(JsonTree.of(new byte[] {1}).isTextual()).isTrue();
        assertThatThrownBy(() -> JsonTree.of(new Object())).isInstanceOf(IllegalArgumentException.class);
        Map<String, Object> circle = new LinkedHashMap<>();
        circle.put("circle", circle);
        assertThatThrownBy(() -> JsonTree.of(circle)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void parse_textThatIsNotOneValue_isRefused() throws IOException {
        byte[] list = "[1]".getBytes(StandardCharsets.UTF_8);
        assertThat(JsonTree.parse(list)).isEqualTo(JsonTree.of(List.of(1)));
        assertThat(JsonTree.parse(new ByteArrayInputStream(list))).isEqualTo(JsonTree.of(List.of(1)));
        for (String text : List.of("", " ", "{", "1 2", "nul", "NaN", "[1,]")) {
            assertNotJson(text, () -> JsonTree.parse(text));
            assertNotJson(text, () -> JsonTree.parse(text.getBytes(StandardCharsets.UTF_8)));
            assertNotJson(text, () -> JsonTree.parse(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8))));
        }
        assertNotJson("Latin-1", () -> JsonTree.parse("\"é\"".getBytes(StandardCharsets.ISO_8859_1)));
    }

    private static void assertNotJson(String text, org.assertj.core.api.ThrowableAssert.ThrowingCallable parse) {
        assertThatThrownBy(parse)
                .as(text)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("JSON");
    }

    @Test
    void parse_streamThatBreaks_throwsItsError() throws IOException {
        InputStream closed = InputStream.nullInputStream();
        closed.close();
        assertThatThrownBy(() -> JsonTree.parse(closed)).isInstanceOf(IOException.class);
    }

    @ParameterizedTest
    @CsvSource({
        "2147483648, 2147483647, 2147483648",
        "-2147483649, -2147483648, -2147483649",
        "9223372036854775808, 2147483647, 9223372036854775807",
        "-123456789012345678901234567890, -2147483648, -9223372036854775808",
        "1e300, 2147483647, 9223372036854775807",
        "2.9, 2, 2",
        "-2.9, -2, -2",
        "\"12\", 12, 12",
        "\"x\", 0, 0",
        "true, 1, 1",
        "null, 0, 0",
        "[7], 0, 0"
    })
    void asInt_and_asLong_outsideTheirRange_areItsEnds(String json, int asInt, long asLong) {
        assertThat(JsonTree.parse(json).asInt()).isEqualTo(asInt);
        assertThat(JsonTree.parse(json).asLong()).isEqualTo(asLong);
    }

    @Test
    void numbers_keepDigitsOfWholeNumbers_andAreDoublesOtherwise() {
        String digits = "9".repeat(5_000);
        assertThat(JsonTree.parse(digits)).hasToString(digits);
        assertThat(JsonTree.parse(digits).as(BigInteger.class)).isEqualTo(new BigInteger(digits));
        assertThat(JsonTree.parse("0.1000000000000000055511151231257827")).hasToString("0.1");
        assertThat(JsonTree.parse("0.1").as(BigDecimal.class)).isEqualTo("0.1");
        assertThat(JsonTree.parse("1e3")).hasToString("1000.0");
        assertThat(JsonTree.parse("1e400").asDouble()).isInfinite();
        assertThat(JsonTree.parse("1e400")).hasToString("\"Infinity\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {"true", "1", "-7", "\"true\"", "123456789012345678901234567890"})
    void asBoolean_trueAndNumbers_isTrue(String json) {
        assertThat(JsonTree.parse(json).asBoolean()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"false", "0", "0.0", "1.5", "null", "\"x\"", "\"1\"", "[true]", "{}"})
    void asBoolean_others_isFalse(String json) {
        assertThat(JsonTree.parse(json).asBoolean()).isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "1 | 1.0 | false",
                "1.0 | 1e0 | true",
                "0.0 | -0.0 | false",
                "123456789012345678901234567890 | 123456789012345678901234567890 | true",
                "{\"a\":1,\"b\":[2]} | {\"b\":[2],\"a\":1} | true",
                "{\"a\":null} | {\"b\":null} | false",
                "{\"a\":1,\"a\":2} | {\"a\":2} | true",
                "[1,2] | [2,1] | false",
                "[] | {} | false",
                "null | false | false",
                "\"1\" | 1 | false"
            })
    void equals_comparesValues(String one, String other, boolean same) {
        JsonTree left = JsonTree.parse(one);
        JsonTree right = JsonTree.parse(other);
        assertThat(left.equals(right)).isEqualTo(same);
        assertThat(right.equals(left)).isEqualTo(same);
        assertThat(!same || left.hashCode() == right.hashCode()).isTrue();
    }

    @Test
    void equals_numbersOfOtherJavaTypes_areEqualIfTheirValuesAre() {
        JsonNodeFactory nodes = JsonNodeFactory.instance;
        for (JsonNode whole : List.of(
                nodes.numberNode((short) -1), nodes.numberNode(-1L), nodes.numberNode(BigInteger.ONE.negate()))) {
            assertThat(JsonTree.of(whole)).isEqualTo(JsonTree.parse("-1")).hasSameHashCodeAs(JsonTree.parse("-1"));
        }
        for (JsonNode decimal : List.of(nodes.numberNode(0.5f), nodes.numberNode(new BigDecimal("0.50")))) {
            assertThat(JsonTree.of(decimal)).isEqualTo(JsonTree.parse("0.5")).hasSameHashCodeAs(JsonTree.parse("0.5"));
        }
    }

    @Test
    void tree_nestedToTheLimit_isReadWrittenAndCompared_andDeeperOneIsRefused() throws IOException {
        String deep = "[".repeat(MAX_DEPTH) + "]".repeat(MAX_DEPTH);
        JsonTree tree = JsonTree.parse(deep);
        assertThat(tree.toString().equals(deep)).isTrue();
        assertThat(new String(tree.toBytes(), StandardCharsets.UTF_8).equals(deep))
                .isTrue();
        assertThat(tree.equals(JsonTree.parse(deep))).isTrue();
        assertThat(tree.equals(JsonTree.parse(deep.replace("[]", "[0]")))).isFalse();
        assertThat(tree.hashCode()).isEqualTo(JsonTree.parse(deep).hashCode());
        assertThat(tree.as(List.class).size()).isEqualTo(1);
        assertThatThrownBy(() -> JsonTree.parse("[" + deep + "]"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("depth");
    }

    @Test
    void writeTo_writesTheBytes_andLeavesTheStreamOpen() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream() {
            @Override
            public void close() {
                throw new AssertionError("closed");
            }
        };
        JsonTree.of("ä\ud800").writeTo(out);
        assertThat(out.toByteArray()).isEqualTo(JsonTree.of("ä\ud800").toBytes());
        assertThat(JsonTree.parse(out.toByteArray()).asText()).isEqualTo("ä\ud800");
    }

    @Test
    void toString_withAMissingValueInside_writesNull() {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        node.set("a", JsonNodeFactory.instance.missingNode());
        assertThat(JsonTree.of(node)).hasToString("{\"a\":null}");
    }

    @Test
    void set_andGet_aTree_keepsIt() {
        try (Cache cache = Cache.builder().build()) {
            cache.set("tree", TREE);
            assertThat(cache.get("tree", JsonTree.class)).contains(TREE);
            assertThat(cache.get("tree", JsonNode.class)).contains(TREE.as(JsonNode.class));
        }
    }

    @Test
    void jackson_readsAndWritesATreeInAnotherValue() throws IOException {
        ObjectMapper mapper = new ObjectMapper();
        Holder holder = new Holder("h", TREE);
        String json = mapper.writeValueAsString(holder);
        assertThat(JsonTree.parse(json).path("tree")).isEqualTo(TREE);
        assertThat(mapper.readValue(json, Holder.class)).isEqualTo(holder);
        JsonNode tree = mapper.valueToTree(holder);
        assertThat(tree.path("tree")).isEqualTo(TREE.as(JsonNode.class));
        assertThat(mapper.readValue("{\"tree\":null}", Holder.class).tree()).isNull();
        assertThat(mapper.writeValueAsString(TREE.path("absent"))).isEqualTo("null");
    }

    @Test
    void entryAs_readsTheBody_alsoOneThatIsNotUtf8() {
        assertThat(entry("{\"name\":\"a\",\"count\":1,\"x\":2}").as(Named.class))
                .isEqualTo(new Named("a", 1));
        assertThat(entry("{\"name\":\"\u00e9\",\"count\":1}").as(Named.class)).isEqualTo(new Named("\ufffd", 1));
        assertThat(entry("{\"name\":\"\u00e9\"}")
                        .as(JsonNode.class)
                        .path("name")
                        .asText())
                .isEqualTo("\ufffd");
        assertThat(entry("[1]").as(JsonTree.class)).isEqualTo(entry("[1]").json());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{", "null", "[]", "{\"count\":\"many\"}"})
    void entryAs_bodyOfAnotherForm_isRefused(String body) {
        assertThatThrownBy(() -> entry(body).as(Named.class))
                .isInstanceOf(IntegrityException.class)
                .hasMessageStartingWith("The body of ");
    }

    private static CacheEntry entry(String body) {
        byte[] bytes = body.getBytes(StandardCharsets.ISO_8859_1);
        return new CacheEntry(EntryMetadata.bare(bytes.length, null, Instant.EPOCH), Body.of(bytes), EntrySource.HIT);
    }
}
