package io.alldocs.cache;

import static io.alldocs.cache.Samples.EXPRESS;
import static io.alldocs.cache.Samples.REGISTRY;
import static io.alldocs.cache.Samples.value;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.alldocs.OperationInterruptedException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class CacheConcurrencyTest {
    private final Cache cache = Cache.builder().build();

    /** In-flight loads; each continues when its latch is released. */
    private final BlockingQueue<CountDownLatch> loading = new LinkedBlockingQueue<>();

    private final AtomicInteger loads = new AtomicInteger();
    private final Loader slow = stored -> {
        int number = loads.incrementAndGet();
        CountDownLatch go = new CountDownLatch(1);
        loading.add(go);
        try {
            go.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("load " + number + " cancelled", e);
        }
        return value(cache.receiver(), "{\"v\":" + number + "}", "ETag", "\"" + number + "\"");
    };

    @AfterEach
    void close() {
        cache.close();
    }

    /** A thread that keeps the result of its call. */
    private static final class Caller<T> extends Thread {
        private final Supplier<T> call;
        private volatile T result;
        private volatile Throwable error;
        private volatile boolean interruptedAfter;

        Caller(Supplier<T> call) {
            this.call = call;
            start();
        }

        @Override
        public void run() {
            try {
                result = call.get();
            } catch (Throwable e) {
                error = e;
            }
            interruptedAfter = isInterrupted();
        }
    }

    private Caller<CacheEntry> caller(CacheMode mode) {
        return new Caller<>(() -> cache.fetch(EXPRESS, mode, slow));
    }

    private static void await(BooleanSupplier condition) throws InterruptedException {
        while (!condition.getAsBoolean()) {
            new CountDownLatch(1).await(1, TimeUnit.MILLISECONDS);
        }
    }

    private static void awaitWaiting(Thread thread) throws InterruptedException {
        await(() -> thread.getState() == Thread.State.WAITING);
    }

    @Test
    void fetch_manyCallersForOneKey_loadOnce() throws Exception {
        List<Caller<CacheEntry>> callers = new ArrayList<>();
        callers.add(caller(CacheMode.DEFAULT));
        CountDownLatch go = loading.take();
        for (int i = 0; i < 31; i++) {
            callers.add(caller(i % 2 == 0 ? CacheMode.DEFAULT : CacheMode.NO_CACHE));
        }
        for (Caller<CacheEntry> caller : callers) {
            awaitWaiting(caller);
        }
        go.countDown();
        for (Caller<CacheEntry> caller : callers) {
            caller.join();
            assertThat(caller.error).isNull();
            assertThat(caller.result.json().path("v").asInt()).isEqualTo(1);
        }
        assertThat(loads).hasValue(1);
    }

    @Test
    void fetch_otherKeys_doNotWait() throws Exception {
        Caller<CacheEntry> first = caller(CacheMode.DEFAULT);
        CountDownLatch go = loading.take();
        CacheKey other = CacheKey.packument(REGISTRY, "other");
        assertThat(cache.fetch(other, CacheMode.DEFAULT, stored -> value(cache.receiver(), "{}"))
                        .json())
                .isEmpty();
        go.countDown();
        first.join();
        assertThat(first.result).isNotNull();
    }

    @Test
    void fetch_leaderInterrupted_anotherTakesOver() throws Exception {
        Caller<CacheEntry> leader = caller(CacheMode.DEFAULT);
        loading.take();
        Caller<CacheEntry> second = caller(CacheMode.DEFAULT);
        Caller<CacheEntry> third = caller(CacheMode.DEFAULT);
        awaitWaiting(second);
        awaitWaiting(third);
        leader.interrupt();
        leader.join();
        assertThat(leader.error).isInstanceOf(IllegalStateException.class).hasMessage("load 1 cancelled");
        assertThat(leader.interruptedAfter).isTrue();
        loading.take().countDown();
        second.join();
        third.join();
        assertThat(second.result.json().path("v").asInt()).isEqualTo(2);
        assertThat(third.result.json().path("v").asInt()).isEqualTo(2);
        assertThat(loads).hasValue(2);
    }

    /**
     * Interrupts leaders and waiters at random times. Every thread that is not interrupted must get an entry, and none
     * may wait forever.
     */
    @Test
    void fetch_interruptsAtAnyMoment_leaveNoWaiter() throws Exception {
        Random random = new Random(7);
        for (int round = 0; round < 300; round++) {
            CacheKey key = CacheKey.packument(REGISTRY, "r" + round);
            CountDownLatch go = new CountDownLatch(1);
            Loader loader = stored -> {
                try {
                    go.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    throw new OperationInterruptedException("cancelled", e);
                }
                return value(cache.receiver(), "{\"v\":1}");
            };
            List<Caller<CacheEntry>> callers = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                CacheMode mode = i % 3 == 2 ? CacheMode.RELOAD : CacheMode.DEFAULT;
                callers.add(new Caller<>(() -> cache.fetch(key, mode, loader)));
            }
            List<Caller<CacheEntry>> victims = callers.subList(0, random.nextInt(6));
            for (Caller<CacheEntry> victim : victims) {
                if (random.nextBoolean()) {
                    awaitWaiting(victim);
                }
                victim.interrupt();
            }
            for (Caller<CacheEntry> victim : victims) {
                victim.join();
                assertThat(victim.error).isInstanceOf(OperationInterruptedException.class);
                assertThat(victim.interruptedAfter).isTrue();
            }
            go.countDown();
            for (Caller<CacheEntry> caller : callers.subList(victims.size(), callers.size())) {
                caller.join();
                assertThat(caller.error).isNull();
                assertThat(caller.result.json().path("v").asInt()).isEqualTo(1);
            }
        }
    }

    @Test
    void fetch_waiterInterrupted_othersAreUnaffected() throws Exception {
        Caller<CacheEntry> leader = caller(CacheMode.DEFAULT);
        CountDownLatch go = loading.take();
        Caller<CacheEntry> waiter = caller(CacheMode.DEFAULT);
        Caller<CacheEntry> patient = caller(CacheMode.DEFAULT);
        awaitWaiting(waiter);
        awaitWaiting(patient);
        waiter.interrupt();
        waiter.join();
        assertThat(waiter.error)
                .isInstanceOf(OperationInterruptedException.class)
                .hasMessageContaining(EXPRESS.toString());
        assertThat(waiter.interruptedAfter).isTrue();
        go.countDown();
        leader.join();
        patient.join();
        assertThat(leader.result).isNotNull();
        assertThat(patient.result).isNotNull();
        assertThat(loads).hasValue(1);
    }

    @Test
    void fetch_loaderFails_allWhoWaitGetItsErrorAndTheNextCallTriesAgain() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        IllegalArgumentException error = new IllegalArgumentException("404 for everybody");
        Loader failing = stored -> {
            try {
                go.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            throw error;
        };
        Caller<CacheEntry> leader = new Caller<>(() -> cache.fetch(EXPRESS, CacheMode.DEFAULT, failing));
        awaitWaiting(leader);
        Caller<CacheEntry> waiter = new Caller<>(() -> cache.fetch(EXPRESS, CacheMode.DEFAULT, failing));
        awaitWaiting(waiter);
        go.countDown();
        leader.join();
        waiter.join();
        assertThat(leader.error).isSameAs(error);
        assertThat(waiter.error).isSameAs(error);
        assertThat(cache.fetch(EXPRESS, CacheMode.DEFAULT, stored -> value(cache.receiver(), "{}"))
                        .json())
                .isEmpty();
    }

    @Test
    void fetch_reloadDuringARevalidation_loadsOnItsOwnAfterwards() throws Exception {
        Caller<CacheEntry> leader = caller(CacheMode.DEFAULT);
        CountDownLatch first = loading.take();
        Caller<CacheEntry> reload = caller(CacheMode.RELOAD);
        awaitWaiting(reload);
        first.countDown();
        leader.join();
        loading.take().countDown();
        reload.join();
        assertThat(leader.result.json().path("v").asInt()).isEqualTo(1);
        assertThat(reload.result.json().path("v").asInt()).isEqualTo(2);
    }

    @Test
    void fetch_loaderThatFetchesItsOwnKey_failsInsteadOfHanging() {
        assertThatThrownBy(() -> cache.fetch(EXPRESS, CacheMode.DEFAULT, stored -> {
                    cache.fetch(EXPRESS, CacheMode.DEFAULT, slow);
                    throw new AssertionError();
                }))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining(EXPRESS.toString());
    }

    /** Every caller that arrives after a load has ended must find its result, so no key is ever loaded twice. */
    @Test
    void fetch_hammered_neverLoadsAKeyTwice() throws Exception {
        int keys = 300;
        AtomicInteger[] counts = new AtomicInteger[keys];
        for (int i = 0; i < keys; i++) {
            counts[i] = new AtomicInteger();
        }
        List<Caller<Boolean>> callers = new ArrayList<>();
        for (int t = 0; t < 8; t++) {
            callers.add(new Caller<>(() -> {
                for (int i = 0; i < keys; i++) {
                    int number = i;
                    cache.fetch(CacheKey.packument(REGISTRY, "p" + i), CacheMode.DEFAULT, stored -> {
                        counts[number].incrementAndGet();
                        return value(cache.receiver(), "{\"v\":1}", "Cache-Control", "max-age=1000");
                    });
                }
                return true;
            }));
        }
        for (Caller<Boolean> caller : callers) {
            caller.join();
            assertThat(caller.error).isNull();
        }
        assertThat(counts).allSatisfy(count -> assertThat(count).hasValue(1));
    }

    // ---- futures

    @Test
    void fetchAsync_completes() throws Exception {
        CompletableFuture<CacheEntry> future = cache.fetchAsync(EXPRESS, CacheMode.DEFAULT, slow);
        loading.take().countDown();
        assertThat(future.get().json().path("v").asInt()).isEqualTo(1);
        assertThatThrownBy(() -> cache.fetchAsync(CacheKey.packument(REGISTRY, "x"), CacheMode.ONLY_IF_CACHED, slow)
                        .join())
                .isInstanceOf(CompletionException.class)
                .hasCauseInstanceOf(NotCachedException.class);
    }

    @Test
    void fetchAsync_cancelled_interruptsTheLoad() throws Exception {
        AtomicBoolean interrupted = new AtomicBoolean();
        CountDownLatch ended = new CountDownLatch(1);
        CompletableFuture<CacheEntry> future = cache.fetchAsync(EXPRESS, CacheMode.DEFAULT, stored -> {
            try {
                return slow.load(stored);
            } finally {
                interrupted.set(Thread.currentThread().isInterrupted());
                ended.countDown();
            }
        });
        loading.take();
        assertThat(future.cancel(true)).isTrue();
        ended.await();
        assertThat(interrupted).isTrue();
        assertThatThrownBy(future::get).isInstanceOf(CancellationException.class);
        Caller<CacheEntry> next = caller(CacheMode.DEFAULT);
        loading.take().countDown();
        next.join();
        assertThat(next.result).isNotNull();
    }

    @Test
    void fetchAsync_oneOfTwoCancelled_theOtherGetsItsEntry() throws Exception {
        CompletableFuture<CacheEntry> first = cache.fetchAsync(EXPRESS, CacheMode.DEFAULT, slow);
        loading.take();
        Caller<CacheEntry> second = caller(CacheMode.DEFAULT);
        awaitWaiting(second);
        first.cancel(true);
        loading.take().countDown();
        second.join();
        assertThat(second.result.json().path("v").asInt()).isEqualTo(2);
    }

    @Test
    void fetchAsync_cancelledBeforeItRuns_neverLoads() {
        List<Runnable> queued = new ArrayList<>();
        try (Cache queueing = Cache.builder().executor(queued::add).build()) {
            CompletableFuture<CacheEntry> future = queueing.fetchAsync(EXPRESS, CacheMode.DEFAULT, slow);
            future.cancel(false);
            queued.forEach(Runnable::run);
            assertThat(loads).hasValue(0);
            assertThat(Thread.interrupted()).isFalse();
        }
    }

    @Test
    void fetchAsync_whoseExecutorRefuses_fails() {
        try (Cache refused = Cache.builder()
                .executor(task -> {
                    throw new RejectedExecutionException("full");
                })
                .build()) {
            assertThat(refused.fetchAsync(EXPRESS, CacheMode.DEFAULT, slow))
                    .failsWithin(0, TimeUnit.SECONDS)
                    .withThrowableThat()
                    .havingCause()
                    .withMessage("full");
        }
    }

    @Test
    void close_withMoreFuturesThanThreads_endsThemAll() throws Exception {
        List<CompletableFuture<CacheEntry>> futures = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            futures.add(cache.fetchAsync(CacheKey.packument(REGISTRY, "p" + i), CacheMode.DEFAULT, slow));
        }
        loading.take();
        cache.close();
        List<String> errors = new ArrayList<>();
        for (CompletableFuture<CacheEntry> future : futures) {
            errors.add(future.handle((entry, error) -> String.valueOf(error.getMessage()))
                    .get());
        }
        assertThat(errors)
                .contains("The cache is closed.")
                .allMatch(error -> error.matches("The cache is closed.|load \\d+ cancelled"));
    }

    @Test
    void close_duringARefresh_endsIt() throws Exception {
        cache.fetch(
                EXPRESS,
                CacheMode.DEFAULT,
                stored -> value(cache.receiver(), "{}", "Cache-Control", "max-age=0, stale-while-revalidate=1000"));
        CountDownLatch ended = new CountDownLatch(1);
        cache.fetch(EXPRESS, CacheMode.DEFAULT, stored -> {
            try {
                return slow.load(stored);
            } finally {
                ended.countDown();
            }
        });
        loading.take();
        cache.close();
        ended.await();
    }
}
