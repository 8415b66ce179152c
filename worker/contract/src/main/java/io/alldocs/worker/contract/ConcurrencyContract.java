package io.alldocs.worker.contract;

import static io.alldocs.worker.contract.QueueHarness.ITEMS;
import static io.alldocs.worker.contract.QueueHarness.PATIENCE;
import static io.alldocs.worker.contract.QueueHarness.THREADS;
import static io.alldocs.worker.contract.QueueHarness.item;
import static io.alldocs.worker.contract.QueueHarness.items;
import static org.assertj.core.api.Assertions.assertThat;

import io.alldocs.worker.WorkItem;
import io.alldocs.worker.spi.Lease;
import io.alldocs.worker.spi.QueueSizes;
import io.alldocs.worker.spi.Settlement;
import io.alldocs.worker.spi.Settlement.Done;
import io.alldocs.worker.spi.WorkQueue;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Many threads on several handles process each item once. */
interface ConcurrencyContract extends ContractPart {

    @Test
    default void manyThreads_onTwoHandles_doEachItemOnce() throws Exception {
        List<WorkQueue> handles = List.of(queue(), harness().another(queue()));
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
        assertThat(queue().sizes()).isEqualTo(new QueueSizes(0, 0, 0, 0));
    }

    @Test
    default void manyThreads_addingTheSameIds_addEachOnce() throws Exception {
        List<WorkQueue> handles = List.of(queue(), harness().another(queue()));
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
        assertThat(queue().size()).isEqualTo(200);
    }
}
