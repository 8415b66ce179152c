package io.alldocs.cache.body;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import io.alldocs.cache.internal.json.JsonCheck;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonCheckTest {
    private static final JsonFactory JACKSON = JsonFactory.builder()
            .disable(JsonFactory.Feature.CHARSET_DETECTION)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNumberLength(Integer.MAX_VALUE)
                    .build())
            .build();

    @Property(tries = 4000)
    void end_anyPiecesOfJson_isWhatJacksonSays(@ForAll("texts") String text, @ForAll("sizes") List<Integer> sizes) {
        assertThat(check(text, sizes).isJson()).as(text).isEqualTo(isJson(text));
    }

    @Property(tries = 1000)
    void end_everyBeginningOfAnObject_isCut(@ForAll("objects") String text) {
        for (int length = 0; length < text.length(); length++) {
            String beginning = text.substring(0, length);
            assertThat(check(beginning, List.of())).isEqualTo(beginning.isBlank() ? JsonText.EMPTY : JsonText.CUT);
        }
        assertThat(check(text, List.of(1))).isEqualTo(JsonText.OBJECT);
    }

    /** Parts of JSON in any order. Most texts are not JSON, but many almost are. */
    @Provide
    Arbitrary<String> texts() {
        Arbitrary<String> parts = Arbitraries.of(
                "{",
                "}",
                "[",
                "]",
                ",",
                ":",
                "\"a\"",
                "\"\\u00e9\\n\"",
                "\"\\ud800\"",
                "0",
                "-1",
                "1.5e+3",
                "01",
                "1.",
                "-",
                "true",
                "false",
                "null",
                "nul",
                "NaN",
                " ",
                "\n",
                "\"",
                "\\",
                "\"\\x\"",
                "\"tab\tin\"",
                "1e",
                "é",
                "{\"a\":",
                "[1,");
        Arbitrary<String> jumbled = parts.list().ofMaxSize(8).map(list -> String.join("", list));
        return Arbitraries.oneOf(jumbled, objects(), objects().map(text -> text.replaceFirst("[,:]", "")));
    }

    @Provide
    Arbitrary<String> objects() {
        return values(3).list().ofMaxSize(4).map(list -> {
            StringBuilder text = new StringBuilder("{");
            for (int i = 0; i < list.size(); i++) {
                text.append(i == 0 ? "" : ",")
                        .append("\"key")
                        .append(i)
                        .append("\" : ")
                        .append(list.get(i));
            }
            return text.append('}').toString();
        });
    }

    private static Arbitrary<String> values(int depth) {
        Arbitrary<String> scalars = Arbitraries.of(
                "null",
                "true",
                "-0.0E-1",
                "12345678901234567890",
                "\"\"",
                "\"a long text with \\\" and \\\\ in it, é😀\"",
                "{}",
                "[]");
        return depth == 0
                ? scalars
                : Arbitraries.oneOf(
                        scalars,
                        values(depth - 1).list().ofMaxSize(3).map(list -> "[" + String.join(" , ", list) + "]"),
                        values(depth - 1).map(value -> "{\"x\\/\":" + value + "}"));
    }

    @Provide
    Arbitrary<List<Integer>> sizes() {
        return Arbitraries.integers().between(1, 20).list().ofMaxSize(10);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 63, 64, 65, 5_000, 1_000_000})
    void end_deepNesting_isJson(int depth) {
        String objects = "{\"a\":".repeat(depth) + "1" + "}".repeat(depth);
        String mixed = "[{\"a\":".repeat(depth) + "1" + "}]".repeat(depth);
        assertThat(check(objects, List.of(1000))).isEqualTo(JsonText.OBJECT);
        assertThat(check(mixed, List.of(1000))).isEqualTo(JsonText.OTHER_VALUE);
        assertThat(check(mixed.substring(0, mixed.length() - 1) + "}", List.of(1000)))
                .isEqualTo(JsonText.NOT_JSON);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 100})
    void end_textThatBeginsWithALessThanSign_isMarkup(int size) {
        assertThat(check(" \n<!doctype html>{}", List.of(size))).isEqualTo(JsonText.MARKUP);
        assertThat(check("[<p>]", List.of(size))).isEqualTo(JsonText.NOT_JSON);
    }

    @Test
    void end_bytesThatAreNotUtf8_areTextInsideOfTextsOnly() {
        byte[] inside = {'{', '"', (byte) 0xe9, '"', ':', '"', (byte) 0xff, (byte) 0xc0, '"', '}'};
        byte[] outside = {'{', '"', 'a', '"', ':', '1', '}', (byte) 0xe9};
        assertThat(check(inside, List.of())).isEqualTo(JsonText.OBJECT);
        assertThat(check(outside, List.of())).isEqualTo(JsonText.NOT_JSON);
    }

    @Test
    void accept_everyByteInAText_isTakenUnlessItIsAControlCharacter() {
        for (int octet = 0; octet < 256; octet++) {
            for (int offset = 0; offset < 9; offset++) {
                byte[] text = ("{\"a\":\"" + "x".repeat(offset) + "_" + "y".repeat(9) + "\"}")
                        .getBytes(StandardCharsets.US_ASCII);
                text[6 + offset] = (byte) octet;
                boolean bad = octet < 0x20 || octet == '"' || octet == '\\';
                assertThat(check(text, List.of()) == JsonText.OBJECT)
                        .as("%x at %d", octet, offset)
                        .isEqualTo(!bad);
            }
        }
    }

    private static JsonText check(String text, List<Integer> sizes) {
        return check(text.getBytes(StandardCharsets.UTF_8), sizes);
    }

    private static JsonText check(byte[] bytes, List<Integer> sizes) {
        JsonCheck check = new JsonCheck();
        check.reset();
        int at = 0;
        for (int i = 0; at < bytes.length; i++) {
            int size = sizes.isEmpty() ? bytes.length : sizes.get(i % sizes.size());
            int end = Math.min(bytes.length, at + size);
            check.accept(bytes, at, end);
            at = end;
        }
        return JsonText.of(check);
    }

    private static boolean isJson(String text) {
        try (JsonParser parser = JACKSON.createParser(text.getBytes(StandardCharsets.UTF_8))) {
            if (parser.nextToken() == null) {
                return false;
            }
            parser.skipChildren();
            parser.finishToken();
            return parser.nextToken() == null && parser.currentToken() != JsonToken.NOT_AVAILABLE;
        } catch (IOException e) {
            return false;
        }
    }
}
