package io.alldocs.packument;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.StreamCorruptedException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class MemberScanTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @Property
    void find_everyPathOfAnyDocument_readsWhatATreeHas(
            @ForAll("documents") JsonNode document,
            @ForAll boolean pretty,
            @ForAll @IntRange(min = 1, max = 7) int chunk)
            throws IOException {
        byte[] json = (pretty ? JSON.writerWithDefaultPrettyPrinter() : JSON.writer()).writeValueAsBytes(document);

        for (Map.Entry<List<String>, JsonNode> each : paths(document).entrySet()) {
            String[] path = each.getKey().toArray(String[]::new);
            MemberScan scan = new MemberScan(new Chunks(json, chunk));
            assertThat(scan.find(path)).as("%s in %s", each.getKey(), document).isTrue();
            assertThat(scan.texts()).isEqualTo(textsOf(each.getValue()));

            MemberScan names = new MemberScan(new Chunks(json, chunk));
            List<String> found = new ArrayList<>();
            assertThat(names.find(path)).isTrue();
            names.names(found::add);
            assertThat(found).isEqualTo(namesOf(each.getValue()));

            MemberScan scalar = new MemberScan(new Chunks(json, chunk));
            assertThat(scalar.find(path)).isTrue();
            assertThat(scalar.scalar()).isEqualTo(textOf(each.getValue()));
        }
    }

    /** Tests bytes that equal the name but span the quotes of two names. */
    @Test
    void find_nameWithQuotes_isNotWhatLooksLikeItAcrossTheEndOfAnother() throws IOException {
        byte[] json = "{\"\":\"x\",\"\\\":\":\"found\"}".getBytes(StandardCharsets.UTF_8);
        MemberScan scan = new MemberScan(new ByteArrayInputStream(json));

        assertThat(scan.find("\":")).isTrue();
        assertThat(scan.scalar()).isEqualTo("found");
    }

    @Property
    void find_absentMember_isSaidToBe(@ForAll("documents") JsonNode document) throws IOException {
        byte[] json = JSON.writeValueAsBytes(document);

        assertThat(new MemberScan(new ByteArrayInputStream(json)).find("absent"))
                .isFalse();
        assertThat(new MemberScan(new ByteArrayInputStream(json)).find("a", "absent"))
                .isFalse();
    }

    static List<String> realNames() {
        return RealPackuments.names();
    }

    @ParameterizedTest
    @MethodSource("realNames")
    void find_realPackument_readsWhatATreeHas(String name) throws IOException {
        byte[] json = RealPackuments.json(name);
        JsonNode document = JSON.readTree(json);

        MemberScan tags = new MemberScan(new ByteArrayInputStream(json));
        assertThat(tags.find("dist-tags")).isTrue();
        assertThat(tags.texts()).isEqualTo(textsOf(document.path("dist-tags")));

        List<String> versions = new ArrayList<>();
        MemberScan scan = new MemberScan(new ByteArrayInputStream(json));
        assertThat(scan.find("versions")).isTrue();
        scan.names(versions::add);
        assertThat(versions).isEqualTo(namesOf(document.path("versions")));
        for (String version : List.of(versions.get(0), versions.get(versions.size() - 1))) {
            MemberScan shasum = new MemberScan(new ByteArrayInputStream(json));
            assertThat(shasum.find("versions", version, "dist", "tarball")).isTrue();
            assertThat(shasum.scalar())
                    .isEqualTo(document.at("/versions")
                            .path(version)
                            .at("/dist/tarball")
                            .textValue());
        }
    }

    @Test
    void find_fieldAtTheBeginning_readsNoFurther() throws IOException {
        byte[] json = RealPackuments.json("undici");
        Chunks chunks = new Chunks(json, 512);

        MemberScan scan = new MemberScan(chunks);

        assertThat(scan.find("dist-tags", "latest")).isTrue();
        assertThat(scan.scalar()).isNotEmpty();
        assertThat(chunks.given).isLessThan(json.length / 20);
    }

    /** A document that is truncated before the value must not be treated like a document without that value. */
    @Test
    void find_documentCutAnywhere_saysSo() throws IOException {
        byte[] json = "{\"a\":{\"x\\n\":[1,{\"y\":\"]}\"}]},\"b\":-1.5e3,\"c\":null,\"d\":\"z\"}"
                .getBytes(StandardCharsets.UTF_8);
        int found = new String(json, StandardCharsets.UTF_8).indexOf("\"z\"");

        for (int length = 0; length < found; length++) {
            MemberScan scan = new MemberScan(new ByteArrayInputStream(json, 0, length));
            assertThatExceptionOfType(EOFException.class).as("%s bytes", length).isThrownBy(() -> {
                scan.find("d");
                scan.scalar();
            });
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"a\" 1,\"d\":1}",
                "{\"a\":1 \"d\":1}",
                "{\"a\":,\"d\":1}",
                "{\"a\":1,}",
                "{a:1}",
                "{,\"d\":1}",
                "{\"a\":1]",
                "{\"a\":}"
            })
    void find_wayBarred_saysSo(String text) {
        MemberScan scan = new MemberScan(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));

        assertThatExceptionOfType(StreamCorruptedException.class)
                .isThrownBy(() -> scan.find("d"))
                .withMessageContaining("not JSON");
    }

    @Provide
    Arbitrary<JsonNode> documents() {
        Arbitrary<String> texts = Arbitraries.strings()
                .withChars('a', 'b', '"', '\\', '{', '}', '[', ']', ',', ':', ' ', '\n', 'é', '漢')
                .ofMaxLength(12);
        Arbitrary<JsonNode> scalars = Arbitraries.oneOf(
                texts.map(JsonNodeFactory.instance::textNode),
                Arbitraries.longs().map(JsonNodeFactory.instance::numberNode),
                Arbitraries.of(
                        JsonNodeFactory.instance.nullNode(),
                        JsonNodeFactory.instance.booleanNode(true),
                        JsonNodeFactory.instance.numberNode(-1.25e-7)));
        Arbitrary<JsonNode> deep = Arbitraries.lazyOf(
                () -> scalars,
                () -> scalars.list().ofMaxSize(3).map(MemberScanTest::array),
                () -> members(texts, scalars));
        return members(texts, Arbitraries.oneOf(deep, members(texts, deep)));
    }

    private static Arbitrary<JsonNode> members(Arbitrary<String> names, Arbitrary<JsonNode> values) {
        return Arbitraries.maps(names, values).ofMaxSize(4).map(all -> {
            ObjectNode object = JsonNodeFactory.instance.objectNode();
            all.forEach(object::set);
            return object;
        });
    }

    private static JsonNode array(List<JsonNode> elements) {
        return JsonNodeFactory.instance.arrayNode().addAll(elements);
    }

    private static Map<List<String>, JsonNode> paths(JsonNode document) {
        Map<List<String>, JsonNode> paths = new LinkedHashMap<>();
        paths.put(List.of(), document);
        document.properties()
                .forEach(member -> paths(member.getValue()).forEach((below, value) -> {
                    List<String> path = new ArrayList<>(List.of(member.getKey()));
                    path.addAll(below);
                    paths.put(path, value);
                }));
        return paths;
    }

    private static Map<String, String> textsOf(JsonNode object) {
        Map<String, String> texts = new LinkedHashMap<>();
        object.properties().forEach(member -> {
            String text = textOf(member.getValue());
            if (text != null) {
                texts.put(member.getKey(), text);
            }
        });
        return texts;
    }

    private static List<String> namesOf(JsonNode object) {
        return object.properties().stream().map(Map.Entry::getKey).toList();
    }

    private static String textOf(JsonNode value) {
        return value.isTextual() || value.isNumber() ? value.asText() : null;
    }

    /** Returns a few bytes per read and counts them. */
    private static final class Chunks extends FilterInputStream {
        private final int size;
        private long given;

        Chunks(byte[] json, int size) {
            super(new ByteArrayInputStream(json));
            this.size = size;
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            InputStream source = in;
            int count = source.read(target, offset, Math.min(size, length));
            given += Math.max(0, count);
            return count;
        }
    }
}
