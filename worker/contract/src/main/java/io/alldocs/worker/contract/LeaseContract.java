package io.alldocs.worker.contract;

import static io.alldocs.worker.contract.QueueHarness.LEASE;
import static io.alldocs.worker.contract.QueueHarness.LONG_LEASE;
import static io.alldocs.worker.contract.QueueHarness.PATIENCE;
import static io.alldocs.worker.contract.QueueHarness.SLOW_LEASE;
import static io.alldocs.worker.contract.QueueHarness.add;
import static io.alldocs.worker.contract.QueueHarness.dead;
import static io.alldocs.worker.contract.QueueHarness.ids;
import static io.alldocs.worker.contract.QueueHarness.item;
import static io.alldocs.worker.contract.QueueHarness.take;
import static io.alldocs.worker.contract.QueueHarness.withLease;
import static org.assertj.core.api.Assertions.assertThat;

import io.alldocs.worker.spi.DeadLetter;
import io.alldocs.worker.spi.Lease;
import io.alldocs.worker.spi.QueueSizes;
import io.alldocs.worker.spi.Settlement;
import io.alldocs.worker.spi.Settlement.Done;
import io.alldocs.worker.spi.Settlement.Failed;
import io.alldocs.worker.spi.Settlement.Lost;
import io.alldocs.worker.spi.Settlement.Released;
import io.alldocs.worker.spi.WorkQueue;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Leases are renewed, settled and lost. */
interface LeaseContract extends ContractPart {

    @Test
    default void settle_twice_skipsTheSecond() throws Exception {
        add(queue(), item("a"));
        Lease lease = take(queue());

        assertThat(queue().settle(List.of(new Done(lease)))).isEmpty();
        assertThat(queue().settle(List.of(new Done(lease)))).containsExactly(lease);
        assertThat(queue().settle(List.of(new Failed(lease, "late", false, null))))
                .containsExactly(lease);

        assertThat(queue().sizes()).isEqualTo(new QueueSizes(0, 0, 0, 0));
    }

    @Test
    default void settle_manyAtOnce_eachForItself() throws Exception {
        add(queue(), item("done"), item("again"), item("dead"), item("back"));
        List<Lease> leases = queue().reserve(4, PATIENCE);

        List<Settlement> settlements = List.of(
                new Done(leases.get(0)),
                new Failed(leases.get(1), "x", true, Duration.ofHours(1)),
                new Failed(leases.get(2), "y", false, null),
                new Released(leases.get(3)));

        assertThat(queue().settle(settlements)).isEmpty();
        assertThat(queue().sizes()).isEqualTo(new QueueSizes(1, 1, 0, 1));
        assertThat(queue().settle(List.of())).isEmpty();
    }

    @Test
    default void reserve_leaseOfADeadWorker_isReservedByAnother_andTheFirstSettlementIsSkipped() throws Exception {
        WorkQueue mortal = harness().open(withLease("mortal", SLOW_LEASE, 10));
        WorkQueue other = harness().another(mortal);
        add(mortal, item("a"), item("b"));
        long start = System.nanoTime();
        Lease lost = mortal.reserve(1, PATIENCE).get(0);
        assertThat(lost.item().id()).isEqualTo("a");
        assertThat(ids(other.reserve(5, PATIENCE))).containsExactly("b");

        Lease taken = harness().takeAfter(other, start, SLOW_LEASE);

        assertThat(taken.item()).isEqualTo(item("a").withAttempts(1));
        assertThat(taken.token()).isNotEqualTo(lost.token());
        assertThat(mortal.settle(List.of(new Done(lost)))).containsExactly(lost);
        assertThat(mortal.renew(List.of(lost))).containsExactly(lost);
        assertThat(other.sizes().running()).isPositive();
        assertThat(other.settle(List.of(new Done(taken)))).isEmpty();
    }

    @Test
    default void renew_keepsALease() throws Exception {
        WorkQueue mortal = harness().open(withLease("renewed", SLOW_LEASE, 10));
        WorkQueue other = harness().another(mortal);
        add(mortal, item("a"));
        Lease kept = mortal.reserve(1, PATIENCE).get(0);

        for (int i = 0; i < 4; i++) {
            harness().elapse(Duration.ofSeconds(1));
            assertThat(mortal.renew(List.of(kept))).isEmpty();
            assertThat(other.reserve(1, Duration.ZERO)).isEmpty();
        }
        assertThat(mortal.settle(List.of(new Done(kept)))).isEmpty();
        assertThat(other.size()).isZero();
    }

    @Test
    default void renew_whatIsSettled_isLost() throws Exception {
        add(queue(), item("a"), item("b"));
        List<Lease> leases = queue().reserve(2, PATIENCE);
        queue().settle(List.of(new Done(leases.get(0))));

        assertThat(queue().renew(leases)).containsExactly(leases.get(0));
        assertThat(queue().renew(List.of())).isEmpty();
    }

