package io.alldocs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class MeterTest {
    private static final long START = 1_000_000_000L;

    @Test
    void line_withTotal_saysCountRateAndTimeLeft() {
        Meter meter = new Meter("packuments", 5_000, false, START);
        meter.advance(1_250);
        meter.sample(after(5));

        assertThat(meter.line()).isEqualTo("packuments 1,250 of 5,000 (25 %), 250/s, 15 s left");
    }

    @Test
    void line_withoutTotal_saysCountAndRate() {
        Meter meter = new Meter("names", 0, false, START);
        meter.advance(12);
        meter.sample(after(10));

        assertThat(meter.line()).isEqualTo("names 12, 1.2/s");
    }

    @Test
    void line_longRuns_countInMinutesAndHours() {
        Meter meter = new Meter("packuments", 4_400_000, false, START);
        meter.advance(500);
        meter.sample(after(10));

        assertThat(meter.line()).endsWith("50/s, 24:26 h left");
    }

    @Test
    void rate_afterTheWindow_isThatOfTheLastSeconds() {
        Meter meter = new Meter("packuments", 10_000, false, START);
        meter.advance(1_000);
        meter.sample(after(10));
        for (int second = 20; second <= 40; second += 5) {
            meter.sample(after(second));
        }

        assertThat(meter.perSecond()).isZero();
        assertThat(meter.line()).doesNotContain("left");
    }

    @Test
    void bar_halfDone_isHalfFilledAndFitsTheColumns() {
        Meter meter = new Meter("packuments", 1_000, false, START);
        meter.advance(500);
        meter.sample(after(5));

        assertThat(meter.bar(79))
                .hasSizeLessThanOrEqualTo(79)
                .startsWith("packuments  50 % [")
                .contains("=>  ")
                .endsWith("500/1,000  100/s  5 s left");
    }

    @Test
    void bar_done_isFull() {
        Meter meter = new Meter("names", 10, false, START);
        meter.advance(10);
        meter.sample(after(1));

        assertThat(meter.bar(79)).contains("100 %").contains("=]").doesNotContain(">");
    }

    @Test
    void bar_moreThanTheTotal_staysInItsFrame() {
        Meter meter = new Meter("names", 10, false, START);
        meter.advance(15);
        meter.sample(after(1));

        assertThat(meter.bar(79)).contains("100 %").hasSizeLessThanOrEqualTo(79);
    }

    @Test
    void line_resumed_countsOnlyWhatTheNetworkBrought() {
        Meter meter = new Meter("packuments", 5_000, true, START);
        meter.advance(4_000);
        meter.advance(500);
        meter.received(500);
        meter.sample(after(5));

        assertThat(meter.line())
                .isEqualTo("packuments 4,500 of 5,000 (90 %), 4,000 without a request, 100/s, 5 s left");
    }

    @Test
    void line_onlyFromTheCacheSoFar_makesNoEstimate() {
        Meter meter = new Meter("packuments", 5_000, true, START);
        meter.advance(4_000);
        meter.sample(after(6));

        assertThat(meter.line()).isEqualTo("packuments 4,000 of 5,000 (80 %), 4,000 without a request, 0/s");
    }

    @Test
    void line_inTheFirstSeconds_makesNoEstimate() {
        Meter meter = new Meter("packuments", 5_000, false, START);
        meter.advance(3);
        meter.sample(after(4));

        assertThat(meter.line()).doesNotContain("left");
    }

    private static long after(int seconds) {
        return START + Duration.ofSeconds(seconds).toNanos();
    }
}
