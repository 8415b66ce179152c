package io.alldocs.packument;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Tests that documents are read as in JavaScript. The table contains the results of Node's decoder. */
class DocumentJsonTest {

    @ParameterizedTest
    @CsvSource({
        "63 61 66 e9, 63 61 66 fffd",
        "e9 61, fffd 61",
        "c3 a9, e9",
        "c0 80, fffd fffd",
        "ed a0 80, fffd fffd fffd",
        "f0 9f 98 80, 1f600",
        "f0 9f 98, fffd",
        "f0 9f 98 61, fffd 61",
        "f0 9f f0 9f 98 80, fffd 1f600",
        "f4 90 80 80, fffd fffd fffd fffd",
        "e2 82, fffd",
        "80 bf, fffd fffd",
        "ff fe, fffd fffd",
        "e0 80 af, fffd fffd fffd",
        "ef bb bf 61, feff 61"
    })
    void repair_ofEachKindOfWrongByte_replacesAsNodeDoes(String bytes, String codePoints) throws IOException {
        assertThat(repaired(hex(bytes), 3).codePoints())
                .containsExactlyElementsOf(List.of(codePoints.split(" ", -1)).stream()
                        .map(text -> Integer.parseInt(text, 16))
                        .toList());
    }

    @Property
    void repair_ofAnyBytes_isWhatTheStandardDecodes(
            @ForAll("octets") byte[] bytes, @ForAll @IntRange(min = 1, max = 9) int chunk) throws IOException {
        assertThat(repaired(bytes, chunk)).isEqualTo(decoded(bytes));
    }

    /**
     * Implements the steps of the WHATWG's UTF-8 decoder, one byte at a time. Java's own decoder replaces some
     * sequences with fewer characters.
     */
    private static String decoded(byte[] bytes) {
        StringBuilder text = new StringBuilder();
        int point = 0;
        int needed = 0;
        int lower = 0x80;
        int upper = 0xbf;
        for (int i = 0; i < bytes.length; i++) {
            int octet = bytes[i] & 0xff;
            if (needed > 0) {
                if (octet < lower || octet > upper) {
                    text.append('\ufffd');
                    needed = 0;
                    i--;
                } else {
                    point = (point << 6) | (octet & 0x3f);
                    needed--;
                    if (needed == 0) {
                        text.appendCodePoint(point);
                    }
                }
                lower = 0x80;
                upper = 0xbf;
            } else if (octet < 0x80) {
                text.append((char) octet);
            } else if (octet >= 0xc2 && octet <= 0xf4) {
                needed = octet < 0xe0 ? 1 : octet < 0xf0 ? 2 : 3;
                point = octet & (octet < 0xe0 ? 0x1f : octet < 0xf0 ? 0xf : 0x7);
                lower = octet == 0xe0 ? 0xa0 : octet == 0xf0 ? 0x90 : 0x80;
                upper = octet == 0xed ? 0x9f : octet == 0xf4 ? 0x8f : 0xbf;
            } else {
                text.append('\ufffd');
            }
        }
        return needed > 0 ? text.append('\ufffd').toString() : text.toString();
    }

    @Provide
    Arbitrary<byte[]> octets() {
        return Arbitraries.of(
                        0x61, 0x22, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc1, 0xc2, 0xe0, 0xe2, 0xed, 0xef, 0xf0,
                        0xf1, 0xf4, 0xf5, 0xff)
                .map(Integer::byteValue)
                .array(byte[].class)
                .ofMaxSize(40);
    }

    @Test
    void repair_whereASequenceMeetsTheBuffersEnd_isWhole() throws IOException {
        for (int before = 8_185; before <= 8_195; before++) {
            byte[] text = ("a".repeat(before) + "\ud83d\ude00\u00e9b").getBytes(StandardCharsets.UTF_8);
            assertThat(repaired(text, 100_000)).isEqualTo(new String(text, StandardCharsets.UTF_8));
        }
    }

    static List<String> documents() {
        return List.of(
                "{\"a\":".repeat(100_000) + "1" + "}".repeat(100_000),
                "[".repeat(100_000) + "]".repeat(100_000),
                "{\"n\":" + "7".repeat(200_000) + ",\"f\":0." + "3".repeat(200_000) + "}",
                "{\"" + "k".repeat(200_000) + "\":\"" + "v".repeat(200_000) + "\"}");
    }

    @ParameterizedTest
    @MethodSource("documents")
    void parser_ofWhatJavaScriptReads_hasNoLimits(String document) throws IOException {
        try (JsonParser parser = parser(document)) {
            while (parser.nextToken() != null) {
                parser.getText();
            }
            assertThat(parser.currentLocation().getByteOffset()).isEqualTo(document.length());
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"{\"a\":NaN}", "{\"a\":1/* x */}", "{\"a\":1,}", "{'a':1}", "{\"a\":01}", "{a:1}"})
    void parser_ofWhatIsNoJson_fails(String document) throws IOException {
        try (JsonParser parser = parser(document)) {
            assertThatThrownBy(() -> {
                        while (parser.nextToken() != null) {
                            parser.getText();
                        }
                    })
                    .isInstanceOf(JsonParseException.class);
        }
    }

    private static JsonParser parser(String document) throws IOException {
        return DocumentJson.parser(new ByteArrayInputStream(document.getBytes(StandardCharsets.UTF_8)));
    }

    private static String repaired(byte[] bytes, int chunk) throws IOException {
        InputStream chunks = new ByteArrayInputStream(bytes) {
            @Override
            public synchronized int read(byte[] target, int offset, int length) {
                return super.read(target, offset, Math.min(chunk, length));
            }
        };
        try (InputStream repair = new Utf8Repair(chunks)) {
            byte[] all = repair.readAllBytes();
            String text = new String(all, StandardCharsets.UTF_8);
            assertThat(text.getBytes(StandardCharsets.UTF_8)).isEqualTo(all);
            return text;
        }
    }

    private static byte[] hex(String text) {
        String[] octets = text.split(" ", -1);
        byte[] bytes = new byte[octets.length];
        for (int i = 0; i < octets.length; i++) {
            bytes[i] = (byte) Integer.parseInt(octets[i], 16);
        }
        return bytes;
    }
}
