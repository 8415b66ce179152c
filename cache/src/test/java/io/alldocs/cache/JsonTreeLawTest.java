package io.alldocs.cache;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Checks that {@link JsonTree} contains what Jackson reads, for any document. */
class JsonTreeLawTest {
    private static final ObjectMapper JACKSON = JsonMapper.builder()
            .enable(StreamReadFeature.USE_FAST_DOUBLE_PARSER)
            .build();
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    @Property(tries = 1000)
    void tree_ofAnyDocument_hasTheMembersAndValuesThatJacksonReads(@ForAll("documents") JsonNode document)
            throws IOException {
        String text = JACKSON.writeValueAsString(document);
        compare(JsonTree.parse(text), JACKSON.readTree(text), JsonTree.parse(text), JsonPointer.empty());
    }

    private static void compare(JsonTree tree, JsonNode node, JsonTree root, JsonPointer pointer) {
        assertThat(List.of(
                        tree.isObject(),
                        tree.isArray(),
                        tree.isTextual(),
                        tree.isNumber(),
                        tree.isBoolean(),
                        tree.isNull(),
                        tree.isMissingNode(),
                        tree.isEmpty(),
                        tree.asBoolean()))
                .isEqualTo(List.of(
                        node.isObject(),
                        node.isArray(),
                        node.isTextual(),
                        node.isNumber(),
                        node.isBoolean(),
                        node.isNull(),
                        node.isMissingNode(),
                        node.isEmpty(),
                        node.asBoolean()));
        assertThat(tree.asText()).isEqualTo(node.isNull() ? "" : node.asText());
        assertThat(tree.asDouble()).isEqualTo(node.asDouble());
        if (!node.isIntegralNumber() || node.canConvertToInt()) {
            assertThat(tree.asInt()).isEqualTo(node.asInt());
        }
        if (!node.isIntegralNumber() || node.canConvertToLong()) {
            assertThat(tree.asLong()).isEqualTo(node.asLong());
        }
        assertThat(tree.size()).isEqualTo(node.size());
        assertThat(root.at(pointer.toString())).isEqualTo(tree);
        assertThat(tree.path(node.size()).isMissingNode()).isTrue();
        int index = 0;
        for (JsonTree value : tree) {
            if (node.isArray()) {
                assertThat(tree.path(index)).isEqualTo(value);
                compare(value, node.get(index), root, pointer.appendIndex(index));
            }
            index++;
        }
        assertThat(index).isEqualTo(node.size());
        List<String> names = new ArrayList<>();
        for (Map.Entry<String, JsonTree> member : tree.properties()) {
            names.add(member.getKey());
            assertThat(tree.has(member.getKey())).isTrue();
            assertThat(tree.path(member.getKey())).isEqualTo(member.getValue());
            compare(member.getValue(), node.get(member.getKey()), root, pointer.appendProperty(member.getKey()));
        }
        assertThat(names)
                .isEqualTo(
                        List.copyOf(node.propertyStream().map(Map.Entry::getKey).toList()));
    }

    @Property(tries = 1000)
    void tree_ofAnyDocument_isWrittenAndConvertedLikeJacksonDoes(@ForAll("documents") JsonNode document)
            throws IOException {
        String text = JACKSON.writeValueAsString(document);
        JsonNode node = JACKSON.readTree(text);
        JsonTree tree = JsonTree.parse(text);

        assertThat(tree.toString()).isEqualTo(JACKSON.writeValueAsString(node));
        assertThat(tree.toPrettyString())
                .isEqualTo(JACKSON.writerWithDefaultPrettyPrinter().writeValueAsString(node));
        assertThat(tree.toBytes()).isEqualTo(JACKSON.writeValueAsBytes(node));
        assertThat(tree.as(JsonNode.class)).isEqualTo(node);
        if (!node.isNull()) {
            assertThat(tree.as(Object.class)).isEqualTo(JACKSON.treeToValue(node, Object.class));
        }
    }

