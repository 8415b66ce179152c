package io.alldocs.worker.contract;

import static io.alldocs.worker.contract.QueueHarness.ITEMS;
import static io.alldocs.worker.contract.QueueHarness.OPTIONS;
import static io.alldocs.worker.contract.QueueHarness.PATIENCE;
import static io.alldocs.worker.contract.QueueHarness.add;
import static io.alldocs.worker.contract.QueueHarness.awaitTrue;
import static io.alldocs.worker.contract.QueueHarness.dead;
import static io.alldocs.worker.contract.QueueHarness.ids;
import static io.alldocs.worker.contract.QueueHarness.item;
import static io.alldocs.worker.contract.QueueHarness.kill;
import static io.alldocs.worker.contract.QueueHarness.take;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.alldocs.cache.JsonTree;
import io.alldocs.worker.WorkItem;
import io.alldocs.worker.spi.Lease;
import io.alldocs.worker.spi.QueueSizes;
import io.alldocs.worker.spi.Settlement;
import io.alldocs.worker.spi.Settlement.Done;
import io.alldocs.worker.spi.WorkQueue;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Items that are added are reserved by priority and in order; ids are unique. */
interface EnqueueContract extends ContractPart {

    @Test
    default void options_areWhatItWasMadeWith() {
        assertThat(queue().options()).isEqualTo(OPTIONS);
        assertThat(queue().name()).isNotBlank();
    }

    @Test
    default void enqueue_newItem_isReservedUnchanged() throws Exception {
        ObjectNode payload = JsonNodeFactory.instance.objectNode();
        payload.put("text", "Grüße, \ud83d\ude80 \" \\ \n \0")
                .put("number", 1.5)
                .putNull("nothing");
        payload.putArray("list").add(1).add(true);
        WorkItem item = new WorkItem("größe", "id mit \ud83d\ude80, : / % \" {curly}", JsonTree.of(payload), -7, 0);

        assertThat(queue().enqueue(item)).isTrue();

        assertThat(take(queue()).item()).isEqualTo(item.withAttempts(1));
    }

    @Test
    default void enqueue_largestTypeIdAndPayload_areReserved() throws Exception {
        JsonNode payload = JsonNodeFactory.instance.textNode("x".repeat(WorkQueue.MAX_PAYLOAD_BYTES - 2));
        WorkItem item =
                WorkItem.of("t".repeat(WorkItem.MAX_TYPE_BYTES), "é".repeat(WorkItem.MAX_ID_BYTES / 2), payload);

        queue().enqueue(item);

        assertThat(take(queue()).item()).isEqualTo(item.withAttempts(1));
    }

    @Test
    default void enqueue_payloadThatIsTooLarge_addsNothing() throws Exception {
        JsonNode payload = JsonNodeFactory.instance.textNode("x".repeat(WorkQueue.MAX_PAYLOAD_BYTES - 1));
        List<WorkItem> items = List.of(item("small"), WorkItem.of("t", "large", payload));

        assertThatThrownBy(() -> queue().enqueue(items, Duration.ZERO)).isInstanceOf(IllegalArgumentException.class);

        assertThat(queue().sizes()).isEqualTo(new QueueSizes(0, 0, 0, 0));
    }

    @Test
    default void enqueue_negativeDelay_isRefused() {
        assertThatThrownBy(() -> queue().enqueue(List.of(item("a")), Duration.ofMillis(-1)))
                .isInstanceOf(IllegalArgumentException.class);

        assertThat(queue().size()).isZero();
    }

    @Test
    default void enqueue_noItems_addsNone() {
        assertThat(queue().enqueue(List.of(), Duration.ZERO)).isZero();
    }

    @Test
    default void enqueue_itemThatWasTriedBefore_continuesItsCount() throws Exception {
        queue().enqueue(item("a").withAttempts(1));

        Lease lease = take(queue());
        assertThat(lease.item().attempts()).isEqualTo(2);
        queue().settle(List.of(new Settlement.Released(lease)));
        assertThat(take(queue()).item().attempts()).isEqualTo(2);
    }

    @Test
    default void enqueue_itemWithOneAttemptLeft_becomesADeadLetter() throws Exception {
        queue().enqueue(item("a").withAttempts(queue().options().maxAttempts() - 1));
        Lease lease = take(queue());

        queue().settle(List.of(new Settlement.Failed(lease, "no luck", true, Duration.ZERO)));

        assertThat(dead(queue())).hasSize(1);
        assertThat(dead(queue()).get(0).item().attempts())
                .isEqualTo(queue().options().maxAttempts());
        assertThat(queue().retryDead(List.of("a"))).isEqualTo(1);
        assertThat(take(queue()).item().attempts()).isEqualTo(1);
    }

    @Test
    default void enqueue_documentedItem_isReservedUnchanged() throws Exception {
        ObjectNode payload = JsonNodeFactory.instance.objectNode();
        payload.put("startKey", "a").put("endKey", "b");
        ObjectNode documented = JsonNodeFactory.instance.objectNode();
        documented.put("type", "partition").put("id", "partition-a-b").set("payload", payload);
        documented.put("priority", 1).put("attempts", 0);
        queue().enqueue(WorkItem.of("task", "first"));
        queue().enqueue(WorkItem.of(JsonTree.of(documented)));

        WorkItem taken = take(queue()).item();

        assertThat(taken.toJson()).isEqualTo(JsonTree.of(documented.put("attempts", 1)));
    }

