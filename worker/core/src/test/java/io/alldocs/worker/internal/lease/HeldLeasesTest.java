package io.alldocs.worker.internal.lease;

import static org.assertj.core.api.Assertions.assertThat;

import io.alldocs.worker.LocalWorkQueue;
import io.alldocs.worker.TurnedClock;
import io.alldocs.worker.WorkItem;
import io.alldocs.worker.spi.Lease;
import io.alldocs.worker.spi.QueueOptions;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class HeldLeasesTest {
    private static final Duration LEASE = Duration.ofMinutes(1);
    private static final QueueOptions OPTIONS =
            new QueueOptions("q", 3, LEASE, LEASE, LEASE, 10, Duration.ofSeconds(1), 0);

    private final TurnedClock clock = new TurnedClock();
    private final LocalWorkQueue queue =
            LocalWorkQueue.builder().options(OPTIONS).clock(clock).build();
    private final HeldLeases held = new HeldLeases(queue);

    @AfterEach
    void close() {
        queue.close();
    }

    private Lease take() throws InterruptedException {
        queue.enqueue(WorkItem.of("t", "a"));
        List<Lease> leases = queue.reserve(1, Duration.ZERO);
        held.add(leases);
        return leases.get(0);
    }

    @Test
    void lease_thatIsRenewed_isTheWorkers() throws Exception {
        Lease lease = take();
        assertThat(held.renew()).isEmpty();
        assertThat(held.isLost(lease)).isFalse();
        assertThat(held.unprotectedSince(lease)).isEmpty();
        assertThat(held.remove(lease)).isTrue();
        assertThat(held.remove(lease)).isFalse();
        assertThat(held.size()).isZero();
    }

    @Test
    void lease_thatIsLost_isSoSinceTheLastRenewal_howeverOftenItIsRenewedAfterThat() throws Exception {
        Lease lease = take();
        long before = System.nanoTime();
        held.renew();
        long after = System.nanoTime();

        clock.advance(LEASE.plusSeconds(1));
        assertThat(queue.reserve(1, Duration.ZERO)).as("another worker has it").hasSize(1);
        assertThat(held.renew()).containsExactly(lease);
        assertThat(held.renew()).as("reported once").isEmpty();
        held.renew();

        assertThat(held.isLost(lease)).isTrue();
        assertThat(held.unprotectedSince(lease).orElseThrow() - before).isBetween(0L, after - before);
    }

    @Test
    void lease_thatIsNotLost_isNotUnprotected_becauseAnotherIs() throws Exception {
        Lease lost = take();
        held.renew();
        clock.advance(LEASE.plusSeconds(1));
        assertThat(queue.reserve(1, Duration.ZERO)).hasSize(1);
        queue.enqueue(WorkItem.of("t", "b"));
        Lease kept = queue.reserve(1, Duration.ZERO).get(0);
        held.add(List.of(kept));

        assertThat(held.renew()).containsExactly(lost);

        assertThat(held.unprotectedSince(kept)).isEmpty();
        assertThat(held.isLost(kept)).isFalse();
    }
}
