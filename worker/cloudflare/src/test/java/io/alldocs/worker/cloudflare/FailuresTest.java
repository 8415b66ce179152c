package io.alldocs.worker.cloudflare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.alldocs.OperationInterruptedException;
import io.alldocs.worker.WorkItem;
import io.alldocs.worker.spi.Lease;
import io.alldocs.worker.spi.QueueException;
import io.alldocs.worker.spi.QueueOptions;
import io.alldocs.worker.spi.QueueSizes;
import io.alldocs.worker.spi.Settlement;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests failures of the Worker and of the network. */
@Timeout(120)
class FailuresTest {
    private static final QueueOptions OPTIONS = QueueOptions.DEFAULT;
    private static final Lease LEASE = new Lease(WorkItem.of("type", "id"), "token");

    private FakeQueueWorker fake;
    private DurableObjectQueue queue;

    @BeforeEach
    void start() throws IOException {
        fake = new FakeQueueWorker().serving(OPTIONS);
        queue = queue(fake.endpoint(), FakeQueueWorker.TOKEN);
    }

    private static DurableObjectQueue queue(URI endpoint, String token) {
        return DurableObjectQueue.builder(endpoint, token)
                .maxAttempts(2)
                .firstRetryDelay(Duration.ofMillis(1))
                .build();
    }

    @AfterEach
    void stop() {
        queue.close();
        fake.close();
    }

    private List<ThrowingCallable> calls() {
        return List.of(
                () -> queue.enqueue(WorkItem.of("type", "id")),
                () -> queue.reserve(1, Duration.ZERO),
                () -> queue.settle(List.of(new Settlement.Done(LEASE))),
                () -> queue.settleAndReserve(List.of(new Settlement.Done(LEASE)), 1),
                () -> queue.renew(List.of(LEASE)),
                () -> queue.pause(Duration.ZERO),
                () -> queue.sizes(),
                () -> queue.deadLetters().toList(),
                () -> queue.retryDead(List.of("id")),
                () -> queue.discardDead(List.of("id")));
    }

    @ParameterizedTest
    @CsvSource({
        "503, true, 2, HTTP 503",
        "500, true, 2, wrangler tail",
        "401, false, 1, WORK_QUEUE_TOKEN",
        "403, false, 1, WORK_QUEUE_TOKEN",
        "404, false, 1, WORK_QUEUE_URL",
        "400, false, 1, HTTP 400",
    })
    void errorOfTheWorker_afterTheAttempts_isTypedAndSaysWhatToDo(
            int status, boolean retryable, int attempts, String advice) {
        for (ThrowingCallable call : calls()) {
            IntStream.range(0, attempts).forEach(i -> fake.answering(status));
            QueueException e = failure(call);
            assertThat(e.retryable()).as("%s", e).isEqualTo(retryable);
            assertThat(e.getMessage())
                    .startsWith("Cannot ")
                    .contains("queue all-docs-work at " + fake.endpoint())
                    .contains("HTTP " + status)
                    .contains(advice);
            assertThat(withoutSecret(e)).isTrue();
            assertThat(fake.seen()).hasSize(attempts);
        }
    }

    private static QueueException failure(ThrowingCallable call) {
        QueueException e = catchThrowableOfType(QueueException.class, call);
        assertThat(e).isNotNull();
        return e;
    }

    private static boolean withoutSecret(Throwable thrown) {
        StringWriter trace = new StringWriter();
        thrown.printStackTrace(new PrintWriter(trace));
        return !trace.toString().contains(FakeQueueWorker.TOKEN);
    }

    @Test
    void wrongToken_isRefused_andNotShown() {
        try (DurableObjectQueue stranger = queue(fake.endpoint(), FakeQueueWorker.TOKEN + "x")) {
            QueueException e = failure(stranger::sizes);
            assertThat(e.retryable()).isFalse();
            assertThat(e.getMessage()).contains("HTTP 401").contains("WORK_QUEUE_TOKEN");
            assertThat(withoutSecret(e)).isTrue();
            assertThat(stranger.toString()).doesNotContain(FakeQueueWorker.TOKEN);
        }
    }

    @Test
    void passingFaults_areNotSeen() throws Exception {
        fake.closing();
        assertThat(queue.enqueue(WorkItem.of("type", "a"))).isTrue();
        fake.cuttingTheAnswer();
        assertThat(queue.sizes()).isEqualTo(new QueueSizes(1, 0, 0, 0));
        fake.answering(503);
        assertThat(queue.reserve(1, Duration.ZERO)).hasSize(1);
    }

