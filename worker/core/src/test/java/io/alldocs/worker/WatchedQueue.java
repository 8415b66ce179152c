package io.alldocs.worker;

import io.alldocs.worker.spi.DeadLetter;
import io.alldocs.worker.spi.Lease;
import io.alldocs.worker.spi.QueueException;
import io.alldocs.worker.spi.QueueOptions;
import io.alldocs.worker.spi.QueueSizes;
import io.alldocs.worker.spi.Settlement;
import io.alldocs.worker.spi.WorkQueue;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** A queue that counts its calls and whose server can be unreachable. */
final class WatchedQueue implements WorkQueue {
    private final WorkQueue queue;
    private final Map<String, AtomicInteger> calls = new ConcurrentHashMap<>();
    private final Map<String, AtomicInteger> failures = new ConcurrentHashMap<>();
    final List<Duration> pauses = new CopyOnWriteArrayList<>();
    private volatile boolean retryable = true;
    private volatile String deadly = "";

    WatchedQueue(WorkQueue queue) {
        this.queue = queue;
    }

    int calls(String method) {
        return calls.computeIfAbsent(method, m -> new AtomicInteger()).get();
    }

    /** Makes the next {@code times} calls of a method fail. */
    void fail(String method, int times, boolean mayBeTriedAgain) {
        retryable = mayBeTriedAgain;
        failures.put(method, new AtomicInteger(times));
    }

    /** Makes the next calls of a method end with an OutOfMemoryError. */
    void runOutOfMemoryIn(String method) {
        deadly = method;
    }

    private void called(String method) {
        if (method.equals(deadly)) {
            throw new OutOfMemoryError("of the test's queue");
        }
        calls.computeIfAbsent(method, m -> new AtomicInteger()).incrementAndGet();
        AtomicInteger left = failures.get(method);
        if (left != null && left.getAndDecrement() > 0) {
            throw new QueueException("Cannot " + method + " in the test's queue: it is away", retryable, null);
        }
    }

    @Override
    public String name() {
        return queue.name();
    }

    @Override
    public QueueOptions options() {
        return queue.options();
    }

    @Override
    public int enqueue(Collection<WorkItem> items, Duration delay) {
        called("enqueue");
        return queue.enqueue(items, delay);
    }

    @Override
    public List<Lease> reserve(int max, Duration wait) throws InterruptedException {
        called("reserve");
        return queue.reserve(max, wait);
    }

    @Override
    public List<Lease> settle(Collection<? extends Settlement> settlements) {
        called("settle");
        return queue.settle(settlements);
    }

    @Override
    public List<Lease> renew(Collection<Lease> leases) {
        called("renew");
        return queue.renew(leases);
    }

    @Override
    public void pause(Duration length) {
        pauses.add(length);
        queue.pause(length);
    }

    @Override
    public void onPause(Consumer<Duration> listener) {
        queue.onPause(listener);
    }

    @Override
    public QueueSizes sizes() {
        called("sizes");
        return queue.sizes();
    }

    @Override
    public boolean awaitIdle(Duration wait) throws InterruptedException {
        called("awaitIdle");
        return queue.awaitIdle(wait);
    }

    @Override
    public Stream<DeadLetter> deadLetters() {
        return queue.deadLetters();
    }

    @Override
    public int retryDead(Collection<String> ids) {
        return queue.retryDead(ids);
    }

    @Override
    public int discardDead(Collection<String> ids) {
        return queue.discardDead(ids);
    }

    @Override
    public void close() {
        queue.close();
    }
}
