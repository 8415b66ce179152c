package io.alldocs.cache.spi;

import static org.assertj.core.api.Assertions.assertThat;

import io.alldocs.cache.Texts;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import org.junit.jupiter.api.Test;

class KeyOrderTest {

    @Property(tries = 500)
    void compare_anyTwoNames_isTheOrderOfTheirBytes(@ForAll("names") String a, @ForAll("names") String b) {
        int bytes = Arrays.compareUnsigned(a.getBytes(StandardCharsets.UTF_8), b.getBytes(StandardCharsets.UTF_8));
        assertThat(Integer.signum(KeyOrder.UTF8.compare(a, b))).isEqualTo(Integer.signum(bytes));
    }

    /** Includes unpaired surrogates, because a sort must not fail on them. */
    @Property(tries = 300)
    void compare_anyThreeStrings_isAnOrder(
            @ForAll String a, @ForAll String b, @ForAll @CharRange(from = '\ud700', to = '\ue100') String c) {
        assertThat(Integer.signum(KeyOrder.UTF8.compare(a, b))).isEqualTo(-Integer.signum(KeyOrder.UTF8.compare(b, a)));
        assertThat(KeyOrder.UTF8.compare(a, b) == 0).isEqualTo(a.equals(b));
        if (KeyOrder.UTF8.compare(a, b) <= 0 && KeyOrder.UTF8.compare(b, c) <= 0) {
            assertThat(KeyOrder.UTF8.compare(a, c)).isLessThanOrEqualTo(0);
        }
    }

    @Test
    void compare_surrogatesAndPrivateUse_differsFromStringOrder() {
        List<String> sorted = List.of("\uE000", "\uFFFD", "\uD83E\uDD84").stream()
                .sorted(KeyOrder.UTF8)
                .toList();
        assertThat(sorted).containsExactly("\uE000", "\uFFFD", "\uD83E\uDD84");
        assertThat("\uFFFD".compareTo("\uD83E\uDD84")).isPositive();
    }

    @net.jqwik.api.Provide
    net.jqwik.api.Arbitrary<String> names() {
        return Texts.valid();
    }
}
