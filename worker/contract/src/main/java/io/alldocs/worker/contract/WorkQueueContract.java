package io.alldocs.worker.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.alldocs.cache.JsonTree;
import io.alldocs.worker.WorkItem;
import io.alldocs.worker.spi.DeadLetter;
import io.alldocs.worker.spi.Lease;
import io.alldocs.worker.spi.QueueOptions;
import io.alldocs.worker.spi.QueueSizes;
import io.alldocs.worker.spi.Settlement;
import io.alldocs.worker.spi.Settlement.Done;
import io.alldocs.worker.spi.Settlement.Failed;
import io.alldocs.worker.spi.Settlement.Lost;
import io.alldocs.worker.spi.Settlement.Released;
import io.alldocs.worker.spi.WorkQueue;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The contract that every {@link WorkQueue} must fulfil. Extend it in the queue's tests and implement the abstract
 * methods, against the most realistic server that runs without special infrastructure.
 *
 * <p>If the tests can set the queue's clock, return it in {@link #clock()}; no test then waits. With a real clock,
 * tests wait for events and check only that an event did not happen too early. A slow machine therefore fails no test.
 */
public abstract class WorkQueueContract {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Duration LEASE = Duration.ofSeconds(1);

    /** For leases that must not expire between two calls. */
    private static final Duration SLOW_LEASE = Duration.ofSeconds(3);

    private static final Duration LONG_LEASE = Duration.ofMinutes(5);

    /**
     * Maximum apparent difference between the server's clock and the test's clock, because both are read in
     * milliseconds.
     */
    private static final Duration TOLERANCE = Duration.ofMillis(20);

    private static final int THREADS = 16;
    private static final int ITEMS = 2_000;

    private static final QueueOptions OPTIONS = new QueueOptions(
            "contract", 3, Duration.ofMillis(200), Duration.ofMillis(500), LONG_LEASE, 10, Duration.ofSeconds(1), 0);

    private final List<WorkQueue> opened = new ArrayList<>();
    private WorkQueue queue;

    /** Called by subclasses; JUnit creates one instance per test. */
    @SuppressWarnings("NullAway.Init") // begin() sets the queue
    protected WorkQueueContract() {}

    /**
     * Returns a queue on the server under test, with the items that the server stores under this name. The suite closes
     * it.
     */
    protected abstract WorkQueue newQueue(QueueOptions options) throws Exception;

    /**
     * Returns the same queue as seen by another worker, for example in another process; {@code queue} itself if the
     * queue belongs to one process. The suite closes it.
     */
    protected abstract WorkQueue another(WorkQueue queue) throws Exception;

    /** Empties the server under test, bypassing any queue. */
    protected abstract void clear() throws Exception;

    /** Returns whether items are still in the queue after it is closed and created again. */
    protected abstract boolean outlivesClose();

    /**
     * Returns a function that advances the clock of all queues of this test; empty if the clock is real. Default:
     * empty.
     */
    protected Optional<Consumer<Duration>> clock() {
        return Optional.empty();
    }

    /** Returns the queue of this test. */
    protected final WorkQueue queue() {
        return queue;
    }

    @BeforeEach
    final void begin() throws Exception {
        clear();
        queue = open(OPTIONS);
    }

    @AfterEach
    final void end() throws Exception {
        for (WorkQueue each : opened) {
            each.close();
            each.close();
        }
        clear();
    }

    private WorkQueue open(QueueOptions options) throws Exception {
        WorkQueue made = newQueue(options);
        opened.add(made);
        return made;
    }

    private WorkQueue secondHandle(WorkQueue first) throws Exception {
        WorkQueue made = another(first);
        opened.add(made);
        return made;
    }

    // ---- adding and leasing

    @Test
    void options_areWhatItWasMadeWith() {
        assertThat(queue.options()).isEqualTo(OPTIONS);
        assertThat(queue.name()).isNotBlank();
    }

    @Test
    void enqueue_newItem_isHandedOutAsItIs() throws Exception {
        ObjectNode payload = JsonNodeFactory.instance.objectNode();
        payload.put("text", "Grüße, \ud83d\ude80 \" \\ \n \0")
                .put("number", 1.5)
                .putNull("nothing");
        payload.putArray("list").add(1).add(true);
        WorkItem item = new WorkItem("größe", "id mit \ud83d\ude80, : / % \" {curly}", JsonTree.of(payload), -7, 0);

        assertThat(queue.enqueue(item)).isTrue();

        assertThat(take(queue).item()).isEqualTo(item.withAttempts(1));
    }

    @Test
    void enqueue_largestTypeIdAndPayload_areHandedOut() throws Exception {
        JsonNode payload = JsonNodeFactory.instance.textNode("x".repeat(WorkQueue.MAX_PAYLOAD_BYTES - 2));
        WorkItem item =
                WorkItem.of("t".repeat(WorkItem.MAX_TYPE_BYTES), "é".repeat(WorkItem.MAX_ID_BYTES / 2), payload);

        queue.enqueue(item);

        assertThat(take(queue).item()).isEqualTo(item.withAttempts(1));
    }