    @Test
    default void reserve_itemThatEndsThreeWorkers_becomesADeadLetter_andTheOthersAreDone() throws Exception {
        WorkQueue mortal = harness().open(withLease("killer", LEASE, 3));
        add(mortal, item("poison").withPriority(1), item("good"));

        for (int lost = 0; lost < 3; lost++) {
            Lease lease = harness().takeAfter(mortal, System.nanoTime(), Duration.ZERO);
            assertThat(lease.item().id()).isEqualTo("poison");
            assertThat(lease.item().attempts()).isEqualTo(1);
            assertThat(lease.lostLeases()).isEqualTo(lost);
            assertThat(lease.isLastChance(mortal.options())).isEqualTo(lost == 2);
            harness().elapse(LEASE);
        }

        Lease good = harness().takeAfter(mortal, System.nanoTime(), Duration.ZERO);
        assertThat(good.item().id()).isEqualTo("good");
        assertThat(good.lostLeases()).isZero();
        mortal.settle(List.of(new Done(good)));
        assertThat(mortal.sizes()).isEqualTo(new QueueSizes(0, 0, 0, 1));
        DeadLetter letter = dead(mortal).get(0);
        assertThat(letter.item().id()).isEqualTo("poison");
        assertThat(letter.item().attempts()).isZero();
        assertThat(letter.reason()).contains("lost 3 times").contains("died");
    }

    @Test
    default void settle_lost_waitsAtTheHead_andAfterThreeIsADeadLetterWithTheReason() throws Exception {
        WorkQueue mortal = harness().open(withLease("lost", LONG_LEASE, 3));
        add(mortal, item("poison"), item("good"));

        for (int lost = 0; lost < 3; lost++) {
            assertThat(dead(mortal)).isEmpty();
            Lease lease = take(mortal);
            assertThat(lease.item()).isEqualTo(item("poison").withAttempts(1));
            assertThat(lease.lostLeases()).isEqualTo(lost);
            assertThat(mortal.settle(List.of(new Lost(lease, "out of memory: é " + lost))))
                    .isEmpty();
            assertThat(mortal.settle(List.of(new Lost(lease, "late")))).containsExactly(lease);
        }

        assertThat(mortal.sizes()).isEqualTo(new QueueSizes(1, 0, 0, 1));
        assertThat(dead(mortal).get(0).reason()).contains("lost 3 times").endsWith("out of memory: é 2");
        assertThat(take(mortal).item().id()).isEqualTo("good");
    }

    @Test
    default void settle_lostWithALongReason_isTruncated() throws Exception {
        WorkQueue mortal = harness().open(withLease("lost", LONG_LEASE, 1));
        add(mortal, item("poison"));

        mortal.settle(List.of(new Lost(take(mortal), "é".repeat(2 * WorkQueue.MAX_REASON_CHARS))));

        assertThat(dead(mortal).get(0).reason())
                .startsWith("Its lease was lost 1 times")
                .hasSizeLessThanOrEqualTo(WorkQueue.MAX_REASON_CHARS)
                .endsWith("éé");
    }

    @Test
    default void retryDead_itemThatLostItsLeases_countsThemFromZero() throws Exception {
        WorkQueue mortal = harness().open(withLease("lost", LONG_LEASE, 1));
        add(mortal, item("poison"));
        mortal.settle(List.of(new Lost(take(mortal), "out of memory")));

        assertThat(mortal.retryDead(List.of("poison"))).isEqualTo(1);

        assertThat(take(mortal).lostLeases()).isZero();
    }

    @Test
    default void settleAndReserve_settlesAndTakes() throws Exception {
        add(queue(), item("a"), item("b"), item("c"));
        Lease first = take(queue());

        List<Lease> next = queue().settleAndReserve(List.of(new Done(first)), 5);

        assertThat(ids(next)).containsExactly("b", "c");
        List<Settlement> rest = List.of(new Done(next.get(0)), new Failed(next.get(1), "x", false, null));
        assertThat(queue().settleAndReserve(rest, 0)).isEmpty();
        assertThat(queue().sizes()).isEqualTo(new QueueSizes(0, 0, 0, 1));
        add(queue(), item("d"));
        assertThat(ids(queue().settleAndReserve(List.of(), 5))).containsExactly("d");
    }

    @Test
    default void settleAndReserve_released_isTakenInTheSameCall() throws Exception {
        add(queue(), item("a"), item("b"));
        Lease first = take(queue());

        assertThat(ids(queue().settleAndReserve(List.of(new Released(first)), 1)))
                .containsExactly("a");
    }

    @Test
    default void settleAndReserve_lostLease_isSkipped() throws Exception {
        add(queue(), item("a"), item("b"));
        Lease first = take(queue());
        queue().settle(List.of(new Done(first)));

        assertThat(ids(queue().settleAndReserve(List.of(new Done(first)), 5))).containsExactly("b");
    }
}
