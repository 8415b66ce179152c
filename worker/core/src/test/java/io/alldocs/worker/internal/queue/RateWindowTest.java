package io.alldocs.worker.internal.queue;

import static org.assertj.core.api.Assertions.assertThat;

import io.alldocs.worker.spi.QueueOptions;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class RateWindowTest {

    private static RateWindow window(int cap, Duration interval) {
        return new RateWindow(new QueueOptions(
                "q", 3, Duration.ofSeconds(1), Duration.ofSeconds(1), Duration.ofSeconds(1), 1, interval, cap));
    }

    @Test
    void take_twentyASecond_areTwelveHundredAMinute() {
        RateWindow window = window(20, Duration.ofSeconds(1));
        int taken = 0;
        for (long now = 7; now < 60_007; now += 10) {
            taken += window.take(100, now);
        }
        assertThat(taken).isBetween(1_200, 1_220);
    }

    @Test
    void take_noCap_isAll() {
        assertThat(window(0, Duration.ofSeconds(1)).take(1_000_000, 5)).isEqualTo(1_000_000);
    }

    @Test
    void millisUntilOpen_returnsTheTimeUntilTheNextWindow() {
        RateWindow window = window(2, Duration.ofMillis(500));
        assertThat(window.millisUntilOpen(1_100)).isZero();
        assertThat(window.take(2, 1_100)).isEqualTo(2);
        assertThat(window.take(1, 1_499)).isZero();
        assertThat(window.millisUntilOpen(1_100)).isEqualTo(400);
        assertThat(window.take(3, 1_500)).isEqualTo(2);
    }

    @Property
    void take_neverPassesTheCapInOneWindow(
            @ForAll @IntRange(min = 1, max = 50) int cap,
            @ForAll @IntRange(min = 1, max = 2_000) int interval,
            @ForAll @Size(max = 200) List<@IntRange(max = 400) Integer> steps) {
        RateWindow window = window(cap, Duration.ofMillis(interval));
        Map<Long, Integer> perWindow = new HashMap<>();
        long now = 0;
        for (int step : steps) {
            now += step;
            perWindow.merge(now / interval, window.take(step % 7 + 1, now), Integer::sum);
        }
        assertThat(perWindow.values()).allMatch(taken -> taken <= cap);
    }
}
