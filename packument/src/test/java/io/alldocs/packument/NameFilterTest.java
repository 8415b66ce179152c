package io.alldocs.packument;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NameFilterTest {

    @Property
    void allows_anyPatterns_asRegularExpressionsOfThemDo(
            @ForAll("patterns") List<String> allow,
            @ForAll("patterns") List<String> deny,
            @ForAll("names") String name) {
        boolean expected = (allow.isEmpty() || allow.stream().anyMatch(pattern -> isLike(name, pattern)))
                && deny.stream().noneMatch(pattern -> isLike(name, pattern));

        assertThat(NameFilter.of(allow, deny).allows(name)).isEqualTo(expected);
    }

    private static boolean canMatch(String pattern) {
        try {
            NameFilter unused = NameFilter.of(List.of(pattern), List.of());
            return !pattern.startsWith("/"); // accepted, and read without the slash
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    @Property
    void of_patternThatMatchesAName_isTaken(@ForAll("names") String name, @ForAll("cuts") List<Integer> cuts) {
        StringBuilder pattern = new StringBuilder(name);
        cuts.stream().sorted(Comparator.reverseOrder()).forEach(at -> {
            int from = Math.min(at, pattern.length());
            pattern.replace(from, Math.min(pattern.length(), from + at % 3), "*");
        });

        assertThat(NameFilter.of(List.of(pattern.toString()), List.of()).allows(name))
                .as(pattern.toString())
                .isTrue();
    }

    @Provide
    Arbitrary<List<Integer>> cuts() {
        return Arbitraries.integers().between(0, 12).list().ofMaxSize(4);
    }

    private static boolean isLike(String name, String pattern) {
        String expression =
                Arrays.stream(pattern.split("\\*", -1)).map(Pattern::quote).collect(Collectors.joining(".*"));
        return Pattern.matches(expression, name);
    }

    @Provide
    Arbitrary<List<String>> patterns() {
        return Arbitraries.strings()
                .withChars("ab@/*")
                .ofMinLength(1)
                .ofMaxLength(6)
                .filter(NameFilterTest::canMatch)
                .list()
                .ofMaxSize(3);
    }

    @Provide
    Arbitrary<String> names() {
        Arbitrary<String> part = Arbitraries.strings()
                .withChars("ab.")
                .ofMinLength(1)
                .ofMaxLength(5)
                .filter(text -> !text.equals(".") && !text.equals(".."));
        return Arbitraries.oneOf(part, Combinators.combine(part, part).as((scope, name) -> "@" + scope + "/" + name));
    }

    @Test
    void excludingScopes_nameOfTheScope_isExcludedInAnyLetterCaseAndAlone() {
        NameFilter filter = NameFilter.ALL.excludingScopes(Set.of("@Acme"));

        assertThat(List.of("@acme/tool", "@Acme/tool", "@acme")).noneMatch(filter::allows);
        assertThat(List.of("acme", "@acmes/tool", "acme/tool")).allMatch(filter::allows);
    }

    @Test
    void fingerprint_samePatterns_isTheSame() {
        NameFilter one = NameFilter.of(List.of("a", "@types/*"), Set.of("b"));

        assertThat(one.fingerprint())
                .isEqualTo(NameFilter.of(List.of("@types/*", "a", "a"), Set.of("b"))
                        .fingerprint())
                .isNotEqualTo(
                        NameFilter.of(List.of("a", "b"), Set.of("@types/*")).fingerprint())
                .isNotEqualTo(NameFilter.of(List.of("a"), Set.of("b")).fingerprint());
        assertThat(NameFilter.ALL.fingerprint()).isEmpty();
        assertThat(NameFilter.of(List.of(), List.of()).allows("anything")).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "evil pkg/lib/x",
                "https://registry.npmjs.com/evil-pkg",
                "evil-pkg@1.0.0",
                "evil-pkg@*",
                "@acme/tool@latest",
                "@acme",
                "@acme/",
                "@/tool",
                "acme/*",
                "a*/b",
                "@a/*/b",
                "./evil-pkg",
                "..",
                "100%",
                "evil\tpkg",
                "evil-pkg # malware",
                "evil-pkg,",
                "evil-pkg, bad-pkg",
                " evil-pkg",
                "evil-pkg\u200b",
                "evil-pkg\u00a0",
                "\"evil-pkg\"",
                "'evil-pkg'",
                "[\"evil-pkg\"]",
                "^evil-.*$",
                "evil-pkg:",
                "; evil-pkg"
            })
    void of_patternThatCanMatchNoName_isRefused(String pattern) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> NameFilter.of(List.of(), List.of("good", pattern)))
                .withMessageContaining("No package name can match");
    }

    @ParameterizedTest
    @CsvSource({
        "@acme%2ftool, @acme/tool",
        "/express, express",
        "@acme%2F*, @acme/tool",
        "*/tool, @acme/tool",
        "*@ac*, @acme/tool",
        "@*, @acme/tool",
        "*, a b",
        "**, x",
        "JSON*, JSONStream"
    })
    void deny_patternInAnySpelling_matches(String pattern, String name) {
        assertThat(NameFilter.of(List.of(), List.of(pattern)).allows(name)).isFalse();
    }

    @Test
    void readPatterns_filesOfOtherSystems_holdTheSamePatterns(@TempDir Path folder) throws IOException {
        String windows = "\uFEFF# policy\r\n\r\nevil-pkg \r\n@acme/*";

        for (Charset charset : List.of(StandardCharsets.UTF_8, StandardCharsets.UTF_16LE, StandardCharsets.UTF_16BE)) {
            Path file = Files.writeString(folder.resolve("deny.txt"), windows, charset);
            assertThat(NameFilter.readPatterns(file)).as(charset.name()).containsExactly("evil-pkg", "@acme/*");
        }
    }

    @Test
    void readPatterns_linesThatMatchNothing_areAllNamed(@TempDir Path folder) throws IOException {
        Path file =
                Files.write(folder.resolve("deny.txt"), new byte[] {'#', '\n', '/', '/', '\r', 'a', '\n', (byte) 0xff});

        assertThatIllegalArgumentException()
                .isThrownBy(() -> NameFilter.readPatterns(file))
                .withMessageContaining("deny.txt")
                .withMessageContaining("line 2: No package name can match")
                .withMessageContaining("line 4: it is not UTF-8")
                .withMessageNotContaining("line 3");
    }
}
