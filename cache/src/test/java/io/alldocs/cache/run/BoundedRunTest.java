package io.alldocs.cache.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.alldocs.OperationInterruptedException;
import io.alldocs.cache.entry.EntrySource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class BoundedRunTest {

    private static Iterable<Integer> numbers(int count) {
        return () -> IntStream.range(0, count).iterator();
    }

    private static RunSummary run(
            Iterable<Integer> items, int concurrency, Function<Integer, Integer> task, Consumer<Integer> results) {
        return BoundedRun.<Integer, Integer>run(
                items,
                concurrency,
                BoundedRun.threadPerTask(),
                task,
                n -> EntrySource.HIT,
                results,
                (item, e) -> {},
                e -> false);
    }

    @Test
    void run_allItems_areDeliveredOnceAndOneAtATime() {
        List<Integer> seen = new ArrayList<>();
        AtomicInteger inside = new AtomicInteger();
        RunSummary summary = BoundedRun.<Integer, Integer>run(
                numbers(10_000),
                8,
                BoundedRun.threadPerTask(),
                n -> n * 2,
                n -> n % 3 == 0 ? EntrySource.FETCHED : EntrySource.HIT,
                n -> {
                    assertThat(inside.incrementAndGet()).isEqualTo(1);
                    seen.add(n);
                    inside.decrementAndGet();
                },
                (item, e) -> {},
                e -> false);
        assertThat(seen).hasSize(10_000).doesNotHaveDuplicates();
        assertThat(new HashSet<>(seen)).contains(0, 2, 19_998);
        assertThat(summary.items()).isEqualTo(10_000);
        assertThat(summary.bySource())
                .containsEntry(EntrySource.FETCHED, 3334L)
                .containsEntry(EntrySource.HIT, 6666L)
                .hasSize(2);
        assertThat(summary.failed()).isZero();
        assertThat(summary.elapsed()).isPositive();
    }

    @Test
    void run_noItems_isEmpty() {
        RunSummary summary = run(List.of(), 4, n -> n, n -> {});
        assertThat(summary.items()).isZero();
        assertThat(summary.bySource()).isEmpty();
    }

    @Test
    void run_failures_doNotEndIt() {
        List<Integer> failed = new ArrayList<>();
        RunSummary summary = BoundedRun.<Integer, Integer>run(
                numbers(1_000),
                4,
                BoundedRun.threadPerTask(),
                n -> {
                    if (n % 2 == 0) {
                        throw new IllegalArgumentException("even: " + n + "!".repeat(1_000));
                    }
                    return n;
                },
                n -> EntrySource.FETCHED,
                n -> {},
                (item, e) -> failed.add(item),
                e -> false);
        assertThat(failed).hasSize(500).doesNotHaveDuplicates();
        assertThat(summary.failed()).isEqualTo(500);
        assertThat(summary.items()).isEqualTo(1_000);
        assertThat(summary.bySource()).containsEntry(EntrySource.FETCHED, 500L);
        assertThat(summary.failures()).hasSize(100).allSatisfy((item, message) -> {
            assertThat(message).startsWith("even: " + item);
            assertThat(message).hasSizeLessThan(600);
        });
    }

    @Test
    void run_neverMoreThanConcurrencyAtOnce_andThatMany() throws Exception {
        AtomicInteger running = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        CountDownLatch full = new CountDownLatch(5);
        run(
                numbers(200),
                5,
                n -> {
                    most.accumulateAndGet(running.incrementAndGet(), Math::max);
                    full.countDown();
                    awaitLatch(full);
                    running.decrementAndGet();
                    return n;
                },
                n -> {});
        assertThat(most).hasValue(5);
    }

    @Test
    void run_slowConsumer_holdsThePullingBack() {
        AtomicInteger pulled = new AtomicInteger();
        AtomicInteger handed = new AtomicInteger();
        AtomicInteger ahead = new AtomicInteger();
        Iterator<Integer> counting = new Iterator<>() {
            @Override
            public boolean hasNext() {
                return pulled.get() < 2_000;
            }

            @Override
            public Integer next() {
                return pulled.incrementAndGet();
            }
        };
        run(() -> counting, 4, n -> n, n -> {
            ahead.accumulateAndGet(pulled.get() - handed.get(), Math::max);
            LockSupport.parkNanos(1_000);
            handed.incrementAndGet();
        });
        assertThat(handed).hasValue(2_000);
        assertThat(ahead.get()).as("items pulled but not delivered").isLessThanOrEqualTo(5);
    }

    @Test
    void run_endlessItemsAndAFatalError_takesNoFurtherItem() {
        AtomicInteger pulled = new AtomicInteger();
        Iterator<Integer> endless = new Iterator<>() {
            @Override
            public boolean hasNext() {
                return true;
            }

            @Override
            public Integer next() {
                return pulled.incrementAndGet();
            }
        };
        IllegalStateException fatal = new IllegalStateException("token refused");
        AtomicInteger results = new AtomicInteger();
        List<Integer> failed = new ArrayList<>();
        assertThatThrownBy(() -> BoundedRun.<Integer, Integer>run(
                        () -> endless,
                        4,
                        BoundedRun.threadPerTask(),
                        n -> {
                            if (n == 1_000) {
                                throw fatal;
                            }
                            return n;
                        },
                        n -> EntrySource.HIT,
                        n -> results.incrementAndGet(),
                        (item, e) -> failed.add(item),
                        e -> e == fatal))
                .isSameAs(fatal);
        assertThat(failed).containsExactly(1_000);
        assertThat(results.get()).as("in-flight results are delivered").isEqualTo(pulled.get() - 1);
        assertThat(pulled.get()).isLessThan(1_000_000);
    }

    @Test
    void run_callbackOrSourceThrows_reachesTheCallerAndEndsDelivery() {
        IllegalStateException error = new IllegalStateException("disk full");
        AtomicBoolean thrown = new AtomicBoolean();
        assertThatThrownBy(() -> run(numbers(100_000), 4, n -> n, n -> {
                    assertThat(thrown.get()).isFalse();
                    thrown.set(true);
                    throw error;
                }))
                .isSameAs(error);
        Iterator<Integer> broken = new Iterator<>() {
            @Override
            public boolean hasNext() {
                return true;
            }

            @Override
            public Integer next() {
                throw error;
            }
        };
        assertThatThrownBy(() -> run(() -> broken, 4, n -> n, n -> {})).isSameAs(error);
        AssertionError fatal = new AssertionError("a bug");
        assertThatThrownBy(() -> run(
                        numbers(10),
                        4,
                        n -> {
                            throw fatal;
                        },
                        n -> {}))
                .isSameAs(fatal);
    }

    @Test
    void run_callerInterrupted_stopsTheWorkersAndSaysSo() throws Exception {
        CountDownLatch busy = new CountDownLatch(4);
        Set<Thread> workers = ConcurrentHashMap.newKeySet();
        AtomicInteger results = new AtomicInteger();
        AtomicReference<Throwable> error = new AtomicReference<>();
        AtomicBoolean flag = new AtomicBoolean();
        Thread caller = new Thread(() -> {
            try {
                run(
                        numbers(1_000),
                        4,
                        n -> {
                            workers.add(Thread.currentThread());
                            busy.countDown();
                            awaitLatch(new CountDownLatch(1));
                            return n;
                        },
                        n -> results.incrementAndGet());
            } catch (RuntimeException e) {
                error.set(e);
                flag.set(Thread.currentThread().isInterrupted());
            }
        });
        caller.start();
        busy.await();
        caller.interrupt();
        caller.join();
        assertThat(error.get()).isInstanceOf(OperationInterruptedException.class);
        assertThat(flag).isTrue();
        for (Thread worker : workers) {
            worker.join();
            assertThat(worker.isDaemon()).isTrue();
            assertThat(worker.getName()).startsWith("all-docs-run-");
        }
        assertThat(results).hasValue(0);
    }

    @Test
    void run_taskThatLeavesItsInterruptBehind_doesNotHarmTheNext() {
        AtomicInteger interrupted = new AtomicInteger();
        RunSummary summary = run(
                numbers(100),
                1,
                n -> {
                    if (Thread.currentThread().isInterrupted()) {
                        interrupted.incrementAndGet();
                    }
                    Thread.currentThread().interrupt();
                    return n;
                },
                n -> {});
        assertThat(summary.items()).isEqualTo(100);
        assertThat(interrupted).hasValue(0);
    }

    @Test
    void run_millionsOfTrivialItems_isNoBottleneck() {
        AtomicLong sum = new AtomicLong();
        RunSummary summary = run(numbers(1_000_000), 8, n -> n, n -> sum.lazySet(sum.get() + n));
        assertThat(sum).hasValue(999_999L * 1_000_000L / 2);
        // The limit is thirty times the time that was measured on two shared cores. An implementation that waits or
        // does I/O for each item exceeds it.
        assertThat(summary.elapsed().toMillis()).isLessThan(30_000);
    }

    private static RunSummary runOn(
            Iterable<Integer> items, int concurrency, Executor executor, Function<Integer, Integer> task) {
        return BoundedRun.<Integer, Integer>run(
                items, concurrency, executor, task, n -> EntrySource.HIT, n -> {}, (item, e) -> {}, e -> false);
    }

    @Test
    void run_onAnExecutorWithFewerThreads_endsOnItsThreadsAndLeavesItOpen() throws Exception {
        ExecutorService executor = Executors.newFixedThreadPool(2, task -> new Thread(task, "given"));
        try {
            AtomicInteger running = new AtomicInteger();
            AtomicInteger most = new AtomicInteger();
            RunSummary summary = runOn(numbers(500), 8, executor, n -> {
                assertThat(Thread.currentThread().getName()).isEqualTo("given");
                most.accumulateAndGet(running.incrementAndGet(), Math::max);
                LockSupport.parkNanos(1_000);
                running.decrementAndGet();
                return n;
            });
            assertThat(summary.items()).isEqualTo(500);
            assertThat(summary.failed()).isZero();
            assertThat(most.get()).isLessThanOrEqualTo(2);
            assertThat(executor.submit(() -> "open").get()).isEqualTo("open");
        } finally {
            executor.shutdownNow();
        }
    }

    @Test
    void run_callerInterruptedBeforeTheExecutorHasAFreeThread_endsAtOnceAndRunsNoTask() throws Exception {
        ExecutorService executor = Executors.newSingleThreadExecutor();
        try {
            CountDownLatch release = new CountDownLatch(1);
            Future<?> busy = executor.submit(() -> awaitLatch(release));
            AtomicInteger tasks = new AtomicInteger();
            Thread.currentThread().interrupt();
            assertThatThrownBy(() -> runOn(numbers(10), 2, executor, n -> tasks.incrementAndGet()))
                    .isInstanceOf(OperationInterruptedException.class)
                    .hasNoSuppressedExceptions();
            assertThat(Thread.interrupted()).isTrue();
            release.countDown();
            busy.get();
            executor.submit(() -> {}).get();
            assertThat(tasks).hasValue(0);
        } finally {
            executor.shutdownNow();
        }
    }

    @Test
    void run_callerInterrupted_leavesNoInterruptOnTheExecutorsThreads() throws Exception {
        ExecutorService executor = Executors.newFixedThreadPool(2);
        try {
            CountDownLatch busy = new CountDownLatch(2);
            Thread caller = new Thread(() -> {
                try {
                    runOn(numbers(10), 2, executor, n -> {
                        busy.countDown();
                        awaitLatch(new CountDownLatch(1));
                        return n;
                    });
                } catch (OperationInterruptedException e) {
                    // as expected
                }
            });
            caller.start();
            busy.await();
            caller.interrupt();
            caller.join();
            CountDownLatch both = new CountDownLatch(2);
            Callable<Boolean> flag = () -> {
                boolean interrupted = Thread.currentThread().isInterrupted();
                both.countDown();
                both.await();
                return interrupted;
            };
            for (Future<Boolean> interrupted : executor.invokeAll(List.of(flag, flag))) {
                assertThat(interrupted.get()).isFalse();
            }
        } finally {
            executor.shutdownNow();
        }
    }

    @Test
    void run_executorRejectsAWorker_endsTheOthersAndThrows() {
        ExecutorService executor = Executors.newCachedThreadPool();
        AtomicInteger submitted = new AtomicInteger();
        Executor two = task -> {
            if (submitted.incrementAndGet() > 2) {
                throw new RejectedExecutionException("no third");
            }
            executor.execute(task);
        };
        Iterator<Integer> endless = IntStream.iterate(0, n -> n + 1).iterator();
        try {
            assertThatThrownBy(() -> runOn(() -> endless, 4, two, n -> n))
                    .isInstanceOf(RejectedExecutionException.class)
                    .hasMessage("no third");
        } finally {
            assertThat(executor.shutdownNow()).isEmpty();
        }
    }

    @Test
    void run_noConcurrency_isRefused() {
        assertThatThrownBy(() -> run(numbers(1), 0, n -> n, n -> {}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("0");
    }

    private static void awaitLatch(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }
}
