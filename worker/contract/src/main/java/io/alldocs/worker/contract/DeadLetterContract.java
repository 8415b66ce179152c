package io.alldocs.worker.contract;

import static io.alldocs.worker.contract.QueueHarness.ITEMS;
import static io.alldocs.worker.contract.QueueHarness.PATIENCE;
import static io.alldocs.worker.contract.QueueHarness.add;
import static io.alldocs.worker.contract.QueueHarness.dead;
import static io.alldocs.worker.contract.QueueHarness.ids;
import static io.alldocs.worker.contract.QueueHarness.item;
import static io.alldocs.worker.contract.QueueHarness.kill;
import static org.assertj.core.api.Assertions.assertThat;

import io.alldocs.worker.spi.DeadLetter;
import io.alldocs.worker.spi.Lease;
import io.alldocs.worker.spi.QueueSizes;
import io.alldocs.worker.spi.Settlement.Failed;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Dead letters are listed, retried and discarded. */
interface DeadLetterContract extends ContractPart {

    @Test
    default void deadLetters_areListedOldestFirst() throws Exception {
        for (int i = 0; i < 5; i++) {
            kill(queue(), "letter-" + i, "reason " + i);
            harness().elapse(Duration.ofMillis(5));
        }

        assertThat(dead(queue()))
                .extracting(letter -> letter.item().id())
                .containsExactly("letter-0", "letter-1", "letter-2", "letter-3", "letter-4");
        assertThat(dead(queue())).extracting(DeadLetter::reason).contains("reason 0", "reason 4");
    }

    @Test
    default void deadLetters_many_areAllListed() throws Exception {
        List<String> wanted =
                IntStream.range(0, ITEMS).mapToObj(i -> "letter-" + i).toList();
        queue().enqueue(wanted.stream().map(QueueHarness::item).toList(), Duration.ZERO);
        for (int taken = 0; taken < ITEMS; ) {
            List<Lease> leases = queue().reserve(500, PATIENCE);
            queue().settle(leases.stream()
                    .map(lease -> new Failed(lease, "no", false, null))
                    .toList());
            taken += leases.size();
        }

        assertThat(dead(queue())).extracting(letter -> letter.item().id()).containsExactlyInAnyOrderElementsOf(wanted);
    }

    @Test
    default void retryDead_letsThemWaitAsNew_andPassesOverOthers() throws Exception {
        kill(queue(), "a", "no");
        kill(queue(), "b", "no");
        add(queue(), item("waits"));

        assertThat(queue().retryDead(List.of("a", "waits", "unknown"))).isEqualTo(1);

        assertThat(queue().sizes()).isEqualTo(new QueueSizes(2, 0, 0, 1));
        List<Lease> leases = queue().reserve(5, PATIENCE);
        assertThat(ids(leases)).containsExactlyInAnyOrder("a", "waits");
        assertThat(leases).allMatch(lease -> lease.item().attempts() == 1);
    }

    @Test
    default void discardDead_removesThem_andPassesOverOthers() throws Exception {
        kill(queue(), "a", "no");
        kill(queue(), "b", "no");
        add(queue(), item("waits"));

        assertThat(queue().discardDead(List.of("a", "waits", "unknown"))).isEqualTo(1);

        assertThat(dead(queue())).extracting(letter -> letter.item().id()).containsExactly("b");
        assertThat(queue().size()).isEqualTo(1);
        assertThat(queue().enqueue(item("a"))).isTrue();
    }
}