    @Test
    default void reserve_differentPriorities_takesTheHighestFirst_andInOrderWithinOne() throws Exception {
        add(
                queue(),
                item("low").withPriority(-5),
                item("first"),
                item("highest").withPriority(WorkItem.MAX_PRIORITY),
                item("second"),
                item("high").withPriority(1),
                item("lowest").withPriority(WorkItem.MIN_PRIORITY));
        add(queue(), item("high too").withPriority(1), item("third"));

        assertThat(ids(queue().reserve(100, PATIENCE)))
                .containsExactly("highest", "high", "high too", "first", "second", "third", "low", "lowest");
    }

    @Test
    default void reserve_takesAtMostSoMany() throws Exception {
        add(queue(), item("a"), item("b"), item("c"));

        assertThat(ids(queue().reserve(2, PATIENCE))).containsExactly("a", "b");
        assertThat(ids(queue().reserve(2, PATIENCE))).containsExactly("c");
        assertThat(queue().reserve(2, Duration.ZERO)).isEmpty();
    }

    @Test
    default void reserve_severalItems_eachHasATokenOfItsOwn() throws Exception {
        add(queue(), item("a"), item("b"), item("c"));
        List<Lease> taken = new ArrayList<>(queue().reserve(2, PATIENCE));
        taken.addAll(queue().reserve(1, PATIENCE));

        assertThat(taken)
                .extracting(Lease::token)
                .hasSize(3)
                .doesNotHaveDuplicates()
                .doesNotContain("");
    }

    @Test
    default void reserve_fewerThanOne_isRefused() {
        assertThatThrownBy(() -> queue().reserve(0, Duration.ZERO)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    default void reserve_nothingInTime_isEmpty() throws Exception {
        assertThat(queue().reserve(1, Duration.ofMillis(30))).isEmpty();
    }

    @Test
    default void enqueue_manyItems_keepTheirOrder() throws Exception {
        List<String> wanted =
                IntStream.range(0, ITEMS).mapToObj(i -> "item-" + i).toList();
        queue().enqueue(wanted.stream().map(QueueHarness::item).toList(), Duration.ZERO);

        List<String> got = new ArrayList<>();
        while (got.size() < ITEMS) {
            List<Lease> leases = queue().reserve(700, PATIENCE);
            assertThat(leases).isNotEmpty();
            got.addAll(ids(leases));
        }
        assertThat(got).isEqualTo(wanted);
    }

    @Test
    default void reserve_waiting_wakesWhenAnotherAdds() throws Exception {
        WorkQueue other = harness().another(queue());
        ExecutorService threads = Executors.newSingleThreadExecutor();
        try {
            Future<List<Lease>> waiting = threads.submit(() -> queue().reserve(5, PATIENCE));
            assertThat(waiting.isDone()).isFalse();
            other.enqueue(item("a"));

            assertThat(ids(waiting.get(PATIENCE.toSeconds(), TimeUnit.SECONDS))).containsExactly("a");
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    default void reserve_interruptedWhileWaiting_endsAndTakesNothing() throws Exception {
        BlockingQueue<Object> outcome = new LinkedBlockingQueue<>();
        Thread waiting = new Thread(() -> {
            try {
                outcome.add(queue().reserve(1, PATIENCE));
            } catch (InterruptedException e) {
                outcome.add(e);
            }
        });
        waiting.start();
        awaitTrue(() -> waiting.getState() == Thread.State.TIMED_WAITING || waiting.getState() == Thread.State.WAITING);
        waiting.interrupt();

        assertThat(outcome.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isInstanceOf(InterruptedException.class);
        waiting.join(PATIENCE.toMillis());
        add(queue(), item("a"));
        assertThat(take(queue()).item().id()).isEqualTo("a");
    }

    @Test
    default void enqueue_idThatWaits_changesNothing() throws Exception {
        add(queue(), item("a"), item("b"));

        WorkItem again = new WorkItem("other", "a", JsonTree.of("new"), 9, 0);
        assertThat(queue().enqueue(again)).isFalse();

        assertThat(queue().size()).isEqualTo(2);
        assertThat(take(queue()).item()).isEqualTo(item("a").withAttempts(1));
    }

    @Test
    default void enqueue_idTwiceInOneCall_isAddedOnce() throws Exception {
        assertThat(queue().enqueue(List.of(item("a"), item("b"), item("a").withPriority(3)), Duration.ZERO))
                .isEqualTo(2);

        assertThat(ids(queue().reserve(5, PATIENCE))).containsExactly("a", "b");
    }

    @Test
    default void enqueue_idThatIsDelayed_changesNothing() {
        queue().enqueue(List.of(item("a")), Duration.ofHours(1));

        assertThat(queue().enqueue(item("a"))).isFalse();

        assertThat(queue().sizes()).isEqualTo(new QueueSizes(0, 1, 0, 0));
    }

    @Test
    default void enqueue_idThatRuns_changesNothing_andItsWorkerMaySettleIt() throws Exception {
        add(queue(), item("a"));
        Lease lease = take(queue());

        assertThat(queue().enqueue(item("a"))).isFalse();

        assertThat(queue().settle(List.of(new Done(lease)))).isEmpty();
        assertThat(queue().sizes()).isEqualTo(new QueueSizes(0, 0, 0, 0));
    }

    @Test
    default void enqueue_idThatIsDone_isAddedAgain() throws Exception {
        add(queue(), item("a"));
        queue().settle(List.of(new Done(take(queue()))));

        assertThat(queue().enqueue(item("a"))).isTrue();

        assertThat(take(queue()).item().attempts()).isEqualTo(1);
    }

    @Test
    default void enqueue_idOfADeadLetter_removesItAndStartsAgain() throws Exception {
        kill(queue(), "a", "no use");

        assertThat(queue().enqueue(item("a").withPriority(4))).isTrue();

        assertThat(dead(queue())).isEmpty();
        assertThat(take(queue()).item()).isEqualTo(item("a").withPriority(4).withAttempts(1));
    }
}
