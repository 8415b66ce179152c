package io.alldocs.worker.cloudflare;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.alldocs.worker.WorkItem;
import io.alldocs.worker.spi.Lease;
import io.alldocs.worker.spi.QueueOptions;
import io.alldocs.worker.spi.QueueSizes;
import io.alldocs.worker.spi.Settlement;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tests the requests: their number, their contents, and the effect of an interrupt. */
@Timeout(120)
class RequestsTest {
    private static final QueueOptions OPTIONS = new QueueOptions(
            "requests",
            4,
            Duration.ofSeconds(1),
            Duration.ofSeconds(8),
            Duration.ofMinutes(1),
            5,
            Duration.ofSeconds(1),
            0);

    private FakeQueueWorker fake;
    private DurableObjectQueue queue;

    @BeforeEach
    void start() throws IOException {
        fake = new FakeQueueWorker().serving(OPTIONS);
        queue = DurableObjectQueue.builder(fake.endpoint(), FakeQueueWorker.TOKEN)
                .options(OPTIONS)
                .build();
    }

    @AfterEach
    void stop() {
        queue.close();
        fake.close();
    }

    @Test
    void manyItems_areOneRequestForAThousand() throws Exception {
        assertThat(queue.enqueue(items(2_500, "x"), Duration.ofMillis(0))).isEqualTo(2_500);
        assertThat(fake.seen()).extracting(asked -> asked.body().size()).containsExactly(1_000, 1_000, 500);

        List<Lease> taken = queue.reserve(2_500, Duration.ZERO);
        assertThat(taken).hasSize(2_500);
        assertThat(fake.paths()).hasSize(3).containsOnly("/exchange");

        assertThat(queue.renew(taken)).isEmpty();
        assertThat(fake.paths()).hasSize(3).containsOnly("/renew");

        assertThat(queue.settleAndReserve(done(taken.subList(0, 1_000)), 10)).isEmpty();
        assertThat(fake.paths()).containsExactly("/exchange");
        assertThat(queue.settle(done(taken.subList(1_000, 2_500)))).isEmpty();
        assertThat(fake.paths()).containsExactly("/exchange", "/exchange");
        assertThat(queue.size()).isZero();
    }

    private static List<WorkItem> items(int count, String payload) {
        return IntStream.range(0, count)
                .mapToObj(i -> WorkItem.of("type", "id-" + i, JsonNodeFactory.instance.textNode(payload)))
                .toList();
    }

    private static List<Settlement> done(List<Lease> leases) {
        return leases.stream().<Settlement>map(Settlement.Done::new).toList();
    }

    @Test
    void largeItems_areParted_soThatARequestStaysBelowSixteenMebibytes() {
        queue.enqueue(items(20, "x".repeat(1_000_000)), Duration.ZERO);
        assertThat(fake.seen()).extracting(asked -> asked.body().size()).containsExactly(8, 8, 4);
    }

    @Test
    void deadLetters_areReadPageAfterPage() throws Exception {
        queue.enqueue(items(230, "x"), Duration.ZERO);
        List<Settlement> failed = queue.reserve(230, Duration.ZERO).stream()
                .<Settlement>map(lease -> new Settlement.Failed(lease, "no", false, null))
                .toList();
        queue.settle(failed);
        fake.seen();
        assertThat(queue.deadLetters())
                .extracting(letter -> letter.item().id())
                .containsExactlyElementsOf(
                        IntStream.range(0, 230).mapToObj(i -> "id-" + i).toList());
        assertThat(fake.paths()).hasSize(4).containsOnly("/dead");
    }

    @Test
    void requests_carryWhatTheScriptNeeds() throws Exception {
        queue.enqueue(List.of(WorkItem.of("type", "id").withPriority(3)), Duration.ofMillis(1));
        FakeQueueWorker.Asked enqueue = fake.seen().get(0);
        assertThat(enqueue.query()).contains("queue=requests", "delay=1", "request=");
        assertThat(enqueue.body().toString())
                .isEqualTo(
                        "[{\"type\":\"type\",\"id\":\"id\",\"payloadJson\":\"null\",\"priority\":3,\"attempts\":0}]");
        queue.reserve(1, Duration.ofSeconds(60));
        FakeQueueWorker.Asked exchange = fake.seen().get(0);
        assertThat(exchange.body().path("wait").asInt()).isEqualTo(20_000);
        assertThat(exchange.body().path("options").toString())
                .isEqualTo(
                        "{\"maxAttempts\":4,\"backoff\":1000,\"maxBackoff\":8000,\"lease\":60000,\"maxLostLeases\":5,"
                                + "\"interval\":1000,\"intervalCap\":0}");
    }

    @Test
    void interruptedWhileWaiting_takesItsRequestBack() throws Exception {
        BlockingQueue<Object> outcome = new LinkedBlockingQueue<>();
        Thread waiting = new Thread(() -> {
            try {
                outcome.add(queue.reserve(1, Duration.ofSeconds(60)));
            } catch (InterruptedException e) {
                outcome.add(e);
            }
        });
        waiting.start();
        String request = awaitAsked("/exchange").body().path("request").asText();
        waiting.interrupt();
        assertThat(outcome.poll(60, TimeUnit.SECONDS)).isInstanceOf(InterruptedException.class);
        assertThat(awaitAsked("/cancel").body().path("request").asText()).isEqualTo(request);

        queue.enqueue(WorkItem.of("type", "id"));
        List<Lease> taken = queue.reserve(1, Duration.ofSeconds(60));
        assertThat(taken)
                .singleElement()
                .satisfies(lease -> assertThat(lease.item().attempts()).isEqualTo(1));
        assertThat(queue.sizes()).isEqualTo(new QueueSizes(0, 0, 1, 0));
    }

    private FakeQueueWorker.Asked awaitAsked(String path) {
        while (true) {
            for (FakeQueueWorker.Asked asked : fake.seen()) {
                if (asked.path().equals(path)) {
                    return asked;
                }
            }
            LockSupport.parkNanos(1_000_000);
        }
    }
}