    @Test
    void answersThatAreLost_changeTheQueueOnce() throws Exception {
        List<WorkItem> items = IntStream.range(0, 3)
                .mapToObj(i -> WorkItem.of("type", "id-" + i))
                .toList();
        fake.losingTheAnswer();
        assertThat(queue.enqueue(items, Duration.ZERO)).isEqualTo(3);

        fake.cuttingTheAnswer();
        List<Lease> taken = queue.reserve(2, Duration.ZERO);
        assertThat(taken).extracting(lease -> lease.item().id()).containsExactly("id-0", "id-1");
        assertThat(queue.sizes()).isEqualTo(new QueueSizes(1, 0, 2, 0));

        fake.losingTheAnswer();
        List<Lease> next = queue.settleAndReserve(
                List.of(new Settlement.Done(taken.get(0)), new Settlement.Failed(taken.get(1), "broken", false, null)),
                5);
        assertThat(next).extracting(lease -> lease.item().id()).containsExactly("id-2");

        fake.losingTheAnswer();
        assertThat(queue.settle(List.of(new Settlement.Done(next.get(0))))).isEmpty();
        fake.losingTheAnswer();
        assertThat(queue.retryDead(List.of("id-1"))).isEqualTo(1);
        assertThat(queue.sizes()).isEqualTo(new QueueSizes(1, 0, 0, 0));
    }

    @Test
    void throttled_waitsAsRequested_andSaysWhatToDo() {
        fake.answering(429, Map.of("retry-after", "1"));
        long start = System.nanoTime();
        assertThat(queue.sizes().open()).isZero();
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThanOrEqualTo(Duration.ofMillis(990));
        fake.answering(429).answering(429);
        QueueException e = failure(queue::sizes);
        assertThat(e.retryable()).isTrue();
        assertThat(e.getMessage()).contains("HTTP 429").contains("exceeded its request limit");
    }

    @Test
    void connectionRefused_isRetryable() throws IOException {
        try (Socket held = new Socket()) { // so that no other process gets its port
            held.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            URI nobody = URI.create("http://127.0.0.1:" + held.getLocalPort());
            try (DurableObjectQueue lonely = queue(nobody, FakeQueueWorker.TOKEN)) {
                QueueException e = failure(lonely::sizes);
                assertThat(e.retryable()).isTrue();
                assertThat(e.getMessage()).contains("could not be reached").contains(nobody.toString());
            }
        }
    }

    @Test
    void connectionsClosed_isRetryable() {
        // The JDK itself retries if a kept-alive connection turns out to be closed.
        IntStream.range(0, 6).forEach(i -> fake.closing());
        QueueException e = failure(queue::sizes);
        assertThat(e.retryable()).isTrue();
        assertThat(e.getMessage()).contains("could not be reached");
    }

    @Test
    void anotherServer_isNamedAsNoQueue() {
        for (ThrowingCallable call : calls()) {
            fake.answeringAsSomethingElse("", "<html>welcome</html>");
            QueueException e = failure(call);
            assertThat(e.retryable()).isFalse();
            assertThat(e.getMessage()).contains("not an all-docs queue").contains("WORK_QUEUE_URL");
        }
        fake.answeringAsSomethingElse("2", "{}");
        assertThat(failure(queue::sizes)).hasMessageContaining("another version of its protocol (2, not 1)");
        fake.answeringAsSomethingElse("1", "{\"waiting\":");
        assertThat(failure(queue::sizes)).hasMessageContaining("not JSON");
    }

    @Test
    void interruptedCall_namesTheQueue_andKeepsTheFlag() {
        Thread.currentThread().interrupt();
        assertThatThrownBy(queue::sizes)
                .isInstanceOf(OperationInterruptedException.class)
                .hasMessageContaining(queue.toString())
                .hasMessageContaining("the thread was interrupted");
        assertThat(Thread.interrupted()).isTrue();
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> queue.reserve(1, Duration.ofSeconds(1))).isInstanceOf(InterruptedException.class);
        assertThat(Thread.interrupted()).isFalse();
        assertThat(fake.seen()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://queue.example.com",
                "https://user:pass@queue.example.com",
                "https://queue.example.com?x=1"
            })
    void addressThatMustNotGetTheToken_isRefused(String address) {
        assertThatThrownBy(() -> DurableObjectQueue.builder(URI.create(address), FakeQueueWorker.TOKEN))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageNotContaining("example.com");
    }
}
