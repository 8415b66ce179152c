package io.alldocs.worker.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.alldocs.cache.JsonTree;
import io.alldocs.worker.WorkItem;
import io.alldocs.worker.contract.WorkQueueContract;
import io.alldocs.worker.spi.DeadLetter;
import io.alldocs.worker.spi.Lease;
import io.alldocs.worker.spi.QueueOptions;
import io.alldocs.worker.spi.Settlement;
import io.alldocs.worker.spi.WorkQueue;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs the contract against a real server. */
class RedisWorkQueueTest extends WorkQueueContract {
    @TempDir
    private static Path folder;

    private static RedisProcess redis;

    @BeforeAll
    static void start() {
        redis = RedisProcess.start(folder);
    }

    @AfterAll
    static void stop() {
        redis.close();
    }

    @Override
    protected WorkQueue newQueue(QueueOptions options) {
        return RedisWorkQueue.builder(redis.url()).options(options).build();
    }

    @Override
    protected WorkQueue another(WorkQueue queue) {
        return newQueue(queue.options());
    }

    @Override
    protected void clear() {
        redis.forgetAll();
    }

    @Override
    protected boolean outlivesClose() {
        return true;
    }

    @Test
    void largeItemsAndLetters_comeInAnswersThatASmallHeapHolds() throws Exception {
        QueueOptions once = new QueueOptions(
                "large",
                1,
                Duration.ofMillis(50),
                Duration.ofSeconds(1),
                Duration.ofMinutes(5),
                10,
                Duration.ofSeconds(1),
                0);
        JsonTree payload = JsonTree.of("x".repeat(WorkQueue.MAX_PAYLOAD_BYTES - 2));
        List<String> ids = IntStream.range(10, 30).mapToObj(i -> "item-" + i).toList();
        try (WorkQueue queue = newQueue(once)) {
            queue.enqueue(ids.stream().map(id -> WorkItem.of("t", id, payload)).toList(), Duration.ZERO);
            List<Lease> taken = new ArrayList<>();
            while (taken.size() < ids.size()) {
                List<Lease> some = queue.reserve(500, Duration.ofSeconds(60));
                assertThat(some).hasSizeBetween(1, 8);
                assertThat(queue.sizes().waiting()).isEqualTo(ids.size() - taken.size() - some.size());
                taken.addAll(some);
            }
            assertThat(taken).extracting(lease -> lease.item().id()).containsExactlyElementsOf(ids);
            assertThat(taken).allMatch(lease -> lease.item().payload().equals(payload));

            queue.settle(taken.stream()
                    .map(lease -> new Settlement.Failed(lease, "why", false, null))
                    .toList());

            try (Stream<DeadLetter> letters = queue.deadLetters()) {
                assertThat(letters.map(letter -> letter.item().id())).containsExactlyElementsOf(ids);
            }
        }
    }
}
