package io.alldocs.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class RetryPolicyTest {

    @Property(tries = 300, edgeCases = net.jqwik.api.EdgeCasesMode.NONE)
    void delay_anyRetry_isJitteredBetweenZeroAndItsBound(
            @ForAll @IntRange(min = 0) int n,
            @ForAll @IntRange(min = 0, max = 10_000_000) int baseMillis,
            @ForAll @IntRange(min = 0, max = 1_000_000_000) int maxMillis,
            @ForAll @DoubleRange(min = 0, max = 1, maxIncluded = false) double random) {
        RetryPolicy policy = new RetryPolicy(3, Duration.ofMillis(baseMillis), Duration.ofMillis(maxMillis));
        double bound = Math.min(maxMillis, baseMillis * Math.pow(2, Math.min(n, 62))) * 1e6;

        Duration delay = policy.delay(n, () -> random);

        assertThat(delay.toNanos()).isBetween(0L, (long) bound);
        assertThat((double) delay.toNanos())
                .isCloseTo(bound * random, org.assertj.core.data.Offset.offset(bound * 1e-9 + 1));
    }

    @Test
    void delay_defaults_doubleUpToTheLongest() {
        RetryPolicy policy = RetryPolicy.defaults();
        assertThat(policy.delay(0, () -> 1)).isEqualTo(Duration.ofMillis(500));
        assertThat(policy.delay(3, () -> 1)).isEqualTo(Duration.ofSeconds(4));
        assertThat(policy.delay(9, () -> 1)).isEqualTo(Duration.ofSeconds(30));
    }

    @Test
    void create_outOfRange_isRefused() {
        assertThatThrownBy(() -> new RetryPolicy(0, Duration.ZERO, Duration.ZERO))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("is 0");
        assertThatThrownBy(() -> new RetryPolicy(1, Duration.ofMillis(-1), Duration.ZERO))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new RetryPolicy(1, Duration.ofDays(25), Duration.ZERO))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Timeouts(Duration.ZERO, Duration.ofSeconds(1), Duration.ofSeconds(1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("connect");
    }
}
