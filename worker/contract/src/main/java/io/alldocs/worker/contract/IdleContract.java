package io.alldocs.worker.contract;

import static io.alldocs.worker.contract.QueueHarness.PATIENCE;
import static io.alldocs.worker.contract.QueueHarness.add;
import static io.alldocs.worker.contract.QueueHarness.awaitTrue;
import static io.alldocs.worker.contract.QueueHarness.item;
import static io.alldocs.worker.contract.QueueHarness.kill;
import static io.alldocs.worker.contract.QueueHarness.take;
import static org.assertj.core.api.Assertions.assertThat;

import io.alldocs.worker.spi.Lease;
import io.alldocs.worker.spi.QueueSizes;
import io.alldocs.worker.spi.Settlement.Done;
import io.alldocs.worker.spi.Settlement.Failed;
import io.alldocs.worker.spi.WorkQueue;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The sizes of a queue, and the wait until no work is left. */
interface IdleContract extends ContractPart {

    @Test
    default void awaitIdle_nothingToDo_isTrueAtOnce() throws Exception {
        kill(queue(), "dead", "no");

        assertThat(queue().awaitIdle(Duration.ZERO)).isTrue();
        assertThat(queue().awaitIdle(Duration.ofMillis(-1))).isTrue();
    }

    @Test
    default void awaitIdle_somethingWaitsIsDelayedOrRuns_isFalse() throws Exception {
        add(queue(), item("a"));
        assertThat(queue().awaitIdle(Duration.ZERO)).isFalse();
        Lease lease = take(queue());
        assertThat(queue().awaitIdle(Duration.ofMillis(20))).isFalse();
        queue().settle(List.of(new Failed(lease, "x", true, Duration.ofHours(1))));
        assertThat(queue().awaitIdle(Duration.ofMillis(20))).isFalse();
    }

    @Test
    default void awaitIdle_anotherSettlesTheLast_endsThen() throws Exception {
        WorkQueue other = harness().another(queue());
        add(queue(), item("a"), item("b"));
        List<Lease> leases = other.reserve(2, PATIENCE);
        ExecutorService threads = Executors.newSingleThreadExecutor();
        try {
            Future<Boolean> idle = threads.submit(() -> queue().awaitIdle(PATIENCE));
            other.settle(List.of(new Done(leases.get(0))));
            assertThat(idle.isDone()).isFalse();
            other.settle(List.of(new Failed(leases.get(1), "no", false, null)));

            assertThat(idle.get(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    default void awaitIdle_interrupted_ends() throws Exception {
        add(queue(), item("a"));
        BlockingQueue<Object> outcome = new LinkedBlockingQueue<>();
        Thread waiting = new Thread(() -> {
            try {
                outcome.add(queue().awaitIdle(PATIENCE));
            } catch (InterruptedException e) {
                outcome.add(e);
            }
        });
        waiting.start();
        awaitTrue(() -> waiting.getState() == Thread.State.TIMED_WAITING || waiting.getState() == Thread.State.WAITING);
        waiting.interrupt();

        assertThat(outcome.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isInstanceOf(InterruptedException.class);
        waiting.join(PATIENCE.toMillis());
    }

    @Test
    default void sizes_countEachState() throws Exception {
        assertThat(queue().sizes()).isEqualTo(new QueueSizes(0, 0, 0, 0));
        kill(queue(), "dead", "no");
        add(queue(), item("runs"), item("runs too"));
        queue().reserve(2, PATIENCE);
        add(queue(), item("a"), item("b"), item("c"));
        queue().enqueue(List.of(item("later")), Duration.ofHours(1));

        assertThat(queue().sizes()).isEqualTo(new QueueSizes(3, 1, 2, 1));
        assertThat(queue().size()).isEqualTo(6);
        assertThat(queue().sizes().open()).isEqualTo(6);
    }
}
