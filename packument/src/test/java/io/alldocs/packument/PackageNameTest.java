package io.alldocs.packument;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PackageNameTest {

    @ParameterizedTest
    @CsvSource({
        "express, express",
        "/express, express",
        "@babel/core, @babel/core",
        "/@babel/core, @babel/core",
        "@babel%2fcore, @babel/core",
        "/@babel%2Fcore, @babel/core",
        "/%40babel%2fcore, @babel/core",
        "JSONStream, JSONStream",
        "-, -",
        "--hsad, --hsad",
        "_underscore, _underscore",
        ".dotted, .dotted",
        "..., ...",
        "a..b, a..b",
        "%E2%82%AC, €",
        "~'!()*, ~'!()*",
        "/~%27!()*, ~'!()*",
    })
    void normalize_spellingOfName_isTheName(String raw, String name) {
        // CsvSource reads a single quote as a quoting character only at the start of a column
        assertThat(PackageName.normalize(raw)).isEqualTo(name);
    }

    @ParameterizedTest
    @CsvSource({
        "express, /express",
        "@babel/core, /@babel%2fcore",
        "~!()*, /~!()*",
        "JSONStream, /JSONStream",
        "with space, /with%20space",
        "what?#, /what%3F%23",
        "back\\slash, /back%5Cslash",
        "€, /%E2%82%AC",
        "😀, /%F0%9F%98%80",
    })
    void urlPath_name_isOneEscapedSegment(String name, String path) {
        assertThat(PackageName.urlPath(name)).isEqualTo(path);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "/",
                "//express",
                ".",
                "..",
                "/..",
                "%2e%2e",
                "../../etc/passwd",
                "/../../etc/passwd",
                "..%2f..%2fetc%2fpasswd",
                "@scope/..",
                "@../name",
                "@scope/.",
                "@scope%2f%2e%2e",
                "@/name",
                "@scope/",
                "@scope/a/b",
                "scope/name",
                "express/",
                "a%",
                "a%2",
                "a%zz",
                "a%25b",
                "%ff",
                "%c0%ae%c0%ae",
                "line\nbreak",
                "nul%00",
                "tab\t",
                "\u007f",
                "\u0085",
                "\ud800",
                "a\udc00b",
            })
    void normalize_noName_isRefused(String raw) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PackageName.normalize(raw))
                .withMessageStartingWith("Not a package name: ")
                .satisfies(e -> assertThat(e.getMessage()).doesNotContain("\n").hasSizeLessThan(200));
        assertThatIllegalArgumentException().isThrownBy(() -> PackageName.urlPath(raw));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "alpha\u200b",
                "\u2060alpha",
                "al\u00adpha",
                "alpha\u2028beta",
                "alpha # first",
                "alpha, beta",
                "alpha,",
                "; alpha",
                "packages:",
                "version: 9",
                "@acme",
                "@",
                "@acme/",
                "'alpha'",
                "^alpha"
            })
    void listed_slip_isRefused(String line) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PackageName.listed(line))
                .withMessageStartingWith("Not a package name: ");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a b",
                "a#b",
                "a;b",
                "a\\b",
                "a\"b",
                "it's",
                "(x)",
                "!bang",
                "*",
                "~tilde",
                "$",
                "_",
                "\u65e5\u672c",
                "@-/-"
            })
    void listed_oddName_isTaken(String name) {
        assertThat(PackageName.listed(name)).isEqualTo(name);
    }

    @Test
    void normalize_longestName_isTaken() {
        String longest = "n".repeat(PackageName.MAX_BYTES);

        assertThat(PackageName.normalize("/" + longest)).isEqualTo(longest);
        assertThatIllegalArgumentException().isThrownBy(() -> PackageName.normalize(longest + "n"));
        assertThat(PackageName.normalize("€".repeat(PackageName.MAX_BYTES / 3))).hasSize(PackageName.MAX_BYTES / 3);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PackageName.normalize("€".repeat(PackageName.MAX_BYTES / 2)));
    }

    @Test
    void normalize_tenMegabytes_isRefusedWithoutRepeatingThem() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PackageName.normalize("x".repeat(10_000_000)))
                .withMessageContaining("10000000 characters")
                .withMessageContaining("1024 bytes")
                .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(250));
    }

    @Property(tries = 300)
    void normalize_anyName_isItselfAndItsPathsToo(@ForAll("names") String name) {
        assertThat(PackageName.normalize(name)).isEqualTo(name);
        assertThat(PackageName.normalize("/" + name)).isEqualTo(name);
        assertThat(PackageName.normalize(PackageName.urlPath(name))).isEqualTo(name);
    }

    @Property(tries = 300)
    void urlPath_anyName_staysOneSegmentThroughJavaAndItsServers(@ForAll("names") String name) {
        URI uri = URI.create("http://127.0.0.1:1/base" + PackageName.urlPath(name));

        assertThat(uri.normalize()).isEqualTo(uri);
        assertThat(uri.getRawPath().substring("/base/".length()))
                .doesNotContain("/")
                .matches("[\\x21-\\x7e]+");
        assertThat(uri.getRawQuery()).isNull();
        assertThat(uri.getRawFragment()).isNull();
        assertThat(URLDecoder.decode(uri.getRawPath().replace("+", "%2B"), StandardCharsets.UTF_8))
                .isEqualTo("/base/" + name);
    }

    @Property(tries = 500)
    void normalize_anyText_isRefusedOrFinal(@ForAll("texts") String raw) {
        String name;
        try {
            name = PackageName.normalize(raw);
        } catch (IllegalArgumentException e) {
            assertThat(e.getMessage()).startsWith("Not a package name: ");
            return;
        }
        assertThat(PackageName.normalize(name)).isEqualTo(name);
        assertThat(name.getBytes(StandardCharsets.UTF_8)).hasSizeBetween(1, PackageName.MAX_BYTES);
        assertThat(List.of(name.split("/", -1))).hasSizeLessThanOrEqualTo(2).doesNotContain("", ".", "..");
    }

    @Provide
    Arbitrary<String> names() {
        Arbitrary<String> part = Arbitraries.strings()
                .withCharRange('a', 'z')
                .withChars("ABZ019-_.~'!()* ?#&=+:;,\"\\<>^`{|}@€ß😀漢")
                .ofMinLength(1)
                .ofMaxLength(40)
                .filter(text -> text.codePoints().noneMatch(c -> c >= 0xd800 && c <= 0xdfff))
                .filter(text -> !text.equals(".") && !text.equals(".."));
        Arbitrary<String> scoped = Combinators.combine(part, part).as((scope, name) -> "@" + scope + "/" + name);
        return Arbitraries.oneOf(part, scoped);
    }

    @Provide
    Arbitrary<String> texts() {
        Arbitrary<String> wild = Arbitraries.strings().all().ofMaxLength(30);
        Arbitrary<String> near = Arbitraries.of(
                        "/", "@", "%2f", "%2F", "%", "%25", ".", "..", "a", "b", "%00", "\\", "é", "%c3%a9")
                .list()
                .ofMaxSize(8)
                .map(parts -> String.join("", parts));
        return Arbitraries.oneOf(wild, near);
    }
}
