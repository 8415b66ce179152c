package io.alldocs.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.alldocs.worker.spi.QueueOptions;
import java.time.Duration;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ClockSetBackTest {
    @Test
    void localQueue_whoseClockIsSetBack_continuesInTime() throws Exception {
        Duration interval = Duration.ofSeconds(1);
        QueueOptions options = new QueueOptions("q", 3, interval, interval, Duration.ofMinutes(5), 10, interval, 5);
        TurnedClock clock = new TurnedClock();
        try (LocalWorkQueue queue =
                LocalWorkQueue.builder().options(options).clock(clock).build()) {
            queue.enqueue(
                    IntStream.range(0, 20)
                            .mapToObj(i -> WorkItem.of("t", "item-" + i))
                            .toList(),
                    Duration.ZERO);
            assertThat(queue.reserve(20, Duration.ZERO)).hasSize(5);

            clock.advance(Duration.ofHours(-1));
            queue.sizes(); // the queue notices that the clock went back
            clock.advance(interval);

            assertThat(queue.reserve(20, Duration.ZERO)).hasSize(5);
        }
    }
}