    @Property(tries = 1000)
    void tree_writtenAndReadAgain_isEqual(@ForAll("documents") JsonNode document) throws IOException {
        JsonTree tree = JsonTree.of(document);
        for (JsonTree again : List.of(
                JsonTree.parse(tree.toString()),
                JsonTree.parse(tree.toPrettyString()),
                JsonTree.parse(tree.toBytes()),
                JsonTree.of(JACKSON.treeToValue(document, Object.class)),
                throughJackson(tree),
                JsonTree.of(reversed(document)))) {
            assertThat(again.equals(tree)).isTrue();
            assertThat(tree.equals(again)).isTrue();
            assertThat(again.hashCode()).isEqualTo(tree.hashCode());
        }
    }

    @Property(tries = 1000)
    void equals_ofTwoDocuments_isWhatTheirTextsSay(
            @ForAll("documents") JsonNode one, @ForAll("documents") JsonNode other) throws IOException {
        JsonTree left = JsonTree.parse(JACKSON.writeValueAsString(one));
        JsonTree right = JsonTree.parse(JACKSON.writeValueAsString(other));
        assertThat(left.equals(right)).isEqualTo(left.as(JsonNode.class).equals(right.as(JsonNode.class)));
    }

    /** A class with a member of type {@link JsonTree}. */
    record Holder(List<JsonTree> trees) {}

    private static JsonTree throughJackson(JsonTree tree) throws IOException {
        if (tree.isNull()) {
            return tree;
        }
        byte[] json = JACKSON.writeValueAsBytes(new Holder(List.of(tree)));
        return JACKSON.readValue(json, Holder.class).trees().get(0);
    }

    /** Returns the document with the members of each object in reverse order. */
    private static JsonNode reversed(JsonNode node) {
        if (node.isArray()) {
            return NODES.arrayNode()
                    .addAll(node.valueStream().map(JsonTreeLawTest::reversed).toList());
        }
        if (!node.isObject()) {
            return node;
        }
        List<Map.Entry<String, JsonNode>> members = new ArrayList<>(node.properties());
        Collections.reverse(members);
        ObjectNode reversed = NODES.objectNode();
        members.forEach(member -> reversed.set(member.getKey(), reversed(member.getValue())));
        return reversed;
    }

    @Provide
    Arbitrary<JsonNode> documents() {
        return Arbitraries.randomValue(random -> new Documents(random).next(4));
    }

    /** Builds documents without jqwik's arbitraries, which take minutes for a thousand trees. */
    private record Documents(Random random) {
        private static final List<String> TEXTS = List.of(
                "", "a", "true", "12", "-1.5e3", "~0/~1", "/", "__proto__", "\u0000\"\\", "größe", "\ud83d\ude80");

        JsonNode next(int depth) {
            return switch (random.nextInt(depth == 0 ? 6 : 10)) {
                case 0 -> NODES.textNode(text());
                case 1 -> NODES.numberNode(random.nextInt() >> random.nextInt(32));
                case 2 -> NODES.numberNode(random.nextLong() >> random.nextInt(64));
                case 3 -> NODES.numberNode(new BigInteger(random.nextInt(200), random).subtract(BigInteger.TEN));
                case 4 -> NODES.numberNode(decimal());
                case 5 -> random.nextInt(3) == 0 ? NODES.nullNode() : NODES.booleanNode(random.nextBoolean());
                case 6, 7 -> array(depth - 1);
                default -> object(depth - 1);
            };
        }

        private JsonNode array(int depth) {
            ArrayNode array = NODES.arrayNode();
            for (int left = random.nextInt(5); left > 0; left--) {
                array.add(next(depth));
            }
            return array;
        }

        private JsonNode object(int depth) {
            ObjectNode object = NODES.objectNode();
            for (int left = random.nextInt(5); left > 0; left--) {
                object.set(text(), next(depth));
            }
            return object;
        }

        /** Generates any double except infinities and NaN, which JSON cannot represent. */
        private double decimal() {
            double any = Double.longBitsToDouble(random.nextLong());
            return random.nextBoolean() || !Double.isFinite(any) ? random.nextInt(2_000) / 8.0 - 100 : any;
        }

        /** Generates names without unpaired surrogates, because Jackson refuses names that contain one. */
        private String text() {
            if (random.nextBoolean()) {
                return TEXTS.get(random.nextInt(TEXTS.size()));
            }
            StringBuilder text = new StringBuilder();
            for (int left = random.nextInt(8); left > 0; left--) {
                text.appendCodePoint(random.nextInt(random.nextBoolean() ? 0x80 : Character.MIN_SURROGATE));
            }
            return text.toString();
        }
    }
}
