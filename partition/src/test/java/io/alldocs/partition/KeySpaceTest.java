package io.alldocs.partition;

import static org.assertj.core.api.Assertions.assertThat;

import io.alldocs.partition.PartitionTest.Samples;
import java.util.Optional;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.DoubleRange;
import org.junit.jupiter.api.Test;

class KeySpaceTest {
    @Property(tries = 500)
    void between_anyTwoKeys_isStrictlyBetween(
            @ForAll("keys") String a,
            @ForAll("keys") String b,
            @ForAll @DoubleRange(min = 0.01, max = 0.99) double fraction) {
        String low = Keys.isBelow(a, b) ? a : b;
        String high = low.equals(a) ? b : a;

        Optional<String> key = KeySpace.between(low, high, fraction);

        assertThat(key.stream()).allSatisfy(found -> {
            assertThat(Keys.isBelow(low, found)).isTrue();
            assertThat(Keys.isBelow(found, high)).isTrue();
            assertThat(Keys.unpairedSurrogate(found)).isNegative();
        });
    }

    @Provide
    Arbitrary<String> keys() {
        return Samples.ids();
    }

    @Test
    void between_farKeys_findsShortOnes() {
        assertThat(KeySpace.between(null, null, 0.5))
                .hasValueSatisfying(key -> assertThat(key).hasSize(1));
        assertThat(KeySpace.between("express", "expressions", 0.5))
                .hasValueSatisfying(key -> assertThat(key).startsWith("express"));
        assertThat(KeySpace.between("a", "b", 0.5))
                .hasValueSatisfying(key -> assertThat(key).hasSize(2));
    }
}
