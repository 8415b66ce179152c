package io.alldocs.worker.contract;

import static io.alldocs.worker.contract.QueueHarness.OPTIONS;
import static io.alldocs.worker.contract.QueueHarness.PATIENCE;
import static io.alldocs.worker.contract.QueueHarness.SLOW_LEASE;
import static io.alldocs.worker.contract.QueueHarness.add;
import static io.alldocs.worker.contract.QueueHarness.awaitTrue;
import static io.alldocs.worker.contract.QueueHarness.dead;
import static io.alldocs.worker.contract.QueueHarness.item;
import static io.alldocs.worker.contract.QueueHarness.withLease;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.alldocs.worker.spi.Lease;
import io.alldocs.worker.spi.QueueSizes;
import io.alldocs.worker.spi.Settlement.Done;
import io.alldocs.worker.spi.Settlement.Failed;
import io.alldocs.worker.spi.WorkQueue;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** What a closed queue refuses, and what it keeps. */
interface CloseContract extends ContractPart {

    @Test
    default void close_everyMethodFailsAfterwards() {
        queue().enqueue(item("a"));
        queue().close();

        Lease lease = new Lease(item("a"), "token");
        List<ThrowingCallable> calls = List.of(
                () -> queue().enqueue(item("b")),
                () -> queue().reserve(1, Duration.ZERO),
                () -> queue().settle(List.of(new Done(lease))),
                () -> queue().settleAndReserve(List.of(new Done(lease)), 1),
                () -> queue().renew(List.of(lease)),
                () -> queue().pause(Duration.ofSeconds(1)),
                () -> queue().sizes(),
                () -> queue().awaitIdle(Duration.ZERO),
                () -> dead(queue()),
                () -> queue().retryDead(List.of("a")),
                () -> queue().discardDead(List.of("a")));
        calls.forEach(call -> assertThatThrownBy(call).isInstanceOf(IllegalStateException.class));
    }

    @Test
    default void close_keepsWhatIsInTheQueue_ifItOutlivesTheProcess() throws Exception {
        WorkQueue first = harness().open(withLease("restarted", SLOW_LEASE, 10));
        add(first, item("dead"), item("failed"), item("runs").withPriority(-1));
        List<Lease> leases = first.reserve(3, PATIENCE);
        first.settle(
                List.of(new Failed(leases.get(0), "why", false, null), new Failed(leases.get(1), "x", true, null)));
        add(first, item("waits").withPriority(5));
        first.enqueue(List.of(item("later")), Duration.ofHours(1));
        first.close();

        WorkQueue second = harness().open(withLease("restarted", SLOW_LEASE, 10));

        if (!harness().outlivesClose()) {
            assertThat(second.sizes()).isEqualTo(new QueueSizes(0, 0, 0, 0));
            return;
        }
        assertThat(second.size()).isEqualTo(4);
        assertThat(dead(second))
                .singleElement()
                .satisfies(letter ->
                        assertThat(letter.item()).isEqualTo(item("dead").withAttempts(1)))
                .satisfies(letter -> assertThat(letter.reason()).isEqualTo("why"));
        harness().elapse(SLOW_LEASE.plus(OPTIONS.backoff()));
        List<Lease> taken = new ArrayList<>();
        awaitTrue(() -> {
            taken.addAll(second.reserve(10, Duration.ZERO));
            return taken.size() == 3;
        });
        assertThat(taken.stream().map(Lease::item))
                .containsExactlyInAnyOrder(
                        item("waits").withPriority(5).withAttempts(1),
                        item("failed").withAttempts(2),
                        item("runs").withPriority(-1).withAttempts(1));
        assertThat(second.sizes()).isEqualTo(new QueueSizes(0, 1, 3, 1));
        second.settle(taken.stream().map(Done::new).toList());
        second.close();

        assertThat(harness().open(withLease("restarted", SLOW_LEASE, 10)).sizes())
                .isEqualTo(new QueueSizes(0, 1, 0, 1));
    }
}
