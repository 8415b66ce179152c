package io.alldocs.packument;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

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
                .list()
                .ofMaxSize(3);
    }

    @Provide
    Arbitrary<String> names() {
        return Arbitraries.strings().withChars("ab@/").ofMinLength(1).ofMaxLength(7);
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

    @Test
    void of_emptyPattern_isRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> NameFilter.of(List.of(" "), List.of()));
    }
}
