package io.alldocs.worker.redis;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.alldocs.cache.Env;
import io.alldocs.worker.WorkItem;
import io.alldocs.worker.spi.*;
import java.nio.file.Path;
import java.time.Duration;
import java.util.*;
import java.util.stream.*;
import org.junit.jupiter.api.*;
import org.junit.jupiter.api.io.TempDir;

class RedisWorkQueueTest {
    @TempDir
    private static Path folder;
    private static RedisProcess redis;

    @BeforeAll static void start() { redis = RedisProcess.start(folder); }
    @AfterAll static void stop() { redis.close(); }

    @Test
    void smoke() throws Exception {
        QueueOptions o = QueueOptions.of(Env.of(Map.of("QUEUE_INTERVAL_CAP", "0")));
        try (RedisWorkQueue q = RedisWorkQueue.builder(redis.url()).options(o).build()) {
            assertThat(q.enqueue(List.of(WorkItem.of("t", "a"), WorkItem.of("t", "b").withPriority(5), WorkItem.of("t", "c", JsonNodeFactory.instance.objectNode().put("x", "ü"))), Duration.ZERO)).isEqualTo(3);
            assertThat(q.enqueue(WorkItem.of("t", "a"))).isFalse();
            System.out.println(q.sizes());
            List<Lease> l = q.reserve(10, Duration.ZERO);
            System.out.println(l);
            System.out.println(q.sizes());
            System.out.println(q.settleAndReserve(List.of(new Settlement.Done(l.get(0)), new Settlement.HandedBack(l.get(1)), new Settlement.Failed(l.get(2), "why", false, null)), 10));
            System.out.println(q.sizes());
            System.out.println(q.deadLetters().toList());
            System.out.println(q.retryDead(List.of("c")));
            System.out.println(q.reserve(10, Duration.ofSeconds(1)));
            System.out.println(q.renew(l));
            q.pause(Duration.ofMillis(300));
            var got = new java.util.concurrent.CompletableFuture<Duration>();
            q.onPause(got::complete);
            System.out.println(got.get());
            long n = System.nanoTime();
            List<WorkItem> items = IntStream.range(0, 100000).mapToObj(i -> WorkItem.of("no-op", "item-" + i, JsonNodeFactory.instance.objectNode().put("name", "package-" + i))).toList();
            for (int r = 0; r < 3; r++) {
            n = System.nanoTime();
            System.out.println(q.enqueue(items, Duration.ZERO) + " " + (System.nanoTime() - n) / 1e6);
            n = System.nanoTime();
            int done = 0;
            List<Lease> ls = q.reserve(100, Duration.ofSeconds(5));
            while (!ls.isEmpty()) { done += ls.size(); ls = q.settleAndReserve(ls.stream().map(Settlement.Done::new).toList(), 100); }
            System.out.println(done + " " + (System.nanoTime() - n) / 1e6);
            }
        }
    }
}
