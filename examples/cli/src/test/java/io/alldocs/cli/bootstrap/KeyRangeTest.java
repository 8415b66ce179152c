package io.alldocs.cli.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.alldocs.cli.UsageException;
import io.alldocs.partition.Partition;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class KeyRangeTest {

    @Property(tries = 500)
    void prefix_contains_exactlyTheNamesThatBeginWithIt(@ForAll("keys") String prefix, @ForAll("keys") String name) {
        Partition range = KeyRange.of(null, null, prefix);

        assertThat(range.contains(name)).isEqualTo(name.startsWith(prefix));
        assertThat(range.contains(prefix + name)).isTrue();
    }

    @Test
    void prefix_ofTheHighestCharacters_hasAnOpenEnd() {
        assertThat(KeyRange.of(null, null, "\uDBFF\uDFFF")).isEqualTo(Partition.from("\uDBFF\uDFFF"));
    }

    @Test
    void prefix_insideARange_isTheirIntersection() {
        assertThat(KeyRange.of("re", "react-d", "react")).isEqualTo(Partition.of("react", "react-d"));
    }

    @Test
    void prefix_outsideTheRange_isRefused() {
        assertThatThrownBy(() -> KeyRange.of("a", "b", "react"))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("--start");
    }

    @Provide
    Arbitrary<String> keys() {
        return Arbitraries.strings()
                .withChars("ab@/-~")
                .withChars('\uD7FF', '\uE000', '\uFFFF')
                .ofMinLength(1)
                .ofMaxLength(4);
    }
}