    @Test
    void enqueue_payloadThatIsTooLarge_addsNothing() throws Exception {
        JsonNode payload = JsonNodeFactory.instance.textNode("x".repeat(WorkQueue.MAX_PAYLOAD_BYTES - 1));
        List<WorkItem> items = List.of(item("small"), WorkItem.of("t", "large", payload));

        assertThatThrownBy(() -> queue.enqueue(items, Duration.ZERO)).isInstanceOf(IllegalArgumentException.class);

        assertThat(queue.sizes()).isEqualTo(new QueueSizes(0, 0, 0, 0));
    }

    @Test
    void enqueue_negativeDelay_isRefused() {
        assertThatThrownBy(() -> queue.enqueue(List.of(item("a")), Duration.ofMillis(-1)))
                .isInstanceOf(IllegalArgumentException.class);

        assertThat(queue.size()).isZero();
    }

    @Test
    void enqueue_noItems_addsNone() {
        assertThat(queue.enqueue(List.of(), Duration.ZERO)).isZero();
    }

    @Test
    void enqueue_itemThatWasTriedBefore_countsOnFromThere() throws Exception {
        queue.enqueue(item("a").withAttempts(1));

        Lease lease = take(queue);
        assertThat(lease.item().attempts()).isEqualTo(2);
        queue.settle(List.of(new Settlement.Released(lease)));
        assertThat(take(queue).item().attempts()).isEqualTo(2);
    }

    @Test
    void enqueue_itemWithOneAttemptLeft_failsForGood() throws Exception {
        queue.enqueue(item("a").withAttempts(queue.options().maxAttempts() - 1));
        Lease lease = take(queue);

        queue.settle(List.of(new Settlement.Failed(lease, "no luck", true, Duration.ZERO)));

        assertThat(dead(queue)).hasSize(1);
        assertThat(dead(queue).get(0).item().attempts())
                .isEqualTo(queue.options().maxAttempts());
        assertThat(queue.retryDead(List.of("a"))).isEqualTo(1);
        assertThat(take(queue).item().attempts()).isEqualTo(1);
    }

    @Test
    void enqueue_documentedItem_isHandedOutAsItIs() throws Exception {
        ObjectNode payload = JsonNodeFactory.instance.objectNode();
        payload.put("startKey", "a").put("endKey", "b");
        ObjectNode documented = JsonNodeFactory.instance.objectNode();
        documented.put("type", "partition").put("id", "partition-a-b").set("payload", payload);
        documented.put("priority", 1).put("attempts", 0);
        queue.enqueue(WorkItem.of("task", "first"));
        queue.enqueue(WorkItem.of(JsonTree.of(documented)));

        WorkItem taken = take(queue).item();

        assertThat(taken.toJson()).isEqualTo(JsonTree.of(documented.put("attempts", 1)));
    }

    @Test
    void reserve_differentPriorities_takesTheHighestFirst_andInOrderWithinOne() throws Exception {
        add(
                item("low").withPriority(-5),
                item("first"),
                item("highest").withPriority(WorkItem.MAX_PRIORITY),
                item("second"),
                item("high").withPriority(1),
                item("lowest").withPriority(WorkItem.MIN_PRIORITY));
        add(item("high too").withPriority(1), item("third"));

        assertThat(ids(queue.reserve(100, PATIENCE)))
                .containsExactly("highest", "high", "high too", "first", "second", "third", "low", "lowest");
    }

    @Test
    void reserve_takesAtMostSoMany() throws Exception {
        add(item("a"), item("b"), item("c"));

        assertThat(ids(queue.reserve(2, PATIENCE))).containsExactly("a", "b");
        assertThat(ids(queue.reserve(2, PATIENCE))).containsExactly("c");
        assertThat(queue.reserve(2, Duration.ZERO)).isEmpty();
    }

    @Test
    void reserve_severalItems_eachHasATokenOfItsOwn() throws Exception {
        add(item("a"), item("b"), item("c"));
        List<Lease> taken = new ArrayList<>(queue.reserve(2, PATIENCE));
        taken.addAll(queue.reserve(1, PATIENCE));

        assertThat(taken)
                .extracting(Lease::token)
                .hasSize(3)
                .doesNotHaveDuplicates()
                .doesNotContain("");
    }

