package io.alldocs.sync;

import static org.assertj.core.api.Assertions.assertThat;

import io.alldocs.cache.JsonTree;
import io.alldocs.partition.ChangesPage;
import io.alldocs.partition.Sequence;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class LagMeterTest {
    private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");

    private final LagMeter lag = new LagMeter();

    private static ChangesPage page(long since, long last, int rows) {
        return new ChangesPage(Sequence.of(since), List.of(), Sequence.of(last), rows);
    }

    @Test
    void lag_beforeAnythingIsKnown_isUnknown() {
        assertThat(lag.sequences()).isEmpty();
        assertThat(lag.rows()).isEmpty();
        assertThat(lag.behind(NOON)).isZero();
    }

    @Test
    void lag_betweenPositionAndOrigin_isEstimatedByTheDensityOfWhatWasRead() {
        lag.reached(Sequence.of(1_000));
        lag.sighted(Sequence.of(31_000), NOON);
        assertThat(lag.sequences()).hasValue(30_000);
        assertThat(lag.rows()).as("nothing to estimate by").isEmpty();

        lag.received(page(1_000, 16_000, 1_000));
        assertThat(lag.rows()).hasValue(2_000);

        lag.reached(Sequence.of(16_000));
        assertThat(lag.sequences()).hasValue(15_000);
        assertThat(lag.rows()).hasValue(1_000);
        assertThat(lag.behind(NOON.plusSeconds(40))).isEqualTo(Duration.ofSeconds(40));

        lag.reachedTheEnd(Sequence.of(31_007));
        assertThat(lag.sequences()).hasValue(0);
        assertThat(lag.rows()).hasValue(0);
        assertThat(lag.behind(NOON.plusSeconds(90))).isZero();
    }

    @Test
    void behind_isCountedFromTheFirstSightingThatIsNotReached() {
        lag.reached(Sequence.of(10));
        lag.sighted(Sequence.of(20), NOON);
        lag.sighted(Sequence.of(30), NOON.plusSeconds(60));

        lag.reached(Sequence.of(20));
        assertThat(lag.behind(NOON.plusSeconds(100))).isEqualTo(Duration.ofSeconds(40));

        lag.sighted(Sequence.of(5), NOON.plusSeconds(90));
        assertThat(lag.sequences()).as("an origin below the position").isEmpty();

        lag.reset();
        assertThat(lag.behind(NOON.plusSeconds(100))).isZero();
        assertThat(lag.sequences()).isEmpty();
    }

    @Test
    void lag_inOpaqueSequences_isZeroOrUnknown() {
        Sequence one = Sequence.of(JsonTree.of("1-abc"));
        Sequence two = Sequence.of(JsonTree.of("2-def"));
        lag.reached(one);
        lag.sighted(two, NOON);
        assertThat(lag.sequences()).isEmpty();
        assertThat(lag.behind(NOON.plusSeconds(5))).isEqualTo(Duration.ofSeconds(5));

        lag.reachedTheEnd(two);
        assertThat(lag.sequences()).hasValue(0);
        assertThat(lag.behind(NOON.plusSeconds(9))).isZero();
    }
}
