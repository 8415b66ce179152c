package io.alldocs.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.alldocs.worker.internal.Json;
import io.alldocs.worker.spi.DeadLetter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tests items of a job that were not created by a worker. */
@Timeout(60)
class JobItemsTest {
    @Test
    void itemsThatNoWorkerWrote_areDeadLetters_thatSayWhatToAdd() throws Exception {
        try (Bench bench = new Bench();
                Worker worker = bench.worker().build().start()) {
            bench.queue.enqueue(
                    List.of(
                            item("sync", "{}"),
                            item("sync", "{\"job\": {}, \"claim\": 1, \"phase\": \"LUNCH\"}"),
                            item("sync-list", "{\"claim\": 1}"),
                            item("sync-fetch", "{\"job\": 5}"),
                            item("sync-changes", "{\"job\": {}, \"claim\": \"x\"}")),
                    Duration.ZERO);
            assertThat(worker.awaitIdle(Duration.ofSeconds(30))).isTrue();

            try (Stream<DeadLetter> letters = bench.queue.deadLetters()) {
                assertThat(letters.toList())
                        .hasSize(5)
                        .allSatisfy(letter -> assertThat(letter.reason())
                                .contains("The payload of the " + letter.item().type() + " item")
                                .endsWith("add a partition-set item instead."));
            }
        }
    }

    private static WorkItem item(String type, String payload) {
        return WorkItem.of(type, type + payload, Json.read(payload.getBytes(StandardCharsets.UTF_8)));
    }
}
