package io.alldocs.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.alldocs.Env;
import io.alldocs.cache.spi.StorageException;
import io.alldocs.examples.registry.EmbeddedRegistry;
import io.alldocs.examples.registry.Faults;
import io.alldocs.http.AuthException;
import io.alldocs.http.HostLimiters;
import io.alldocs.http.HttpAttempt;
import io.alldocs.http.HttpListener;
import io.alldocs.worker.WorkerStatus.Counts;
import io.alldocs.worker.WorkerStatus.State;
import io.alldocs.worker.spi.DeadLetter;
import io.alldocs.worker.spi.Lease;
import io.alldocs.worker.spi.QueueOptions;
import io.alldocs.worker.spi.QueueSizes;
import io.alldocs.worker.spi.Settlement;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(300)
class WorkerTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Bench bench = new Bench();
    private final WatchedQueue queue = new WatchedQueue(bench.queue);

    @AfterEach
    void end() {
        bench.close();
    }

    private interface Task {
        WorkResult of(WorkItem item, WorkContext context) throws InterruptedException;
    }

    private static Processor processor(String type, Task task) {
        return new Processor() {
            @Override
            public String type() {
                return type;
            }

            @Override
            public WorkResult process(WorkItem item, WorkContext context) throws InterruptedException {
                return task.of(item, context);
            }
        };
    }

    private Worker worker(Task task) {
        return bench.worker().queue(queue).processor(processor("task", task)).build();
    }

    private Worker failing(Function<WorkItem, RuntimeException> error) {
        return worker((item, context) -> {
            throw error.apply(item);
        });
    }

    /** Starts a worker that processes four items at a time, like the bench's worker. */
    private Worker atWorkUntilInterrupted() throws InterruptedException {
        CountDownLatch begun = new CountDownLatch(4);
        Worker worker = worker((item, context) -> {
                    begun.countDown();
                    new CountDownLatch(1).await();
                    return WorkResult.done();
                })
                .start();
        assertThat(begun.await(60, TimeUnit.SECONDS)).isTrue();
        return worker;
    }

    private void add(int count) {
        queue.enqueue(
                IntStream.range(0, count)
                        .mapToObj(i -> WorkItem.of("task", "task-" + i))
                        .toList(),
                Duration.ZERO);
    }

    private List<DeadLetter> dead() {
        try (Stream<DeadLetter> letters = queue.deadLetters()) {
            return letters.toList();
        }
    }

    @Test
    void start_onAnExecutor_processesItemsOnItsThreads_andLeavesItOpen() throws Exception {
        ExecutorService executor = Executors.newCachedThreadPool(task -> new Thread(task, "given-" + task.hashCode()));
        Set<String> names = ConcurrentHashMap.newKeySet();
        CountDownLatch four = new CountDownLatch(4);
        add(50);
        try {
            try (Worker worker = bench.worker()
                    .queue(queue)
                    .executor(executor)
                    .processor(processor("task", (item, context) -> {
                        names.add(Thread.currentThread().getName());
                        four.countDown();
                        four.await();
                        return WorkResult.done();
                    }))
                    .build()
                    .start()) {
                assertThat(worker.awaitIdle(PATIENCE)).isTrue();
            }
            assertThat(names).hasSize(4).allMatch(name -> name.startsWith("given-"));
            assertThat(executor.submit(() -> Thread.currentThread().isInterrupted())
                            .get())
                    .isFalse();
        } finally {
            executor.shutdownNow();
        }
    }

    @Test
    void start_executorRejectsATask_throwsAndStops() {
        ExecutorService closed = Executors.newCachedThreadPool();
        closed.shutdownNow();
        Worker worker = bench.worker().queue(queue).executor(closed).build();

        assertThatThrownBy(worker::start).isInstanceOf(RejectedExecutionException.class);

        assertThat(worker.status().state()).isEqualTo(State.STOPPED);
    }

    // ---- outcomes of items

    @Test
    void start_itemsInTheQueue_doesEachOnce_andCountsThem() throws Exception {
        Map<String, Integer> times = new ConcurrentHashMap<>();
        add(500);

        try (Worker worker = worker((item, context) -> {
                    times.merge(item.id(), 1, Integer::sum);
                    return WorkResult.of(3);
                })
                .start()) {
            assertThat(worker.awaitIdle(PATIENCE)).isTrue();

            assertThat(times)
                    .hasSize(500)
                    .allSatisfy((id, count) -> assertThat(count).isEqualTo(1));
            Counts counts = worker.status().types().get("task");
            assertThat(counts.done()).isEqualTo(500);
            assertThat(counts.units()).isEqualTo(1_500);
            assertThat(worker.status().state()).isEqualTo(State.RUNNING);
            assertThat(worker.status().errors()).isEmpty();
        }
        assertThat(queue.sizes()).isEqualTo(new QueueSizes(0, 0, 0, 0));
    }

    @Test
    void start_manyShortItems_settlesThemInBatches() throws Exception {
        add(5_000);

        try (Worker worker = worker((item, context) -> WorkResult.done()).start()) {
            assertThat(worker.awaitIdle(PATIENCE)).isTrue();
        }

        // One call per item would be 5,000; how many are settled together depends on the scheduler.
        assertThat(queue.calls("settle")).isLessThan(4_500);
    }

    @Test
    void process_children_areDoneToo() throws Exception {
        add(10);

        try (Worker worker = worker((item, context) -> {
                    if (item.id().length() < 12) {
                        context.enqueue(
                                List.of(WorkItem.of("task", item.id() + "-a"), WorkItem.of("task", item.id() + "-b")));
                    }
                    return WorkResult.done();
                })
                .start()) {
            assertThat(worker.awaitIdle(PATIENCE)).isTrue();
            assertThat(worker.status().types().get("task").done()).isEqualTo(10 + 20 + 40 + 80);
        }
    }

    @Test
    void process_bug_isTriedAgain_thenADeadLetterWithItsReason() throws Exception {
        AtomicInteger attempts = new AtomicInteger();
        add(1);

        try (Worker worker = failing(item -> {
                    attempts.incrementAndGet();
                    return new IllegalStateException("broken\nin two lines");
                })
                .start()) {
            assertThat(worker.awaitIdle(PATIENCE)).isTrue();
            Counts counts = worker.status().types().get("task");
            assertThat(counts.retried()).isEqualTo(2);
            assertThat(counts.dead()).isEqualTo(1);
            assertThat(worker.status().errors()).hasSize(3);
            assertThat(worker.status().errors().get(0).attempt()).isEqualTo(3);
        }
        assertThat(attempts).hasValue(3);
        assertThat(dead()).singleElement().satisfies(letter -> {
            assertThat(letter.reason()).isEqualTo("broken in two lines");
            assertThat(letter.item().attempts()).isEqualTo(3);
        });
    }

    @Test
    void process_senselessPayload_isADeadLetterAtOnce() throws Exception {
        AtomicInteger attempts = new AtomicInteger();
        add(1);

        try (Worker worker = failing(item -> {
                    attempts.incrementAndGet();
                    return new IllegalArgumentException("no sense");
                })
                .start()) {
            assertThat(worker.awaitIdle(PATIENCE)).isTrue();
        }
        assertThat(attempts).hasValue(1);
        assertThat(dead()).hasSize(1);
    }

    @Test
    void process_unknownType_isADeadLetterThatListsTheTypes() throws Exception {
        queue.enqueue(WorkItem.of("unheard", "u"));

        try (Worker worker = worker((item, context) -> WorkResult.done()).start()) {
            assertThat(worker.awaitIdle(PATIENCE)).isTrue();
        }
        assertThat(dead().get(0).reason()).contains("unheard", "packument", "partition-set", "found");
    }

    @Test
    void process_temporaryForALongTime_waitsThatLong() throws Exception {
        add(1);

        try (Worker worker = failing(item -> WorkException.temporary("busy", Duration.ofHours(1), null))
                .start()) {
            Await.until("delayed", () -> queue.sizes().delayed() == 1);
            assertThat(worker.status().types().get("task").retried()).isEqualTo(1);
        }
        assertThat(dead()).isEmpty();
    }

    @Test
    void process_processorOfServiceLoader_isFound() throws Exception {
        queue.enqueue(WorkItem.of(FoundProcessor.TYPE, "f"));

        try (Worker worker = bench.worker().build().start()) {
            assertThat(worker.awaitIdle(PATIENCE)).isTrue();
            assertThat(worker.status().types().get(FoundProcessor.TYPE).done()).isEqualTo(1);
        }
    }

    @Test
    void perform_doesOneItemHere() throws Exception {
        try (Worker worker = worker((item, context) -> WorkResult.of(7)).start()) {
            assertThat(worker.perform(WorkItem.of("task", "now")).units()).isEqualTo(7);
            assertThat(worker.status().types().get("task").done()).isEqualTo(1);
            assertThatThrownBy(() -> worker.perform(WorkItem.of("unheard", "now")))
                    .isInstanceOf(WorkException.class);
        }
    }

    // ---- errors that stop the worker

    @Test
    void process_fullDisk_handsBackAndStops() throws Exception {
        add(100);

        try (Worker worker = failing(item -> new StorageException("No space left on device", false, null))
                .start()) {
            worker.join();
            assertThat(worker.failure()).containsInstanceOf(StorageException.class);
            assertThat(worker.status().state()).isEqualTo(State.STOPPED);
            assertThat(worker.status().failure()).contains("No space left on device");
        }
        assertThat(queue.sizes()).isEqualTo(new QueueSizes(100, 0, 0, 0));
    }

    @Test
    void process_refusedCredentials_handsBackAndStops() throws Exception {
        try (EmbeddedRegistry registry =
                EmbeddedRegistry.builder().names(50).token("right").start()) {
            queue.enqueue(
                    registry.names().stream()
                            .map(name -> WorkItem.of(
                                    "packument",
                                    name,
                                    JsonNodeFactory.instance.objectNode().put("name", name)))
                            .toList(),
                    Duration.ZERO);
            try (Worker worker =
                    bench.worker(registry.origin(), 100).queue(queue).build().start()) {
                worker.join();
                assertThat(worker.failure()).containsInstanceOf(AuthException.class);
            }
        }
        assertThat(queue.sizes()).isEqualTo(new QueueSizes(50, 0, 0, 0));
    }

    // ---- the listener

    /** Records events as words: the event and the item's id. */
    private static class Recorder implements WorkListener {
        final List<String> events = new CopyOnWriteArrayList<>();

        @Override
        public void started(WorkItem item) {
            events.add("started " + item.id());
        }

        @Override
        public void done(WorkItem item, WorkResult result, Duration time) {
            assertThat(time).isPositive();
            events.add("done " + item.id() + " " + result.units());
        }

        @Override
        public void retried(WorkItem item, Throwable failure, Duration time) {
            events.add("retried " + item.id() + " " + failure.getMessage());
        }

        @Override
        public void dead(WorkItem item, Throwable failure, Duration time) {
            events.add("dead " + item.id() + " " + failure.getMessage());
        }

        @Override
        public void released(WorkItem item) {
            events.add("released " + item.id());
        }
    }

    @Test
    void listener_receivesWhatBecomesOfEachItem() throws Exception {
        Recorder recorder = new Recorder();
        AtomicInteger attempts = new AtomicInteger();
        Task task = (item, context) -> {
            switch (item.id()) {
                case "good" -> {
                    return WorkResult.of(7);
                }
                case "flaky" -> {
                    if (attempts.incrementAndGet() == 1) {
                        throw WorkException.temporary("later", Duration.ofMillis(1), null);
                    }
                    return WorkResult.done();
                }
                default -> throw WorkException.permanent("never", null);
            }
        };
        for (String id : List.of("good", "flaky", "bad")) {
            queue.enqueue(List.of(WorkItem.of("task", id)), Duration.ZERO);
        }

        try (Worker worker = bench.worker()
                .queue(queue)
                .processor(processor("task", task))
                .listener(recorder)
                .build()
                .start()) {
            assertThat(worker.awaitIdle(PATIENCE)).isTrue();
            assertThat(worker.perform(WorkItem.of("task", "good")).units()).isEqualTo(7);
        }

        assertThat(recorder.events)
                .containsExactlyInAnyOrder(
                        "started good",
                        "done good 7",
                        "started flaky",
                        "retried flaky later",
                        "started flaky",
                        "done flaky 1",
                        "started bad",
                        "dead bad never",
                        "started good",
                        "done good 7");
    }

    @Test
    void listener_workerStopsDuringAnItem_receivesReleased() throws Exception {
        Recorder recorder = new Recorder();
        CountDownLatch begun = new CountDownLatch(1);
        add(1);
        try (Worker worker = bench.worker()
                .queue(queue)
                .listener(recorder)
                .processor(processor("task", (item, context) -> {
                    begun.countDown();
                    new CountDownLatch(1).await();
                    return WorkResult.done();
                }))
                .build()
                .start()) {
            assertThat(begun.await(60, TimeUnit.SECONDS)).isTrue();
            worker.stop(Duration.ZERO);
        }

        assertThat(recorder.events).containsExactly("started task-0", "released task-0");
    }

    @Test
    void listener_thatThrows_changesNothingForItsItem() throws Exception {
        add(10);
        WorkListener throwing = new WorkListener() {
            @Override
            public void done(WorkItem item, WorkResult result, Duration time) {
                throw new IllegalStateException("of the test");
            }
        };

        try (Worker worker = bench.worker()
                .queue(queue)
                .processor(processor("task", (item, context) -> WorkResult.done()))
                .listener(throwing)
                .build()
                .start()) {
            assertThat(worker.awaitIdle(PATIENCE)).isTrue();
            assertThat(worker.status().types().get("task").done()).isEqualTo(10);
            assertThat(worker.failure()).isEmpty();
        }
        assertThat(queue.sizes()).isEqualTo(new QueueSizes(0, 0, 0, 0));
    }

    @Test
    void httpListener_receivesTheRequestsOfTheWorkersClients() throws Exception {
        List<HttpAttempt> attempts = new CopyOnWriteArrayList<>();
        HttpListener listener = new HttpListener() {
            @Override
            public void requested(HttpAttempt attempt) {
                attempts.add(attempt);
            }
        };
        try (EmbeddedRegistry registry =
                EmbeddedRegistry.builder().names("alpha").start()) {
            queue.enqueue(
                    List.of(WorkItem.of(
                            "packument",
                            "alpha",
                            JsonNodeFactory.instance.objectNode().put("name", "alpha"))),
                    Duration.ZERO);
            try (Worker worker = bench.worker()
                    .env(Env.of(Map.of("NPM_REGISTRY", registry.origin().toString())))
                    .queue(queue)
                    .httpListener(listener)
                    .build()
                    .start()) {
                assertThat(worker.awaitIdle(PATIENCE)).isTrue();
            }
        }

        assertThat(attempts).isNotEmpty().extracting(HttpAttempt::status).contains(200);
    }

    // ---- items that crash their workers

    @Test
    void process_outOfMemory_countsAsALostLease_andStopsTheWorker() throws Exception {
        add(1);

        try (Worker worker = worker((item, context) -> {
                    throw new IllegalStateException("wrapped", new OutOfMemoryError("of the test"));
                })
                .start()) {
            worker.join();
            assertThat(worker.failure().orElseThrow()).hasRootCauseInstanceOf(OutOfMemoryError.class);
        }

        Lease lease = queue.reserve(1, Duration.ZERO).get(0);
        assertThat(lease.lostLeases()).isEqualTo(1);
        assertThat(lease.item().attempts()).isEqualTo(1);
    }

    @Test
    void process_poisonAmongGoodItems_endsAsOneDeadLetter_andTheGoodOnesAreDone() throws Exception {
        queue.enqueue(WorkItem.of("task", "poison").withPriority(1));
        add(1_000);
        Set<String> done = ConcurrentHashMap.newKeySet();
        int workers = 0;

        while (queue.size() > 0) {
            workers++;
            try (Worker worker = worker((item, context) -> {
                        if (item.id().equals("poison")) {
                            throw new OutOfMemoryError("Java heap space");
                        }
                        done.add(item.id());
                        return WorkResult.done();
                    })
                    .start()) {
                worker.awaitIdle(PATIENCE);
            }
        }

        assertThat(workers).isBetween(3, 4);
        assertThat(done).hasSize(1_000);
        assertThat(dead()).singleElement().satisfies(letter -> {
            assertThat(letter.item().id()).isEqualTo("poison");
            assertThat(letter.reason()).contains("lost 3 times", "out of memory", "Java heap space");
        });
    }

    @Test
    void process_lastChanceOfAnItem_isTakenAloneAndRunAlone() throws Exception {
        queue.enqueue(WorkItem.of("task", "poison"));
        for (int i = 1; i < Bench.OPTIONS.maxLostLeases(); i++) {
            Lease lease = queue.reserve(1, Duration.ZERO).get(0);
            queue.settle(List.of(new Settlement.Lost(lease, "out of memory")));
        }
        add(2_000);
        AtomicInteger running = new AtomicInteger();
        AtomicInteger besidePoison = new AtomicInteger(-1);
        AtomicReference<Worker> itself = new AtomicReference<>();
        queue.enqueue(
                IntStream.range(0, 3)
                        .mapToObj(i -> WorkItem.of("task", "before-" + i).withPriority(1))
                        .toList(),
                Duration.ZERO);

        try (Worker worker = worker((item, context) -> {
            int others = running.getAndIncrement();
            if (item.id().equals("poison")) {
                besidePoison.set(others + itself.get().status().held() - 1);
            }
            running.decrementAndGet();
            return WorkResult.done();
        })) {
            itself.set(worker);
            worker.start();
            assertThat(worker.awaitIdle(PATIENCE)).isTrue();
        }

        assertThat(besidePoison).hasValue(0);
        assertThat(queue.sizes()).isEqualTo(new QueueSizes(0, 0, 0, 0));
    }

    // ---- waiting for the end

    @Test
    void awaitIdle_longItem_queriesTheQueueOnceASecondAtMost() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        add(1);

        try (Worker worker = worker((item, context) -> {
                    begun.countDown();
                    go.await();
                    return WorkResult.done();
                })
                .start()) {
            begun.await();
            assertThat(worker.awaitIdle(Duration.ofMillis(1_500))).isFalse();
            assertThat(queue.calls("awaitIdle")).isBetween(2, 3);
            assertThat(queue.calls("sizes")).isZero();
            go.countDown();
            assertThat(worker.awaitIdle(PATIENCE)).isTrue();
        }
    }

    @Test
    void awaitIdle_workerThatFails_isFalse() throws Exception {
        add(10);

        try (Worker worker = failing(item -> new StorageException("No space left on device", false, null))
                .start()) {
            assertThat(worker.awaitIdle(PATIENCE)).isFalse();
        }
    }

    @Test
    void start_twice_isRefused() {
        try (Worker worker = worker((item, context) -> WorkResult.done()).start()) {
            assertThatThrownBy(worker::start).isInstanceOf(IllegalStateException.class);
        }
    }

    // ---- stopping

    @Test
    void stop_letsWhatRunsFinish_andHandsBackTheRest() throws Exception {
        CountDownLatch begun = new CountDownLatch(4);
        CountDownLatch go = new CountDownLatch(1);
        add(50);
        Worker worker = worker((item, context) -> {
                    begun.countDown();
                    go.await();
                    return WorkResult.done();
                })
                .start();
        assertThat(begun.await(60, TimeUnit.SECONDS)).isTrue();

        CompletableFuture<Boolean> stopped = CompletableFuture.supplyAsync(() -> worker.stop(PATIENCE));
        Await.until("stopping", () -> worker.status().state() == State.STOPPING);
        go.countDown();

        assertThat(stopped.get(60, TimeUnit.SECONDS)).isTrue();
        assertThat(worker.status().types().get("task").done()).isEqualTo(4);
        assertThat(queue.sizes()).isEqualTo(new QueueSizes(46, 0, 0, 0));
        assertThat(worker.failure()).isEmpty();
    }

    @Test
    void stop_onAnInterruptedThread_handsBackAtOnce_andKeepsTheFlag() throws Exception {
        add(50);
        Worker worker = atWorkUntilInterrupted();

        Thread.currentThread().interrupt();
        boolean told = worker.stop(Duration.ofHours(1));

        assertThat(Thread.interrupted()).isTrue();
        assertThat(told).isTrue();
        assertThat(queue.sizes()).isEqualTo(new QueueSizes(50, 0, 0, 0));
        assertThat(worker.failure()).isEmpty();
    }

    @Test
    void stop_graceOver_interruptsAndHandsBack_withoutCountingTheAttempt() throws Exception {
        add(4);
        Worker worker = atWorkUntilInterrupted();

        assertThat(worker.stop(Duration.ZERO)).isTrue();

        assertThat(queue.sizes()).isEqualTo(new QueueSizes(4, 0, 0, 0));
        assertThat(worker.status().types().get("task").released()).isEqualTo(4);
        assertThat(queue.reserve(4, Duration.ZERO))
                .allMatch(lease -> lease.item().attempts() == 1);
    }

    @Test
    void stop_taskThatIgnoresItsInterrupt_isReleased_andItsLateEndDoesNotCount() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        CountDownLatch over = new CountDownLatch(1);
        add(1);
        Worker worker = worker((item, context) -> {
                    begun.countDown();
                    awaitUninterruptibly(go);
                    over.countDown();
                    return WorkResult.done();
                })
                .start();
        assertThat(begun.await(60, TimeUnit.SECONDS)).isTrue();

        worker.stop(Duration.ZERO);

        assertThat(queue.sizes()).isEqualTo(new QueueSizes(1, 0, 0, 0));
        go.countDown();
        assertThat(over.await(60, TimeUnit.SECONDS)).isTrue();
        assertThat(queue.size()).isEqualTo(1);
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        boolean over = false;
        while (!over) {
            try {
                latch.await();
                over = true;
            } catch (InterruptedException e) {
                assertThat(e).isNotNull(); // ignored on purpose
            }
        }
    }

    @Test
    void isStopping_isVisibleToLongItems() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        add(1);
        Worker worker = worker((item, context) -> {
                    begun.countDown();
                    while (!context.isStopping()) {
                        Thread.onSpinWait();
                    }
                    throw new InterruptedException("resumes later");
                })
                .start();
        assertThat(begun.await(60, TimeUnit.SECONDS)).isTrue();

        worker.stop(PATIENCE);

        assertThat(queue.sizes()).isEqualTo(new QueueSizes(1, 0, 0, 0));
    }

    @Test
    void stop_withoutStart_andTwice_isFine() {
        Worker worker = worker((item, context) -> WorkResult.done());
        assertThat(worker.stop(PATIENCE)).isTrue();
        assertThat(worker.stop(PATIENCE)).isTrue();
        assertThat(worker.status().state()).isEqualTo(State.STOPPED);
    }

    // ---- leases, and an unreachable queue

    @Test
    void leases_ofLongItems_areRenewed() throws Exception {
        QueueOptions options = new QueueOptions(
                "short",
                3,
                Duration.ofMillis(20),
                Duration.ofMillis(100),
                Duration.ofSeconds(1),
                10,
                Duration.ofSeconds(1),
                0);
        Clock stopped = Clock.fixed(Instant.EPOCH, ZoneOffset.UTC); // so that no lease expires on a slow machine
        WatchedQueue renewed = new WatchedQueue(
                LocalWorkQueue.builder().options(options).clock(stopped).build());
        renewed.enqueue(WorkItem.of("task", "long"));
        try (Worker worker = bench.worker()
                .queue(renewed)
                .processor(processor("task", (item, context) -> {
                    awaitRenewals(renewed, 3);
                    return WorkResult.done();
                }))
                .build()
                .start()) {
            assertThat(worker.awaitIdle(PATIENCE)).isTrue();
            assertThat(worker.status().types().get("task").done()).isEqualTo(1);
        }
        renewed.close();
    }

    private static void awaitRenewals(WatchedQueue queue, int times) {
        try {
            Await.until("renewed", () -> queue.calls("renew") >= times);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void lease_lostWhileItsItemRuns_isNotSettledTwice() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        add(1);
        Worker worker = bench.worker()
                .queue(queue)
                .concurrency(1) // so that this worker does not lease the item again
                .processor(processor("task", (item, context) -> {
                    begun.countDown();
                    go.await();
                    return WorkResult.done();
                }))
                .build()
                .start();
        assertThat(begun.await(60, TimeUnit.SECONDS)).isTrue();
        bench.clock.advance(Bench.OPTIONS.lease());
        Lease other = queue.reserve(1, PATIENCE).get(0);

        go.countDown();
        assertThat(worker.stop(PATIENCE)).isTrue();

        assertThat(queue.sizes().running()).isEqualTo(1);
        assertThat(queue.settle(List.of(new Settlement.Done(other)))).isEmpty();
    }

    @Test
    void queueAway_isAwaited_andNothingIsLost() throws Exception {
        queue.fail("reserve", 3, true);
        queue.fail("settle", 2, true);
        add(300);

        try (Worker worker = worker((item, context) -> WorkResult.done()).start()) {
            assertThat(worker.awaitIdle(PATIENCE)).isTrue();
            assertThat(worker.failure()).isEmpty();
            assertThat(worker.status().types().get("task").done()).isGreaterThanOrEqualTo(300);
        }
        assertThat(queue.sizes()).isEqualTo(new QueueSizes(0, 0, 0, 0));
    }

    @Test
    void queueThatRefuses_stopsTheWorker() throws Exception {
        queue.fail("reserve", 1, false);

        try (Worker worker = worker((item, context) -> WorkResult.done()).start()) {
            worker.join();
            assertThat(worker.failure().orElseThrow()).hasMessageContaining("it is away");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"reserve", "settle"})
    void queueThatEndsWithAnError_stopsTheWorker(String method) throws Exception {
        queue.runOutOfMemoryIn(method);
        add(4);

        try (Worker worker = worker((item, context) -> WorkResult.done()).start()) {
            worker.join();
            assertThat(worker.failure().orElseThrow()).isInstanceOf(OutOfMemoryError.class);
        }
    }

    @Test
    void concurrency_isReachedAndNotPassed() throws Exception {
        AtomicInteger now = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        CountDownLatch full = new CountDownLatch(4);
        add(200);

        try (Worker worker = worker((item, context) -> {
                    most.accumulateAndGet(now.incrementAndGet(), Math::max);
                    full.countDown();
                    full.await();
                    now.decrementAndGet();
                    return WorkResult.done();
                })
                .start()) {
            assertThat(worker.awaitIdle(PATIENCE)).isTrue();
        }
        assertThat(most).hasValue(4);
    }

    // ---- pauses

    @Test
    void retryAfter_ofAnyRequest_pausesTheWholeFleet() throws Exception {
        try (EmbeddedRegistry registry = EmbeddedRegistry.builder().names(20).start();
                Bench elsewhere = new Bench()) {
            registry.faults().set(Faults.parse("429=1,429-retry-after=1,429-times=1"));
            String name = registry.names().get(0);
            queue.enqueue(WorkItem.of(
                    "packument", name, JsonNodeFactory.instance.objectNode().put("name", name)));
            HostLimiters theirs = elsewhere.limiters;
            CompletableFuture<Duration> heardThere = new CompletableFuture<>();
            try (Worker other = elsewhere
                            .worker(registry.origin(), 100)
                            .queue(queue)
                            .build();
                    Worker worker =
                            bench.worker(registry.origin(), 100).queue(queue).build()) {
                assertThat(other.status().state()).isEqualTo(State.NEW);
                queue.onPause(length ->
                        heardThere.complete(theirs.of(registry.origin()).pauseLeft()));
                worker.start();

                assertThat(heardThere.get(60, TimeUnit.SECONDS)).isPositive();
                assertThat(queue.pauses).hasSize(1);
                assertThat(queue.pauses.get(0)).isBetween(Duration.ofMillis(500), Duration.ofSeconds(1));
                bench.clock.advance(Duration.ofSeconds(2));
                assertThat(worker.awaitIdle(PATIENCE)).isTrue();
                assertThat(dead()).isEmpty();
            }
        }
    }
}
