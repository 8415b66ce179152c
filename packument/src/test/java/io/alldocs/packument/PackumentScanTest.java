package io.alldocs.packument;

import static io.alldocs.packument.Outcome.MALFORMED;
import static io.alldocs.packument.Outcome.OK;
import static io.alldocs.packument.Outcome.SECURITY_HOLDER;
import static io.alldocs.packument.Outcome.UNPUBLISHED;
import static io.alldocs.packument.PackumentForm.ABBREVIATED;
import static io.alldocs.packument.PackumentForm.FULL;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class PackumentScanTest {

    private static final ObjectMapper JSON = new ObjectMapper();

    @ParameterizedTest
    @MethodSource("io.alldocs.packument.RealPackuments#names")
    void scan_realPackument_isOkAfterItsFirstKilobytes(String name) throws IOException {
        byte[] text = RealPackuments.json(name);
        CountingStream counted = new CountingStream(text);

        assertThat(PackumentScan.scan(counted, name, FULL).outcome()).isEqualTo(OK);
        assertThat(counted.count).isLessThanOrEqualTo(16_000);
        assertThat(scan(new String(text, StandardCharsets.UTF_8), name + "x", FULL)
                        .outcome())
                .isEqualTo(MALFORMED);
    }

    @Test
    void scan_documentAsCouchDbWritesIt_findsRevision() throws IOException {
        String text =
                "{\"_id\":\"a\",\"_rev\":\"7-cafe\",\"name\":\"a\",\"dist-tags\":{\"latest\":\"1.0.0\"},\"versions\":{\"1.0.0\":{}}}";

        assertThat(scan(text, "a", FULL)).isEqualTo(new PackumentScan.Finding(OK, "7-cafe"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"7", "null", "{\"rev\":\"7-cafe\"}", "[\"7-cafe\"]", "true", "\"\""})
    void scan_invalidRevision_isOmitted(String rev) throws IOException {
        String text = "{\"_id\":\"a\",\"_rev\":" + rev + ",\"name\":\"a\",\"versions\":{\"1.0.0\":{}}}";

        assertThat(scan(text, "a", FULL)).isEqualTo(new PackumentScan.Finding(OK, null));
    }

    @Test
    void scan_revisionOfTenThousandCharacters_isLeftOut() throws IOException {
        String text = "{\"_rev\":\"1-" + "f".repeat(10_000) + "\",\"name\":\"a\",\"versions\":{\"1.0.0\":{}}}";

        assertThat(scan(text, "a", FULL).rev()).isNull();
    }

    @Test
    void scan_unpublishedStub_isUnpublished() throws IOException {
        String stub =
                "{\"_id\":\"a\",\"_rev\":\"9-a\",\"name\":\"a\",\"time\":{\"created\":\"x\",\"unpublished\":{\"time\":\"y\"}}}";

        assertThat(scan(stub, "a", FULL)).isEqualTo(new PackumentScan.Finding(UNPUBLISHED, "9-a"));
    }

    @Test
    void scan_publishedAgainAfterUnpublishing_isOk() throws IOException {
        String text = "{\"name\":\"a\",\"time\":{\"unpublished\":{}},\"versions\":{\"2.0.0\":{}}}";

        assertThat(scan(text, "a", FULL).outcome()).isEqualTo(OK);
    }

    @Test
    void scan_noVersions_dependsOnTheForm() throws IOException {
        assertThat(scan("{\"name\":\"a\",\"versions\":{},\"dist-tags\":{}}", "a", ABBREVIATED)
                        .outcome())
                .isEqualTo(UNPUBLISHED);
        assertThat(scan("{\"name\":\"a\"}", "a", ABBREVIATED).outcome()).isEqualTo(UNPUBLISHED);
        assertThat(scan("{\"name\":\"a\",\"versions\":{}}", "a", FULL).outcome())
                .isEqualTo(OK);
        assertThat(scan("{\"name\":\"a\",\"time\":{\"unpublished\":null}}", "a", FULL)
                        .outcome())
                .isEqualTo(MALFORMED);
        assertThat(scan("{\"name\":\"a\",\"versions\":[\"1.0.0\"]}", "a", FULL).outcome())
                .isEqualTo(MALFORMED);
    }

    @Test
    void scan_securityHolder_needsVersionsAndAMarkOfNpm() throws IOException {
        String versions = "\"versions\":{\"0.0.1-security\":{},\"0.0.1-security.0\":{}}";
        String repository = "{\"type\":\"git\",\"url\":\"git+https://github.com/npm/security-holder.git\"}";

        assertThat(outcome("{\"name\":\"a\",\"description\":\"security holding package\"," + versions + "}"))
                .isEqualTo(SECURITY_HOLDER);
        assertThat(outcome("{\"name\":\"a\"," + versions + ",\"repository\":" + repository + "}"))
                .isEqualTo(SECURITY_HOLDER);
        assertThat(outcome("{\"name\":\"a\"," + versions + ",\"repository\":\"npm/security-holder\"}"))
                .isEqualTo(SECURITY_HOLDER);
        assertThat(outcome("{\"name\":\"a\",\"versions\":{\"0.0.1-security\":{\"repository\":" + repository + "}}}"))
                .isEqualTo(SECURITY_HOLDER);
        assertThat(outcome("{\"name\":\"a\"," + versions + "}")).isEqualTo(OK);
        assertThat(scan("{\"name\":\"a\"," + versions + "}", "a", ABBREVIATED).outcome())
                .isEqualTo(SECURITY_HOLDER);
        assertThat(outcome("{\"name\":\"a\",\"description\":\"security holding package\","
                        + "\"versions\":{\"0.0.1-security\":{},\"1.0.0\":{}}}"))
                .isEqualTo(OK);
        assertThat(outcome("{\"name\":\"a\",\"description\":\"security holding package\","
                        + "\"versions\":{\"0.0.1-securityish\":{}}}"))
                .isEqualTo(OK);
    }

    @Test
    void scan_anotherName_isMalformed() throws IOException {
        assertThat(outcome("{\"name\":\"b\",\"versions\":{\"1.0.0\":{}}}")).isEqualTo(MALFORMED);
        assertThat(outcome("{\"versions\":{\"1.0.0\":{}},\"name\":\"b\"}")).isEqualTo(MALFORMED);
        assertThat(outcome("{\"_id\":\"a\",\"versions\":{\"1.0.0\":{}},\"name\":\"b\"}"))
                .isEqualTo(MALFORMED);
        assertThat(outcome("{\"versions\":{\"1.0.0\":{\"name\":\"a\"}}}")).isEqualTo(MALFORMED);
        assertThat(outcome("{\"name\":{\"name\":\"a\"},\"versions\":{\"1.0.0\":{}}}"))
                .isEqualTo(MALFORMED);
        assertThat(outcome("{\"name\":\"A\",\"versions\":{\"1.0.0\":{}}}")).isEqualTo(MALFORMED);
        assertThat(outcome("{\"_id\":\"a\",\"versions\":{\"1.0.0\":{}}}")).isEqualTo(OK);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "<!DOCTYPE html>",
                "[]",
                "[{\"name\":\"a\"}]",
                "\"a\"",
                "null",
                "17",
                "Too many requests",
                "nonsense"
            })
    void scan_noJsonObject_isMalformedAndSaysSo(String text) throws IOException {
        assertThat(scan(text, "a", FULL)).isEqualTo(new PackumentScan.Finding(MALFORMED, null));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{broken",
                "{\"error\":\"x\"}",
                "{}",
                "{\"name\":\"a\",\"versions\":nonsense}",
                "{\"name\":\"a\" \"b\"}"
            })
    void scan_otherJson_isMalformed(String text) throws IOException {
        assertThat(outcome(text)).isEqualTo(MALFORMED);
    }

    @ParameterizedTest
    @EnumSource(PackumentForm.class)
    void scan_emptyText_isCut(PackumentForm form) {
        assertThatExceptionOfType(EOFException.class).isThrownBy(() -> scan("", "a", form));
        assertThatExceptionOfType(EOFException.class).isThrownBy(() -> scan(" \n", "a", form));
    }

    @Test
    void scan_nestingWithoutEnd_isMalformedNotAStackOverflow() throws IOException {
        assertThat(outcome("{\"name\":\"a\",\"x\":" + "[".repeat(1_000_000))).isEqualTo(MALFORMED);
    }

    @Test
    void scan_bytesThatAreNotUtf8_isMalformed() throws IOException {
        byte[] latin1 = "{\"name\":\"é\",\"versions\":{\"1.0.0\":{}}}".getBytes(StandardCharsets.ISO_8859_1);
        byte[] utf16 = "{\"name\":\"a\",\"versions\":{\"1.0.0\":{}}}".getBytes(StandardCharsets.UTF_16);

        assertThat(PackumentScan.scan(new ByteArrayInputStream(latin1), "é", FULL)
                        .outcome())
                .isEqualTo(MALFORMED);
        assertThat(PackumentScan.scan(new ByteArrayInputStream(utf16), "a", FULL)
                        .outcome())
                .isEqualTo(MALFORMED);
    }

    @Property(tries = 500)
    void scan_membersInAnyOrder_findsWhatATreeFinds(
            @ForAll("documents") ObjectNode document, @ForAll PackumentForm form) throws IOException {
        assertThat(scan(document.toString(), "a", form).outcome()).isEqualTo(outcomeOfTree(document, form));
    }

    @Property(tries = 300)
    void scan_documentCutAnywhere_isCutOrTheSameOutcome(@ForAll("documents") ObjectNode document, @ForAll Random random)
            throws IOException {
        byte[] whole = document.toString().getBytes(StandardCharsets.UTF_8);
        Outcome outcome = scan(document.toString(), "a", FULL).outcome();

        InputStream part = new ByteArrayInputStream(whole, 0, random.nextInt(whole.length));
        Throwable thrown = catchThrowable(
                () -> assertThat(PackumentScan.scan(part, "a", FULL).outcome()).isEqualTo(outcome));
        if (thrown != null) {
            assertThat(thrown).isInstanceOf(EOFException.class);
        }
    }

    @Provide
    Arbitrary<ObjectNode> documents() {
        Arbitrary<JsonNode> values = Arbitraries.of(
                        "null",
                        "7",
                        "\"a\"",
                        "\"b\"",
                        "[]",
                        "[{\"name\":\"a\",\"versions\":{\"1.0.0\":{}}}]",
                        "{}",
                        "{\"1.0.0\":{\"name\":\"a\"}}",
                        "{\"0.0.1-security\":{}}",
                        "{\"0.0.1-security\":{\"description\":\"security holding package\"},\"0.0.1-security.1\":7}",
                        "{\"0.0.1-security\":{\"repository\":{\"url\":\"npm/security-holder\"}},\"1.0.0\":{}}",
                        "{\"unpublished\":{\"name\":\"a\"}}",
                        "{\"unpublished\":null}",
                        "{\"url\":\"https://github.com/npm/security-holder\"}",
                        "{\"versions\":{\"1.0.0\":{}},\"time\":{\"unpublished\":{}}}",
                        "\"security holding package\"",
                        "\"npm/security-holder\"",
                        "\"3-abc\"")
                .map(PackumentScanTest::parse);
        Arbitrary<String> members = Arbitraries.of(
                "_id",
                "_rev",
                "name",
                "versions",
                "time",
                "description",
                "repository",
                "readme",
                "dist-tags",
                "maintainers");
        Arbitrary<Map<String, JsonNode>> wild =
                Arbitraries.maps(members, values).ofMaxSize(8);
        Arbitrary<Boolean> named = Arbitraries.of(true, true, true, false);
        return Combinators.combine(wild, named, Arbitraries.randoms()).as(PackumentScanTest::shuffled);
    }

    private static ObjectNode shuffled(Map<String, JsonNode> members, boolean named, Random random) {
        List<String> order = new ArrayList<>(members.keySet());
        if (named && !order.contains("name")) {
            order.add("name");
        }
        Collections.shuffle(order, random);
        ObjectNode document = JsonNodeFactory.instance.objectNode();
        order.forEach(member -> document.set(
                member, named && member.equals("name") ? JsonNodeFactory.instance.textNode("a") : members.get(member)));
        return document;
    }

    /** Implements the same rules on a tree. */
    private static Outcome outcomeOfTree(ObjectNode document, PackumentForm form) {
        JsonNode name = document.has("name") ? document.get("name") : document.path("_id");
        if (!name.isTextual() || !name.textValue().equals("a")) {
            return MALFORMED;
        }
        JsonNode versions = document.path("versions");
        if (versions.isObject() && !versions.isEmpty()) {
            boolean security = true;
            for (Iterator<String> all = versions.fieldNames(); all.hasNext(); ) {
                security &= all.next().startsWith("0.0.1-security");
            }
            return security && (form == ABBREVIATED || hasMark(document)) ? SECURITY_HOLDER : OK;
        }
        boolean noVersions = !document.has("versions") || versions.isObject();
        if ((form == ABBREVIATED && noVersions) || document.path("time").hasNonNull("unpublished")) {
            return UNPUBLISHED;
        }
        return versions.isObject() ? OK : MALFORMED;
    }

    private static boolean hasMark(JsonNode document) {
        boolean mark = isMark(document);
        for (JsonNode version : document.path("versions")) {
            mark |= isMark(version);
        }
        return mark;
    }

    private static boolean isMark(JsonNode manifest) {
        JsonNode repository = manifest.path("repository");
        String url = repository.isObject() ? repository.path("url").asText() : repository.asText();
        return manifest.path("description").asText().equals("security holding package")
                || url.contains("npm/security-holder");
    }

    private static JsonNode parse(String json) {
        try {
            return JSON.readTree(json);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static Outcome outcome(String text) throws IOException {
        return scan(text, "a", FULL).outcome();
    }

    private static PackumentScan.Finding scan(String text, String asked, PackumentForm form) throws IOException {
        return PackumentScan.scan(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)), asked, form);
    }

    private static final class CountingStream extends FilterInputStream {
        private long count;

        CountingStream(byte[] bytes) {
            super(new ByteArrayInputStream(bytes));
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            int read = super.read(target, offset, length);
            count += Math.max(0, read);
            return read;
        }
    }
}
