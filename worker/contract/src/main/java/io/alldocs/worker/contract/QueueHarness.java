package io.alldocs.worker.contract;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.alldocs.worker.WorkItem;
import io.alldocs.worker.spi.DeadLetter;
import io.alldocs.worker.spi.Lease;
import io.alldocs.worker.spi.QueueOptions;
import io.alldocs.worker.spi.Settlement.Failed;
import io.alldocs.worker.spi.WorkQueue;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The queues, the time and the items of one test of the contract. */
final class QueueHarness {
    static final Duration PATIENCE = Duration.ofSeconds(60);
    static final Duration LEASE = Duration.ofSeconds(1);

    /** For leases that must not expire between two calls. */
    static final Duration SLOW_LEASE = Duration.ofSeconds(3);

    static final Duration LONG_LEASE = Duration.ofMinutes(5);

    /**
     * Maximum apparent difference between the server's clock and the test's clock, because both are read in
     * milliseconds.
     */
    private static final Duration TOLERANCE = Duration.ofMillis(20);

    static final int THREADS = 16;
    static final int ITEMS = 2_000;

    static final QueueOptions OPTIONS = new QueueOptions(
            "contract", 3, Duration.ofMillis(200), Duration.ofMillis(500), LONG_LEASE, 10, Duration.ofSeconds(1), 0);

    private final WorkQueueContract contract;
    private final List<WorkQueue> opened = new ArrayList<>();
    private @Nullable WorkQueue queue;

    QueueHarness(WorkQueueContract contract) {
        this.contract = contract;
    }

    void begin() throws Exception {
        contract.clear();
        queue = open(OPTIONS);
    }

    void end() throws Exception {
        for (WorkQueue each : opened) {
            each.close();
            each.close();
        }
        contract.clear();
    }

    WorkQueue queue() {
        return Objects.requireNonNull(queue, "begin() was not called");
    }

    WorkQueue open(QueueOptions options) throws Exception {
        WorkQueue made = contract.newQueue(options);
        opened.add(made);
        return made;
    }

    WorkQueue another(WorkQueue first) throws Exception {
        WorkQueue made = contract.another(first);
        opened.add(made);
        return made;
    }

    boolean outlivesClose() {
        return contract.outlivesClose();
    }

    Optional<Consumer<Duration>> clock() {
        return contract.clock();
    }

    static WorkItem item(String id) {
        return WorkItem.of("type", id, JsonNodeFactory.instance.objectNode().put("of", id));
    }

    static List<WorkItem> items(int count) {
        return IntStream.range(0, count).mapToObj(i -> item("item-" + i)).toList();
    }

    static void add(WorkQueue to, WorkItem... items) {
        assertThat(to.enqueue(List.of(items), Duration.ZERO)).isEqualTo(items.length);
    }

    static Lease take(WorkQueue from) throws InterruptedException {
        List<Lease> leases = from.reserve(1, PATIENCE);
        assertThat(leases).hasSize(1);
        return leases.get(0);
    }

    static void kill(WorkQueue queue, String id, String reason) throws InterruptedException {
        add(queue, item(id).withPriority(1_000));
        Lease lease = take(queue);
        assertThat(lease.item().id()).isEqualTo(id);
        queue.settle(List.of(new Failed(lease, reason, false, null)));
    }

    static List<String> ids(Collection<Lease> leases) {
        return leases.stream().map(lease -> lease.item().id()).toList();
    }

    static List<DeadLetter> dead(WorkQueue of) {
        try (Stream<DeadLetter> letters = of.deadLetters()) {
            return letters.toList();
        }
    }

    static QueueOptions withLease(String name, Duration lease, int maxLostLeases) {
        return new QueueOptions(
                name, 3, OPTIONS.backoff(), OPTIONS.maxBackoff(), lease, maxLostLeases, OPTIONS.interval(), 0);
    }

    static QueueOptions withRate(String name, Duration interval, int cap) {
        return new QueueOptions(name, 3, OPTIONS.backoff(), OPTIONS.maxBackoff(), LONG_LEASE, 10, interval, cap);
    }

    /** Leases the next item, which must not arrive before {@code delay} has passed. */
    Lease takeAfter(WorkQueue from, long startNanos, Duration delay) throws InterruptedException {
        if (clock().isPresent()) {
            if (delay.compareTo(Duration.ofMillis(1)) > 0) {
                clock().get().accept(delay.minusMillis(1));
                assertThat(from.reserve(1, Duration.ZERO)).isEmpty();
                clock().get().accept(Duration.ofMillis(1));
            }
            return take(from);
        }
        Lease lease = take(from);
        requireElapsed(startNanos, delay);
        return lease;
    }

    void requireElapsed(long startNanos, Duration atLeast) {
        if (clock().isEmpty()) {
            assertThat(Duration.ofNanos(System.nanoTime() - startNanos).plus(TOLERANCE))
                    .isGreaterThanOrEqualTo(atLeast);
        }
    }

    /** Advances the queue's time by {@code time}. */
    void elapse(Duration time) {
        if (clock().isPresent()) {
            clock().get().accept(time);
            return;
        }
        long end = System.nanoTime() + time.toNanos();
        for (long left = time.toNanos(); left > 0; left = end - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }

    interface Condition {
        boolean holds() throws Exception;
    }

    static void awaitTrue(Condition condition) throws Exception {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.holds()) {
            assertThat(System.nanoTime()).as("what was awaited did not come").isLessThan(end);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(2));
        }
    }
}
