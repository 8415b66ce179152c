package io.alldocs.sync;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class TimelineTest {
    @Property(tries = 200)
    void timeline_anyEvents_losesNoneAndStaysShort(
            @ForAll @Size(min = 1, max = 300) List<@LongRange(min = -1_000, max = 4_000_000_000L) Long> seconds) {
        Timeline timeline = new Timeline();
        seconds.forEach(second -> timeline.add(Instant.ofEpochSecond(second)));

        List<Timeline.Step> steps = timeline.steps();

        assertThat(steps).hasSizeBetween(1, 120);
        assertThat(steps.stream().mapToLong(Timeline.Step::events).sum()).isEqualTo(seconds.size());
        assertThat(steps.get(0).events()).isPositive();
        for (int i = 0; i < steps.size(); i++) {
            Instant from = steps.get(i).from();
            Instant to = from.plus(timeline.step());
            assertThat(seconds.stream()
                            .map(Instant::ofEpochSecond)
                            .filter(event -> !event.isBefore(from) && event.isBefore(to))
                            .count())
                    .isEqualTo(steps.get(i).events());
        }
    }

    @Test
    void timeline_withoutEvents_isEmpty() {
        assertThat(new Timeline().steps()).isEmpty();
        assertThat(new Timeline().step()).isEqualTo(Duration.ofSeconds(1));
    }
}