    @Test
    void reserve_fewerThanOne_isRefused() {
        assertThatThrownBy(() -> queue.reserve(0, Duration.ZERO)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void reserve_nothingInTime_isEmpty() throws Exception {
        assertThat(queue.reserve(1, Duration.ofMillis(30))).isEmpty();
    }

    @Test
    void enqueue_manyItems_keepTheirOrder() throws Exception {
        List<String> wanted =
                IntStream.range(0, ITEMS).mapToObj(i -> "item-" + i).toList();
        queue.enqueue(wanted.stream().map(WorkQueueContract::item).toList(), Duration.ZERO);

        List<String> got = new ArrayList<>();
        while (got.size() < ITEMS) {
            List<Lease> leases = queue.reserve(700, PATIENCE);
            assertThat(leases).isNotEmpty();
            got.addAll(ids(leases));
        }
        assertThat(got).isEqualTo(wanted);
    }

    @Test
    void reserve_waiting_wakesWhenAnotherAdds() throws Exception {
        WorkQueue other = secondHandle(queue);
        ExecutorService threads = Executors.newSingleThreadExecutor();
        try {
            Future<List<Lease>> waiting = threads.submit(() -> queue.reserve(5, PATIENCE));
            assertThat(waiting.isDone()).isFalse();
            other.enqueue(item("a"));

            assertThat(ids(waiting.get(PATIENCE.toSeconds(), TimeUnit.SECONDS))).containsExactly("a");
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void reserve_interruptedWhileWaiting_endsAndTakesNothing() throws Exception {
        BlockingQueue<Object> outcome = new LinkedBlockingQueue<>();
        Thread waiting = new Thread(() -> {
            try {
                outcome.add(queue.reserve(1, PATIENCE));
            } catch (InterruptedException e) {
                outcome.add(e);
            }
        });
        waiting.start();
        awaitTrue(() -> waiting.getState() == Thread.State.TIMED_WAITING || waiting.getState() == Thread.State.WAITING);
        waiting.interrupt();

        assertThat(outcome.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isInstanceOf(InterruptedException.class);
        waiting.join(PATIENCE.toMillis());
        add(item("a"));
        assertThat(take(queue).item().id()).isEqualTo("a");
    }

    // ---- ids are unique

    @Test
    void enqueue_idThatWaits_changesNothing() throws Exception {
        add(item("a"), item("b"));

        WorkItem again = new WorkItem("other", "a", JsonTree.of("new"), 9, 0);
        assertThat(queue.enqueue(again)).isFalse();

        assertThat(queue.size()).isEqualTo(2);
        assertThat(take(queue).item()).isEqualTo(item("a").withAttempts(1));
    }

    @Test
    void enqueue_idTwiceInOneCall_isAddedOnce() throws Exception {
        assertThat(queue.enqueue(List.of(item("a"), item("b"), item("a").withPriority(3)), Duration.ZERO))
                .isEqualTo(2);

        assertThat(ids(queue.reserve(5, PATIENCE))).containsExactly("a", "b");
    }

    @Test
    void enqueue_idThatIsDelayed_changesNothing() {
        queue.enqueue(List.of(item("a")), Duration.ofHours(1));

        assertThat(queue.enqueue(item("a"))).isFalse();

        assertThat(queue.sizes()).isEqualTo(new QueueSizes(0, 1, 0, 0));
    }

    @Test
    void enqueue_idThatRuns_changesNothing_andItsWorkerMaySettleIt() throws Exception {
        add(item("a"));
        Lease lease = take(queue);

        assertThat(queue.enqueue(item("a"))).isFalse();

        assertThat(queue.settle(List.of(new Done(lease)))).isEmpty();
        assertThat(queue.sizes()).isEqualTo(new QueueSizes(0, 0, 0, 0));
    }

    @Test
    void enqueue_idThatIsDone_isAddedAgain() throws Exception {
        add(item("a"));
        queue.settle(List.of(new Done(take(queue))));

        assertThat(queue.enqueue(item("a"))).isTrue();

        assertThat(take(queue).item().attempts()).isEqualTo(1);
    }

    @Test
    void enqueue_idOfADeadLetter_takesItOffAndBeginsAnew() throws Exception {
        kill("a", "no use");

        assertThat(queue.enqueue(item("a").withPriority(4))).isTrue();

        assertThat(dead(queue)).isEmpty();
        assertThat(take(queue).item()).isEqualTo(item("a").withPriority(4).withAttempts(1));
    }

    // ---- delays, attempts, backoff

    @Test
    void enqueue_withDelay_isHandedOutNotBefore() throws Exception {
        long start = System.nanoTime();
        queue.enqueue(List.of(item("a")), Duration.ofMillis(300));

        assertThat(takeAfter(start, Duration.ofMillis(300)).item().id()).isEqualTo("a");
    }

    @Test
    void enqueue_withDelay_countsAsComeWhenItIsOver() throws Exception {
        Duration delay = Duration.ofSeconds(1);
        long start = System.nanoTime();
        queue.enqueue(List.of(item("early, delayed")), delay);
        add(item("at once"));
        Lease first = take(queue);
        assertThat(first.item().id()).isEqualTo("at once");

        Lease second = takeAfter(start, delay);
        queue.settle(List.of(new Released(second)));
        add(item("late"));

        assertThat(ids(queue.reserve(5, PATIENCE))).containsExactly("early, delayed", "late");
    }

    @Test
    void settle_failed_isTriedAgainAfterABackoffThatDoubles_andThenADeadLetter() throws Exception {
        add(item("a").withPriority(2));

        Lease first = take(queue);
        assertThat(first.item().attempts()).isEqualTo(1);
        long start = System.nanoTime();
        queue.settle(List.of(new Failed(first, "one", true, null)));
        assertThat(queue.size()).isEqualTo(1);

        Lease second = takeAfter(start, Duration.ofMillis(200));
        assertThat(second.item().attempts()).isEqualTo(2);
        start = System.nanoTime();
        queue.settle(List.of(new Failed(second, "two", true, null)));

        Lease third = takeAfter(start, Duration.ofMillis(400));
        assertThat(third.item().attempts()).isEqualTo(3);
        assertThat(queue.settle(List.of(new Failed(third, "three", true, null))))
                .isEmpty();

        assertThat(queue.sizes()).isEqualTo(new QueueSizes(0, 0, 0, 1));
        DeadLetter letter = dead(queue).get(0);
        assertThat(letter.item()).isEqualTo(item("a").withPriority(2).withAttempts(3));
        assertThat(letter.reason()).isEqualTo("three");
        assertThat(letter.at()).isNotNull();
    }

    @Test
    void settle_failedWithALongerPause_waitsThatLong() throws Exception {
        add(item("a"));
        Lease lease = take(queue);
        long start = System.nanoTime();

        queue.settle(List.of(new Failed(lease, "busy", true, Duration.ofMillis(700))));

        assertThat(takeAfter(start, Duration.ofMillis(700)).item().attempts()).isEqualTo(2);
    }

    @Test
    void settle_failedWithAShorterPause_waitsForTheBackoff() throws Exception {
        add(item("a"));
        Lease lease = take(queue);
        long start = System.nanoTime();

        queue.settle(List.of(new Failed(lease, "busy", true, Duration.ofMillis(1))));

        takeAfter(start, OPTIONS.backoff());
    }

    @Test
    void settle_failedForGood_isADeadLetterAtOnce() throws Exception {
        kill("a", "broken");

        assertThat(queue.sizes()).isEqualTo(new QueueSizes(0, 0, 0, 1));
        assertThat(dead(queue).get(0).item().attempts()).isEqualTo(1);
    }

    @Test
    void settle_longReason_isCutShort() throws Exception {
        kill("a", "é".repeat(WorkQueue.MAX_REASON_CHARS + 500));

        assertThat(dead(queue).get(0).reason()).isEqualTo("é".repeat(WorkQueue.MAX_REASON_CHARS));
    }

    @Test
    void settle_released_waitsAtTheHead_andDoesNotCount() throws Exception {
        add(item("high").withPriority(1), item("a"), item("b"), item("c"));
        List<Lease> leases = queue.reserve(3, PATIENCE);
        assertThat(ids(leases)).containsExactly("high", "a", "b");

        queue.settle(leases.stream().map(Released::new).toList());

        assertThat(queue.sizes()).isEqualTo(new QueueSizes(4, 0, 0, 0));
        List<Lease> again = queue.reserve(10, PATIENCE);
        assertThat(ids(again)).containsExactly("high", "a", "b", "c");
        assertThat(again).allMatch(lease -> lease.item().attempts() == 1);
    }

    // ---- leases

    @Test
    void settle_twice_passesOverTheSecond() throws Exception {
        add(item("a"));
        Lease lease = take(queue);

        assertThat(queue.settle(List.of(new Done(lease)))).isEmpty();
        assertThat(queue.settle(List.of(new Done(lease)))).containsExactly(lease);
        assertThat(queue.settle(List.of(new Failed(lease, "late", false, null))))
                .containsExactly(lease);

        assertThat(queue.sizes()).isEqualTo(new QueueSizes(0, 0, 0, 0));
    }

    @Test
    void settle_manyAtOnce_eachForItself() throws Exception {
        add(item("done"), item("again"), item("dead"), item("back"));
        List<Lease> leases = queue.reserve(4, PATIENCE);

        List<Settlement> settlements = List.of(
                new Done(leases.get(0)),
                new Failed(leases.get(1), "x", true, Duration.ofHours(1)),
                new Failed(leases.get(2), "y", false, null),
                new Released(leases.get(3)));

        assertThat(queue.settle(settlements)).isEmpty();
        assertThat(queue.sizes()).isEqualTo(new QueueSizes(1, 1, 0, 1));
        assertThat(queue.settle(List.of())).isEmpty();
    }

    @Test
    void reserve_leaseOfADeadWorker_isHandedToAnother_andWhatTheDeadOneSaysIsPassedOver() throws Exception {
        WorkQueue mortal = open(withLease("mortal", SLOW_LEASE, 10));
        WorkQueue other = secondHandle(mortal);
        add(mortal, item("a"), item("b"));
        long start = System.nanoTime();
        Lease lost = mortal.reserve(1, PATIENCE).get(0);
        assertThat(lost.item().id()).isEqualTo("a");
        assertThat(ids(other.reserve(5, PATIENCE))).containsExactly("b");

        Lease taken = takeAfter(other, start, SLOW_LEASE);

        assertThat(taken.item()).isEqualTo(item("a").withAttempts(1));
        assertThat(taken.token()).isNotEqualTo(lost.token());
        assertThat(mortal.settle(List.of(new Done(lost)))).containsExactly(lost);
        assertThat(mortal.renew(List.of(lost))).containsExactly(lost);
        assertThat(other.sizes().running()).isPositive();
        assertThat(other.settle(List.of(new Done(taken)))).isEmpty();
    }

    @Test
    void renew_keepsALease() throws Exception {
        WorkQueue mortal = open(withLease("renewed", SLOW_LEASE, 10));
        WorkQueue other = secondHandle(mortal);
        add(mortal, item("a"));
        Lease kept = mortal.reserve(1, PATIENCE).get(0);

        for (int i = 0; i < 4; i++) {
            elapse(Duration.ofSeconds(1));
            assertThat(mortal.renew(List.of(kept))).isEmpty();
            assertThat(other.reserve(1, Duration.ZERO)).isEmpty();
        }
        assertThat(mortal.settle(List.of(new Done(kept)))).isEmpty();
        assertThat(other.size()).isZero();
    }

    @Test
    void renew_whatIsSettled_isLost() throws Exception {
        add(item("a"), item("b"));
        List<Lease> leases = queue.reserve(2, PATIENCE);
        queue.settle(List.of(new Done(leases.get(0))));

        assertThat(queue.renew(leases)).containsExactly(leases.get(0));
        assertThat(queue.renew(List.of())).isEmpty();
    }

    @Test
    void reserve_itemThatEndsThreeWorkers_becomesADeadLetter_andTheOthersAreDone() throws Exception {
        WorkQueue mortal = open(withLease("killer", LEASE, 3));
        add(mortal, item("poison").withPriority(1), item("good"));

        for (int lost = 0; lost < 3; lost++) {
            Lease lease = takeAfter(mortal, System.nanoTime(), Duration.ZERO);
            assertThat(lease.item().id()).isEqualTo("poison");
            assertThat(lease.item().attempts()).isEqualTo(1);
            assertThat(lease.lostLeases()).isEqualTo(lost);
            assertThat(lease.isLastChance(mortal.options())).isEqualTo(lost == 2);
            elapse(LEASE);
        }

        Lease good = takeAfter(mortal, System.nanoTime(), Duration.ZERO);
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
    void settle_lost_waitsAtTheHead_andAfterThreeIsADeadLetterWithTheReason() throws Exception {
        WorkQueue mortal = open(withLease("lost", LONG_LEASE, 3));
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
    void settle_lostWithALongReason_isCutShort() throws Exception {
        WorkQueue mortal = open(withLease("lost", LONG_LEASE, 1));
        add(mortal, item("poison"));

        mortal.settle(List.of(new Lost(take(mortal), "é".repeat(2 * WorkQueue.MAX_REASON_CHARS))));

        assertThat(dead(mortal).get(0).reason())
                .startsWith("Its lease was lost 1 times")
                .hasSizeLessThanOrEqualTo(WorkQueue.MAX_REASON_CHARS)
                .endsWith("éé");
    }

    @Test
    void retryDead_itemThatLostItsLeases_countsThemFromZero() throws Exception {
        WorkQueue mortal = open(withLease("lost", LONG_LEASE, 1));
        add(mortal, item("poison"));
        mortal.settle(List.of(new Lost(take(mortal), "out of memory")));

        assertThat(mortal.retryDead(List.of("poison"))).isEqualTo(1);

        assertThat(take(mortal).lostLeases()).isZero();
    }

    // ---- waiting until idle

    @Test
    void awaitIdle_nothingToDo_isTrueAtOnce() throws Exception {
        kill("dead", "no");

        assertThat(queue.awaitIdle(Duration.ZERO)).isTrue();
        assertThat(queue.awaitIdle(Duration.ofMillis(-1))).isTrue();
    }

    @Test
    void awaitIdle_somethingWaitsIsDelayedOrRuns_isFalse() throws Exception {
        add(item("a"));
        assertThat(queue.awaitIdle(Duration.ZERO)).isFalse();
        Lease lease = take(queue);
        assertThat(queue.awaitIdle(Duration.ofMillis(20))).isFalse();
        queue.settle(List.of(new Failed(lease, "x", true, Duration.ofHours(1))));
        assertThat(queue.awaitIdle(Duration.ofMillis(20))).isFalse();
    }

    @Test
    void awaitIdle_anotherSettlesTheLast_endsThen() throws Exception {
        WorkQueue other = secondHandle(queue);
        add(item("a"), item("b"));
        List<Lease> leases = other.reserve(2, PATIENCE);
        ExecutorService threads = Executors.newSingleThreadExecutor();
        try {
            Future<Boolean> idle = threads.submit(() -> queue.awaitIdle(PATIENCE));
            other.settle(List.of(new Done(leases.get(0))));
            assertThat(idle.isDone()).isFalse();
            other.settle(List.of(new Failed(leases.get(1), "no", false, null)));

            assertThat(idle.get(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void awaitIdle_interrupted_ends() throws Exception {
        add(item("a"));
        BlockingQueue<Object> outcome = new LinkedBlockingQueue<>();
        Thread waiting = new Thread(() -> {
            try {
                outcome.add(queue.awaitIdle(PATIENCE));
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

    // ---- dead letters

    @Test
    void deadLetters_areListedOldestFirst() throws Exception {
        for (int i = 0; i < 5; i++) {
            kill("letter-" + i, "reason " + i);
            elapse(Duration.ofMillis(5));
        }

        assertThat(dead(queue))
                .extracting(letter -> letter.item().id())
                .containsExactly("letter-0", "letter-1", "letter-2", "letter-3", "letter-4");
        assertThat(dead(queue)).extracting(DeadLetter::reason).contains("reason 0", "reason 4");
    }

    @Test
    void deadLetters_many_areAllListed() throws Exception {
        List<String> wanted =
                IntStream.range(0, ITEMS).mapToObj(i -> "letter-" + i).toList();
        queue.enqueue(wanted.stream().map(WorkQueueContract::item).toList(), Duration.ZERO);
        for (int taken = 0; taken < ITEMS; ) {
            List<Lease> leases = queue.reserve(500, PATIENCE);
            queue.settle(leases.stream()
                    .map(lease -> new Failed(lease, "no", false, null))
                    .toList());
            taken += leases.size();
        }

        assertThat(dead(queue)).extracting(letter -> letter.item().id()).containsExactlyInAnyOrderElementsOf(wanted);
    }

    @Test
    void retryDead_letsThemWaitAsNew_andPassesOverOthers() throws Exception {
        kill("a", "no");
        kill("b", "no");
        add(item("waits"));

        assertThat(queue.retryDead(List.of("a", "waits", "unknown"))).isEqualTo(1);

        assertThat(queue.sizes()).isEqualTo(new QueueSizes(2, 0, 0, 1));
        List<Lease> leases = queue.reserve(5, PATIENCE);
        assertThat(ids(leases)).containsExactlyInAnyOrder("a", "waits");
        assertThat(leases).allMatch(lease -> lease.item().attempts() == 1);
    }

    @Test
    void discardDead_forgetsThem_andPassesOverOthers() throws Exception {
        kill("a", "no");
        kill("b", "no");
        add(item("waits"));

        assertThat(queue.discardDead(List.of("a", "waits", "unknown"))).isEqualTo(1);

        assertThat(dead(queue)).extracting(letter -> letter.item().id()).containsExactly("b");
        assertThat(queue.size()).isEqualTo(1);
        assertThat(queue.enqueue(item("a"))).isTrue();
    }

    // ---- rate limit and pauses

    @Test
    void reserve_intervalCap_holdsForAllWorkersTogether() throws Exception {
        int cap = 5;
        int windows = 5;
        Duration interval = Duration.ofMillis(400);
        WorkQueue limited = open(withRate("limited", interval, cap));
        WorkQueue other = secondHandle(limited);
        limited.enqueue(items(cap * windows), Duration.ZERO);

        long start = System.nanoTime();
        List<Integer> perStep = new ArrayList<>();
        Set<String> got = new HashSet<>();
        while (got.size() < cap * windows) {
            List<Lease> leases = new ArrayList<>(limited.reserve(3, Duration.ZERO));
            leases.addAll(other.reserve(100, clock().isPresent() ? Duration.ZERO : PATIENCE));
            perStep.add(leases.size());
            got.addAll(ids(leases));
            clock().ifPresent(forward -> forward.accept(interval));
        }

        if (clock().isPresent()) {
            assertThat(perStep).containsOnly(cap).hasSize(windows);
        }
        requireElapsed(start, interval.multipliedBy(windows - 2));
    }

    @Test
    void reserve_intervalCapOfOne_waitsForTheNextWindow() throws Exception {
        Duration interval = Duration.ofMillis(300);
        WorkQueue limited = open(withRate("one", interval, 1));
        limited.enqueue(items(4), Duration.ZERO);

        long start = System.nanoTime();
        for (int i = 0; i < 4; i++) {
            assertThat(takeAfter(limited, System.nanoTime(), Duration.ZERO)
                            .item()
                            .id())
                    .isEqualTo("item-" + i);
            clock().ifPresent(forward -> forward.accept(interval));
        }
        requireElapsed(start, interval.multipliedBy(2));
    }

    @Test
    void pause_handsOutNothing_toAnyWorker_untilItIsOver() throws Exception {
        WorkQueue other = secondHandle(queue);
        add(item("a"));
        Duration length = Duration.ofMillis(600);

        long start = System.nanoTime();
        queue.pause(length);
        queue.pause(Duration.ofMillis(1));
        queue.pause(Duration.ZERO);

        assertThat(takeAfter(other, start, length).item().id()).isEqualTo("a");
    }

    @Test
    void pause_letsWhatRunsBeSettledAndRenewed_andItemsBeAdded() throws Exception {
        add(item("a"), item("b"));
        List<Lease> leases = queue.reserve(2, PATIENCE);
        queue.pause(Duration.ofHours(1));

        assertThat(queue.renew(leases)).isEmpty();
        assertThat(queue.settle(List.of(new Done(leases.get(0)), new Released(leases.get(1)))))
                .isEmpty();
        add(item("c"));

        assertThat(queue.reserve(5, Duration.ofMillis(20))).isEmpty();
        assertThat(queue.sizes()).isEqualTo(new QueueSizes(2, 0, 0, 0));
    }

    @Test
    void onPause_isToldOfPauses_madeHereOrElsewhere() throws Exception {
        WorkQueue other = secondHandle(queue);
        BlockingQueue<Duration> here = new LinkedBlockingQueue<>();
        BlockingQueue<Duration> there = new LinkedBlockingQueue<>();
        BlockingQueue<Duration> alsoHere = new LinkedBlockingQueue<>();
        queue.onPause(here::add);
        queue.onPause(alsoHere::add);
        other.onPause(there::add);

        other.pause(Duration.ofMinutes(2));

        for (BlockingQueue<Duration> told : List.of(here, there, alsoHere)) {
            Duration left = told.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            assertThat(left).isNotNull().isBetween(Duration.ofSeconds(30), Duration.ofMinutes(2));
        }
    }

    @Test
    void pause_negative_isRefused() {
        assertThatThrownBy(() -> queue.pause(Duration.ofMillis(-1))).isInstanceOf(IllegalArgumentException.class);
    }

    // ---- sizes

    @Test
    void sizes_tellEachState() throws Exception {
        assertThat(queue.sizes()).isEqualTo(new QueueSizes(0, 0, 0, 0));
        kill("dead", "no");
        add(item("runs"), item("runs too"));
        queue.reserve(2, PATIENCE);
        add(item("a"), item("b"), item("c"));
        queue.enqueue(List.of(item("later")), Duration.ofHours(1));

        assertThat(queue.sizes()).isEqualTo(new QueueSizes(3, 1, 2, 1));
        assertThat(queue.size()).isEqualTo(6);
        assertThat(queue.sizes().open()).isEqualTo(6);
    }

    // ---- settling and leasing together

    @Test
    void settleAndReserve_settlesAndTakes() throws Exception {
        add(item("a"), item("b"), item("c"));
        Lease first = take(queue);

        List<Lease> next = queue.settleAndReserve(List.of(new Done(first)), 5);

        assertThat(ids(next)).containsExactly("b", "c");
        List<Settlement> rest = List.of(new Done(next.get(0)), new Failed(next.get(1), "x", false, null));
        assertThat(queue.settleAndReserve(rest, 0)).isEmpty();
        assertThat(queue.sizes()).isEqualTo(new QueueSizes(0, 0, 0, 1));
        add(item("d"));
        assertThat(ids(queue.settleAndReserve(List.of(), 5))).containsExactly("d");
    }

    @Test
    void settleAndReserve_released_isTakenInTheSameCall() throws Exception {
        add(item("a"), item("b"));
        Lease first = take(queue);

        assertThat(ids(queue.settleAndReserve(List.of(new Released(first)), 1))).containsExactly("a");
    }

    @Test
    void settleAndReserve_lostLease_isPassedOver() throws Exception {
        add(item("a"), item("b"));
        Lease first = take(queue);
        queue.settle(List.of(new Done(first)));

        assertThat(ids(queue.settleAndReserve(List.of(new Done(first)), 5))).containsExactly("b");
    }

    // ---- concurrency

    @Test
    void manyThreads_onTwoHandles_doEachItemOnce() throws Exception {
        List<WorkQueue> handles = List.of(queue, secondHandle(queue));
        AtomicInteger done = new AtomicInteger();
        Set<String> twice = ConcurrentHashMap.newKeySet();
        Set<String> once = ConcurrentHashMap.newKeySet();
        CountDownLatch go = new CountDownLatch(1);
        ExecutorService threads = Executors.newFixedThreadPool(THREADS);
        try {
            List<Future<?>> workers = new ArrayList<>();
            for (int i = 0; i < THREADS; i++) {
                WorkQueue mine = handles.get(i % handles.size());
                workers.add(threads.submit(() -> {
                    go.await();
                    Collection<Settlement> finished = List.of();
                    while (done.get() < ITEMS) {
                        List<Lease> leases = mine.settleAndReserve(finished, 7);
                        leases.stream()
                                .filter(lease -> !once.add(lease.item().id()))
                                .forEach(lease -> twice.add(lease.item().id()));
                        done.addAndGet(leases.size());
                        finished = leases.stream().<Settlement>map(Done::new).toList();
                    }
                    assertThat(mine.settle(finished)).isEmpty();
                    return null;
                }));
            }
            go.countDown();
            for (int from = 0; from < ITEMS; from += 250) {
                List<WorkItem> batch = IntStream.range(from, from + 250)
                        .mapToObj(i -> item("item-" + i))
                        .toList();
                handles.get(from / 250 % 2).enqueue(batch, Duration.ZERO);
            }
            for (Future<?> worker : workers) {
                worker.get(PATIENCE.toSeconds() * 2, TimeUnit.SECONDS);
            }
        } finally {
            threads.shutdownNow();
        }
        assertThat(twice).isEmpty();
        assertThat(once).hasSize(ITEMS);
        assertThat(queue.sizes()).isEqualTo(new QueueSizes(0, 0, 0, 0));
    }

    @Test
    void manyThreads_addingTheSameIds_addEachOnce() throws Exception {
        List<WorkQueue> handles = List.of(queue, secondHandle(queue));
        AtomicInteger added = new AtomicInteger();
        List<Future<?>> adding = new ArrayList<>();
        ExecutorService threads = Executors.newFixedThreadPool(THREADS);
        try {
            for (int i = 0; i < THREADS; i++) {
                WorkQueue mine = handles.get(i % handles.size());
                adding.add(threads.submit(() -> added.addAndGet(mine.enqueue(items(200), Duration.ZERO))));
            }
            for (Future<?> each : adding) {
                each.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            }
        } finally {
            threads.shutdownNow();
        }
        assertThat(added).hasValue(200);
        assertThat(queue.size()).isEqualTo(200);
    }

    // ---- closing

    @Test
    void close_everyMethodFailsAfterwards() {
        queue.enqueue(item("a"));
        queue.close();

        Lease lease = new Lease(item("a"), "token");
        List<ThrowingCallable> calls = List.of(
                () -> queue.enqueue(item("b")),
                () -> queue.reserve(1, Duration.ZERO),
                () -> queue.settle(List.of(new Done(lease))),
                () -> queue.settleAndReserve(List.of(new Done(lease)), 1),
                () -> queue.renew(List.of(lease)),
                () -> queue.pause(Duration.ofSeconds(1)),
                () -> queue.sizes(),
                () -> queue.awaitIdle(Duration.ZERO),
                () -> dead(queue),
                () -> queue.retryDead(List.of("a")),
                () -> queue.discardDead(List.of("a")));
        calls.forEach(call -> assertThatThrownBy(call).isInstanceOf(IllegalStateException.class));
    }

    @Test
    void close_keepsWhatIsInTheQueue_ifItOutlivesTheProcess() throws Exception {
        WorkQueue first = open(withLease("restarted", SLOW_LEASE, 10));
        add(first, item("dead"), item("failed"), item("runs").withPriority(-1));
        List<Lease> leases = first.reserve(3, PATIENCE);
        first.settle(
                List.of(new Failed(leases.get(0), "why", false, null), new Failed(leases.get(1), "x", true, null)));
        add(first, item("waits").withPriority(5));
        first.enqueue(List.of(item("later")), Duration.ofHours(1));
        first.close();

        WorkQueue second = open(withLease("restarted", SLOW_LEASE, 10));

        if (!outlivesClose()) {
            assertThat(second.sizes()).isEqualTo(new QueueSizes(0, 0, 0, 0));
            return;
        }
        assertThat(second.size()).isEqualTo(4);
        assertThat(dead(second))
                .singleElement()
                .satisfies(letter ->
                        assertThat(letter.item()).isEqualTo(item("dead").withAttempts(1)))
                .satisfies(letter -> assertThat(letter.reason()).isEqualTo("why"));
        elapse(SLOW_LEASE.plus(OPTIONS.backoff()));
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

        assertThat(open(withLease("restarted", SLOW_LEASE, 10)).sizes()).isEqualTo(new QueueSizes(0, 1, 0, 1));
    }

    // ---- helpers

    private static WorkItem item(String id) {
        return WorkItem.of("type", id, JsonNodeFactory.instance.objectNode().put("of", id));
    }

    private static List<WorkItem> items(int count) {
        return IntStream.range(0, count).mapToObj(i -> item("item-" + i)).toList();
    }

    private void add(WorkItem... items) {
        add(queue, items);
    }

    private static void add(WorkQueue to, WorkItem... items) {
        assertThat(to.enqueue(List.of(items), Duration.ZERO)).isEqualTo(items.length);
    }

    private static Lease take(WorkQueue from) throws InterruptedException {
        List<Lease> leases = from.reserve(1, PATIENCE);
        assertThat(leases).hasSize(1);
        return leases.get(0);
    }

    private void kill(String id, String reason) throws InterruptedException {
        add(item(id).withPriority(1_000));
        Lease lease = take(queue);
        assertThat(lease.item().id()).isEqualTo(id);
        queue.settle(List.of(new Failed(lease, reason, false, null)));
    }

    private static List<String> ids(Collection<Lease> leases) {
        return leases.stream().map(lease -> lease.item().id()).toList();
    }

    private static List<DeadLetter> dead(WorkQueue of) {
        try (Stream<DeadLetter> letters = of.deadLetters()) {
            return letters.toList();
        }
    }

    private static QueueOptions withLease(String name, Duration lease, int maxLostLeases) {
        return new QueueOptions(
                name, 3, OPTIONS.backoff(), OPTIONS.maxBackoff(), lease, maxLostLeases, OPTIONS.interval(), 0);
    }

    private static QueueOptions withRate(String name, Duration interval, int cap) {
        return new QueueOptions(name, 3, OPTIONS.backoff(), OPTIONS.maxBackoff(), LONG_LEASE, 10, interval, cap);
    }

    private Lease takeAfter(long startNanos, Duration delay) throws InterruptedException {
        return takeAfter(queue, startNanos, delay);
    }

    /** Leases the next item, which must not arrive before {@code delay} has passed. */
    private Lease takeAfter(WorkQueue from, long startNanos, Duration delay) throws InterruptedException {
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

    private void requireElapsed(long startNanos, Duration atLeast) {
        if (clock().isEmpty()) {
            assertThat(Duration.ofNanos(System.nanoTime() - startNanos).plus(TOLERANCE))
                    .isGreaterThanOrEqualTo(atLeast);
        }
    }

    /** Advances the queue's time by {@code time}. */
    private void elapse(Duration time) {
        if (clock().isPresent()) {
            clock().get().accept(time);
            return;
        }
        long end = System.nanoTime() + time.toNanos();
        for (long left = time.toNanos(); left > 0; left = end - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }

    private interface Condition {
        boolean holds() throws Exception;
    }

    private static void awaitTrue(Condition condition) throws Exception {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.holds()) {
            assertThat(System.nanoTime()).as("what was awaited did not come").isLessThan(end);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(2));
        }
    }
}
