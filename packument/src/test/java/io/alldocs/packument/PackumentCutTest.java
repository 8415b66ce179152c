package io.alldocs.packument;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.StreamCorruptedException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class PackumentCutTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    private static String cut(String text, Set<String> removed) throws IOException {
        try (InputStream in = new PackumentCut(
                new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)), removed, Map.of("latest", "1.0.0"))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Property(tries = 40)
    void read_realPackuments_isWhatATreeWithoutTheVersionsIs(@ForAll @IntRange(max = 99) int percent, @ForAll long seed)
            throws IOException {
        Random random = new Random(seed);
        String name =
                RealPackuments.names().get(random.nextInt(RealPackuments.names().size()));
        ObjectNode tree = (ObjectNode) JSON.readTree(RealPackuments.json(name));
        List<String> versions = new ArrayList<>();
        tree.path("versions").fieldNames().forEachRemaining(versions::add);
        Set<String> removed = new HashSet<>();
        versions.stream().filter(version -> random.nextInt(100) < percent).forEach(removed::add);

        JsonNode cut;
        try (InputStream in = new PackumentCut(
                new ByteArrayInputStream(RealPackuments.json(name)), removed, Map.of("latest", "ü\"1"))) {
            cut = JSON.readTree(in);
        }

        ((ObjectNode) tree.path("versions")).remove(removed);
        if (tree.path("time").isObject()) {
            ((ObjectNode) tree.path("time")).remove(removed);
        }
        tree.set("dist-tags", JSON.createObjectNode().put("latest", "ü\"1"));
        assertThat(cut).isEqualTo(tree);
    }

    @Test
    void read_documentThatJsonParsersRefuse_copiesItsBytes() throws IOException {
        String deep = "[".repeat(5_000) + "]".repeat(5_000);
        String number = "1".repeat(5_000);
        String key = "k".repeat(70_000);
        String body = "\"a\":" + deep + ",\"b\":" + number + ",\"" + key + "\":\"\\ud800\"";

        assertThat(cut(
                        "{" + body + ",\"versions\":{\"1.0.0\":{" + body + "},\"2.0.0\":{" + body + "}}}",
                        Set.of("2.0.0")))
                .isEqualTo("{" + body + ",\"versions\":{\"1.0.0\":{" + body + "}}}");
    }

    @Test
    void read_bytesThatAreNotUtf8_copiesThem() throws IOException {
        byte[] text = "{\"a\":\"?\\n\",\"?\\\"\":1,\"versions\":{\"1\":{},\"2\":\"?\"},\"dist-tags\":{}}"
                .replace('?', '\u00ff')
                .getBytes(StandardCharsets.ISO_8859_1);

        try (InputStream in = new PackumentCut(new ByteArrayInputStream(text), Set.of("1"), Map.of())) {
            assertThat(new String(in.readAllBytes(), StandardCharsets.ISO_8859_1))
                    .isEqualTo(
                            "{\"a\":\"\u00ff\\n\",\"\u00ff\\\"\":1,\"versions\":{\"2\":\"\u00ff\"},\"dist-tags\":{}}");
        }
    }

    @Test
    void read_whiteSpaceAndEmptyObjects_staysJson() throws IOException {
        assertThat(cut(
                        " { \"versions\" : { \"1\" : { } , \"2\" : [ 1 , 2 ] } , \"time\" : { } , \"x\" : null } ",
                        Set.of("1")))
                .isEqualTo("{\"versions\":{\"2\": [ 1 , 2 ]},\"time\":{},\"x\":null}");
        assertThat(cut("{\"versions\":{\"1\":{}},\"time\":3,\"dist-tags\":[]}", Set.of("1")))
                .isEqualTo("{\"versions\":{},\"time\":3,\"dist-tags\":[]}");
        assertThat(cut("{\"x\":{\"versions\":{\"1\":{}}},\"dist-tags\":{\"a\":\"1\"}}", Set.of("1")))
                .isEqualTo("{\"x\":{\"versions\":{\"1\":{}}},\"dist-tags\":{\"latest\":\"1.0.0\"}}");
        assertThat(cut("{}", Set.of("1"))).isEqualTo("{}");
    }

    @Test
    void read_cutOrOtherText_throws() {
        assertThatThrownBy(() -> cut("{\"versions\":{\"1\":{}", Set.of("1"))).isInstanceOf(EOFException.class);
        assertThatThrownBy(() -> cut("<html>", Set.of("1"))).isInstanceOf(StreamCorruptedException.class);
        assertThatThrownBy(() -> cut("{1}", Set.of("1"))).isInstanceOf(StreamCorruptedException.class);
    }
}
