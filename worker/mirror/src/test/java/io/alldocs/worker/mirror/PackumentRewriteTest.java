package io.alldocs.worker.mirror;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class PackumentRewriteTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Members in npm's description of the abbreviated form, and those added since. */
    private static final Set<String> INSTALL_MEMBERS = Set.of(
            "name",
            "version",
            "deprecated",
            "dependencies",
            "optionalDependencies",
            "devDependencies",
            "bundleDependencies",
            "bundledDependencies",
            "peerDependencies",
            "peerDependenciesMeta",
            "acceptDependencies",
            "bin",
            "directories",
            "dist",
            "engines",
            "cpu",
            "os",
            "libc",
            "funding",
            "hasInstallScript",
            "_hasShrinkwrap");

    static List<String> names() {
        return RealPackuments.names();
    }

    /** Compares the result with a second implementation, which uses a tree in memory. */
    @ParameterizedTest
    @MethodSource("names")
    void abbreviatedForm_ofARealPackument_isWhatATreeGives(String name) throws IOException {
        JsonNode full = JSON.readTree(RealPackuments.json(name));
        ObjectNode expected = JSON.createObjectNode();
        expected.set("name", full.path("name"));
        expected.set("dist-tags", full.path("dist-tags"));
        if (full.path("time").has("modified")) {
            expected.set("modified", full.path("time").path("modified"));
        }
        ObjectNode versions = expected.putObject("versions");
        full.path("versions").properties().forEach(version -> {
            ObjectNode kept = versions.putObject(version.getKey());
            version.getValue().properties().stream()
                    .filter(member -> INSTALL_MEMBERS.contains(member.getKey()))
                    .forEach(member -> kept.set(member.getKey(), member.getValue()));
            JsonNode scripts = version.getValue().path("scripts");
            if (scripts.has("preinstall") || scripts.has("install") || scripts.has("postinstall")) {
                kept.put("hasInstallScript", true);
            }
        });

        assertThat(JSON.readTree(abbreviated(RealPackuments.json(name)))).isEqualTo(expected);
    }

    @Test
    void realPackuments_meetTheRareMembers() throws IOException {
        JsonNode sharp = JSON.readTree(abbreviated(RealPackuments.json("@img/sharp-linux-s390x")));
        JsonNode bufferutil = JSON.readTree(abbreviated(RealPackuments.json("bufferutil")));

        assertThat(sharp.path("versions").elements().next().has("libc")).isTrue();
        assertThat(bufferutil.findValues("hasInstallScript")).isNotEmpty();
        assertThat(bufferutil.findValues("scripts")).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("names")
    void abbreviatedForm_abbreviatedAgain_staysAsItIs(String name) throws IOException {
        byte[] once = abbreviated(RealPackuments.json(name));

        assertThat(abbreviated(once)).isEqualTo(once);
    }

    @ParameterizedTest
    @MethodSource("names")
    void fullForm_withoutAChange_keepsEveryMember(String name) throws IOException {
        byte[] same =
                read(new PackumentRewrite(stream(RealPackuments.json(name)), false, PackumentRewrite.Tarballs.SAME));

        assertThat(JSON.readTree(same)).isEqualTo(JSON.readTree(RealPackuments.json(name)));
    }

    @Test
    void membersInAnyOrder_numbersAndHalfSurrogates_areCopied() throws IOException {
        String document = "{\"versions\":{\"1.0.0\":{\"scripts\":{\"postinstall\":\"x\"},\"dist\":"
                + "{\"size\":12345678901234567890.000000000000000000001,\"tarball\":\"http://a/b\"},"
                + "\"deprecated\":\"\\ud83d é 🗝\",\"extra\":1}},\"time\":{\"created\":\"c\",\"modified\":\"m\"},"
                + "\"readme\":\"r\",\"name\":\"n\"}";

        String abbreviated = new String(abbreviated(document.getBytes(StandardCharsets.UTF_8)), StandardCharsets.UTF_8);

        assertThat(abbreviated)
                .contains("12345678901234567890.000000000000000000001")
                .contains("\\uD83D \\u00E9 \\uD83D\\uDDDD")
                .contains("\"hasInstallScript\":true")
                .contains("\"modified\":\"m\"")
                .contains("\"name\":\"n\"")
                .doesNotContain("readme", "extra", "scripts", "created");
    }

    @Test
    void tarballs_areRewritten_andNothingElse() throws IOException {
        String document =
                "{\"name\":\"n\",\"tarball\":\"http://a/b\",\"versions\":{\"1.0.0\":{\"tarball\":\"http://a/b\","
                        + "\"dist\":{\"tarball\":\"http://a/b\",\"note\":\"tarball\"},\"x\":{\"dist\":{\"tarball\":\"http://a/b\"}}}}}";

        byte[] rewritten =
                read(new PackumentRewrite(stream(document), false, (version, url) -> "new:" + version + url));

        assertThat(new String(rewritten, StandardCharsets.UTF_8))
                .isEqualTo(document.replace(
                        "\"dist\":{\"tarball\":\"http://a/b\",\"n",
                        "\"dist\":{\"tarball\":\"new:1.0.0http://a/b\",\"n"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "[]", "null", "{\"name\":\"n\"", "{\"versions\":{\"1\":{\"dist\":", "{\"name\":nonsense}"})
    void textThatIsNoWholePackument_isAnError(String text) {
        assertThatThrownBy(() -> abbreviated(text.getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(IOException.class);
    }

    @Property(tries = 30)
    void text_isTheSame_howeverItIsRead(@ForAll @IntRange(min = 1, max = 70_000) int largest, @ForAll long seed)
            throws IOException {
        byte[] whole = abbreviated(RealPackuments.json("express"));
        Random random = new Random(seed);
        ByteArrayOutputStream pieces = new ByteArrayOutputStream();
        try (InputStream in = rewrite(RealPackuments.json("express"))) {
            byte[] buffer = new byte[largest];
            for (int count = 0; count >= 0; ) {
                pieces.write(buffer, 0, count);
                count = random.nextInt(10) == 0 ? one(in, buffer) : in.read(buffer, 0, 1 + random.nextInt(largest));
            }
        }

        assertThat(pieces.toByteArray()).isEqualTo(whole);
    }

    @Test
    void gzip_holdsTheSameText() throws IOException {
        byte[] gzip = read(new GzipStream(rewrite(RealPackuments.json("express"))));

        assertThat(RealPackuments.gunzip(gzip)).isEqualTo(abbreviated(RealPackuments.json("express")));
    }

    /** Jackson's default limit for a string is 20,000,000 characters. */
    @Test
    void readme_ofAnyLength_isCopied() throws IOException {
        String readme = "r".repeat(20_000_001);
        byte[] document = ("{\"name\":\"n\",\"versions\":{\"1.0.0\":{\"readme\":\"" + readme + "\"}}}")
                .getBytes(StandardCharsets.UTF_8);

        assertThat(read(new PackumentRewrite(stream(document), false, PackumentRewrite.Tarballs.SAME)))
                .isEqualTo(document);
        assertThat(Parts.manifest(() -> stream(document), "1.0.0")).hasSize(readme.length() + 13);
    }

    private static int one(InputStream in, byte[] buffer) throws IOException {
        int octet = in.read();
        buffer[0] = (byte) octet;
        return octet < 0 ? -1 : 1;
    }

    private static byte[] abbreviated(byte[] document) throws IOException {
        return read(rewrite(document));
    }

    private static PackumentRewrite rewrite(byte[] document) throws IOException {
        return new PackumentRewrite(new ByteArrayInputStream(document), true, PackumentRewrite.Tarballs.SAME);
    }

    private static byte[] read(InputStream in) throws IOException {
        try (in) {
            return in.readAllBytes();
        }
    }

    private static InputStream stream(byte[] bytes) {
        return new ByteArrayInputStream(bytes);
    }

    private static InputStream stream(String text) {
        return stream(text.getBytes(StandardCharsets.UTF_8));
    }
}
