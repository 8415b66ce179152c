package io.alldocs.worker.contract;

import static io.alldocs.worker.contract.QueueHarness.PATIENCE;
import static io.alldocs.worker.contract.QueueHarness.add;
import static io.alldocs.worker.contract.QueueHarness.ids;
import static io.alldocs.worker.contract.QueueHarness.item;
import static io.alldocs.worker.contract.QueueHarness.items;
import static io.alldocs.worker.contract.QueueHarness.withRate;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.alldocs.worker.spi.Lease;
import io.alldocs.worker.spi.QueueSizes;
import io.alldocs.worker.spi.Settlement.Done;
import io.alldocs.worker.spi.Settlement.Released;
import io.alldocs.worker.spi.WorkQueue;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The rate limit and pauses apply to all workers together. */
interface RateContract extends ContractPart {

    @Test
    default void reserve_intervalCap_holdsForAllWorkersTogether() throws Exception {
        int cap = 5;
        int windows = 5;
        Duration interval = Duration.ofMillis(400);
        WorkQueue limited = harness().open(withRate("limited", interval, cap));
        WorkQueue other = harness().another(limited);
        limited.enqueue(items(cap * windows), Duration.ZERO);

        long start = System.nanoTime();
        List<Integer> perStep = new ArrayList<>();
        Set<String> got = new HashSet<>();
        while (got.size() < cap * windows) {
            List<Lease> leases = new ArrayList<>(limited.reserve(3, Duration.ZERO));
            leases.addAll(other.reserve(100, harness().clock().isPresent() ? Duration.ZERO : PATIENCE));
            perStep.add(leases.size());
            got.addAll(ids(leases));
            harness().clock().ifPresent(forward -> forward.accept(interval));
        }

        if (harness().clock().isPresent()) {
            assertThat(perStep).containsOnly(cap).hasSize(windows);
        }
        harness().requireElapsed(start, interval.multipliedBy(windows - 2));
    }

    @Test
    default void reserve_intervalCapOfOne_waitsForTheNextWindow() throws Exception {
        Duration interval = Duration.ofMillis(300);
        WorkQueue limited = harness().open(withRate("one", interval, 1));
        limited.enqueue(items(4), Duration.ZERO);

        long start = System.nanoTime();
        for (int i = 0; i < 4; i++) {
            assertThat(harness()
                            .takeAfter(limited, System.nanoTime(), Duration.ZERO)
                            .item()
                            .id())
                    .isEqualTo("item-" + i);
            harness().clock().ifPresent(forward -> forward.accept(interval));
        }
        harness().requireElapsed(start, interval.multipliedBy(2));
    }

    @Test
    default void pause_reservesNothing_toAnyWorker_untilItIsOver() throws Exception {
        WorkQueue other = harness().another(queue());
        add(queue(), item("a"));
        Duration length = Duration.ofMillis(600);

        long start = System.nanoTime();
        queue().pause(length);
        queue().pause(Duration.ofMillis(1));
        queue().pause(Duration.ZERO);

        assertThat(harness().takeAfter(other, start, length).item().id()).isEqualTo("a");
    }

    @Test
    default void pause_letsWhatRunsBeSettledAndRenewed_andItemsBeAdded() throws Exception {
        add(queue(), item("a"), item("b"));
        List<Lease> leases = queue().reserve(2, PATIENCE);
        queue().pause(Duration.ofHours(1));

        assertThat(queue().renew(leases)).isEmpty();
        assertThat(queue().settle(List.of(new Done(leases.get(0)), new Released(leases.get(1)))))
                .isEmpty();
        add(queue(), item("c"));

        assertThat(queue().reserve(5, Duration.ofMillis(20))).isEmpty();
        assertThat(queue().sizes()).isEqualTo(new QueueSizes(2, 0, 0, 0));
    }

    @Test
    default void onPause_isCalledForPauses_madeHereOrElsewhere() throws Exception {
        WorkQueue other = harness().another(queue());
        BlockingQueue<Duration> here = new LinkedBlockingQueue<>();
        BlockingQueue<Duration> there = new LinkedBlockingQueue<>();
        BlockingQueue<Duration> alsoHere = new LinkedBlockingQueue<>();
        queue().onPause(here::add);
        queue().onPause(alsoHere::add);
        other.onPause(there::add);

        other.pause(Duration.ofMinutes(2));

        for (BlockingQueue<Duration> told : List.of(here, there, alsoHere)) {
            Duration left = told.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            assertThat(left).isNotNull().isBetween(Duration.ofSeconds(30), Duration.ofMinutes(2));
        }
    }

    @Test
    default void pause_negative_isRefused() {
        assertThatThrownBy(() -> queue().pause(Duration.ofMillis(-1))).isInstanceOf(IllegalArgumentException.class);
    }
}
