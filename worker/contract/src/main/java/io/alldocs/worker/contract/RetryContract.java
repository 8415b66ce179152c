package io.alldocs.worker.contract;

import static io.alldocs.worker.contract.QueueHarness.OPTIONS;
import static io.alldocs.worker.contract.QueueHarness.PATIENCE;
import static io.alldocs.worker.contract.QueueHarness.add;
import static io.alldocs.worker.contract.QueueHarness.dead;
import static io.alldocs.worker.contract.QueueHarness.ids;
import static io.alldocs.worker.contract.QueueHarness.item;
import static io.alldocs.worker.contract.QueueHarness.kill;
import static io.alldocs.worker.contract.QueueHarness.take;
import static org.assertj.core.api.Assertions.assertThat;

import io.alldocs.worker.spi.DeadLetter;
import io.alldocs.worker.spi.Lease;
import io.alldocs.worker.spi.QueueSizes;
import io.alldocs.worker.spi.Settlement.Failed;
import io.alldocs.worker.spi.Settlement.Released;
import io.alldocs.worker.spi.WorkQueue;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Delays, attempts and backoff. */
interface RetryContract extends ContractPart {

    @Test
    default void enqueue_withDelay_isNotReservedBefore() throws Exception {
        long start = System.nanoTime();
        queue().enqueue(List.of(item("a")), Duration.ofMillis(300));

        assertThat(harness()
                        .takeAfter(queue(), start, Duration.ofMillis(300))
                        .item()
                        .id())
                .isEqualTo("a");
    }

    @Test
    default void enqueue_withDelay_isOrderedByItsEnd() throws Exception {
        Duration delay = Duration.ofSeconds(1);
        long start = System.nanoTime();
        queue().enqueue(List.of(item("early, delayed")), delay);
        add(queue(), item("at once"));
        Lease first = take(queue());
        assertThat(first.item().id()).isEqualTo("at once");

        Lease second = harness().takeAfter(queue(), start, delay);
        queue().settle(List.of(new Released(second)));
        add(queue(), item("late"));

        assertThat(ids(queue().reserve(5, PATIENCE))).containsExactly("early, delayed", "late");
    }

    @Test
    default void settle_failed_isRetriedAfterABackoffThatDoubles_andThenADeadLetter() throws Exception {
        add(queue(), item("a").withPriority(2));

        Lease first = take(queue());
        assertThat(first.item().attempts()).isEqualTo(1);
        long start = System.nanoTime();
        queue().settle(List.of(new Failed(first, "one", true, null)));
        assertThat(queue().size()).isEqualTo(1);

        Lease second = harness().takeAfter(queue(), start, Duration.ofMillis(200));
        assertThat(second.item().attempts()).isEqualTo(2);
        start = System.nanoTime();
        queue().settle(List.of(new Failed(second, "two", true, null)));

        Lease third = harness().takeAfter(queue(), start, Duration.ofMillis(400));
        assertThat(third.item().attempts()).isEqualTo(3);
        assertThat(queue().settle(List.of(new Failed(third, "three", true, null))))
                .isEmpty();

        assertThat(queue().sizes()).isEqualTo(new QueueSizes(0, 0, 0, 1));
        DeadLetter letter = dead(queue()).get(0);
        assertThat(letter.item()).isEqualTo(item("a").withPriority(2).withAttempts(3));
        assertThat(letter.reason()).isEqualTo("three");
        assertThat(letter.at()).isNotNull();
    }

    @Test
    default void settle_failedWithALongerPause_waitsThatLong() throws Exception {
        add(queue(), item("a"));
        Lease lease = take(queue());
        long start = System.nanoTime();

        queue().settle(List.of(new Failed(lease, "busy", true, Duration.ofMillis(700))));

        assertThat(harness()
                        .takeAfter(queue(), start, Duration.ofMillis(700))
                        .item()
                        .attempts())
                .isEqualTo(2);
    }

    @Test
    default void settle_failedWithAShorterPause_waitsForTheBackoff() throws Exception {
        add(queue(), item("a"));
        Lease lease = take(queue());
        long start = System.nanoTime();

        queue().settle(List.of(new Failed(lease, "busy", true, Duration.ofMillis(1))));

        harness().takeAfter(queue(), start, OPTIONS.backoff());
    }

    @Test
    default void settle_failedPermanently_isADeadLetterAtOnce() throws Exception {
        kill(queue(), "a", "broken");

        assertThat(queue().sizes()).isEqualTo(new QueueSizes(0, 0, 0, 1));
        assertThat(dead(queue()).get(0).item().attempts()).isEqualTo(1);
    }

    @Test
    default void settle_longReason_isTruncated() throws Exception {
        kill(queue(), "a", "é".repeat(WorkQueue.MAX_REASON_CHARS + 500));

        assertThat(dead(queue()).get(0).reason()).isEqualTo("é".repeat(WorkQueue.MAX_REASON_CHARS));
    }

    @Test
    default void settle_released_waitsAtTheHead_andDoesNotCount() throws Exception {
        add(queue(), item("high").withPriority(1), item("a"), item("b"), item("c"));
        List<Lease> leases = queue().reserve(3, PATIENCE);
        assertThat(ids(leases)).containsExactly("high", "a", "b");

        queue().settle(leases.stream().map(Released::new).toList());

        assertThat(queue().sizes()).isEqualTo(new QueueSizes(4, 0, 0, 0));
        List<Lease> again = queue().reserve(10, PATIENCE);
        assertThat(ids(again)).containsExactly("high", "a", "b", "c");
        assertThat(again).allMatch(lease -> lease.item().attempts() == 1);
    }
}
