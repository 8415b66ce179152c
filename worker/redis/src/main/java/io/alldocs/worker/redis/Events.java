package io.alldocs.worker.redis;

import io.lettuce.core.pubsub.RedisPubSubAdapter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor.DiscardPolicy;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * Events of a queue's channel: {@code wake} when items may be available, {@code idle} when no work is left,
 * {@code pause end left} when a pause began. After a reconnect it compensates for missed events: it wakes all waiting
 * threads, and looks up a pause in force.
 */
final class Events extends RedisPubSubAdapter<byte[], byte[]> implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(RedisWorkQueue.class.getName());

    private final Server server;

    /**
     * Runs listeners and calls, which would block Lettuce's own threads. Tasks submitted after shutdown are dropped.
     */
    private final ExecutorService thread = new ThreadPoolExecutor(
            1, 1, 0, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), Events::newThread, new DiscardPolicy());

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition happened = lock.newCondition();
    private final List<Consumer<Duration>> pauseListeners = new CopyOnWriteArrayList<>();

    /** Number of events so far after which the queue should be polled. */
    private long occasions;

    /** Number of events so far after which the queue may be idle. */
    private long timesIdle;

    /** End of the last reported pause, by the server's clock. */
    private long toldPauseEnd;

    Events(Server server) {
        this.server = server;
    }

    private static Thread newThread(Runnable task) {
        Thread made = new Thread(task, "all-docs-queue-events");
        made.setDaemon(true);
        return made;
    }

    /** Returns the current count, to pass to {@link #await}. */
    long occasions() {
        lock.lock();
        try {
            return occasions;
        } finally {
            lock.unlock();
        }
    }

    /** Returns the current count, to pass to {@link #awaitIdle}. */
    long timesIdle() {
        lock.lock();
        try {
            return timesIdle;
        } finally {
            lock.unlock();
        }
    }

    /** Waits until the count of {@link #occasions} exceeds {@code seen}, or the time has elapsed. */
    void await(long seen, long nanos) throws InterruptedException {
        await(() -> occasions == seen, nanos);
    }

    /** Waits until the count of {@link #timesIdle} exceeds {@code seen}, or the time has elapsed. */
    void awaitIdle(long seen, long nanos) throws InterruptedException {
        await(() -> timesIdle == seen, nanos);
    }

    private void await(BooleanSupplier nothingHappened, long nanos) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            for (long left = nanos; nothingHappened.getAsBoolean() && left > 0; ) {
                left = happened.awaitNanos(left);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Wakes all waiting threads, which then poll the queue. */
    private void wakeAll() {
        lock.lock();
        try {
            occasions++;
            timesIdle++;
            happened.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void wake(boolean idle) {
        lock.lock();
        try {
            occasions += idle ? 0 : 1;
            timesIdle += idle ? 1 : 0;
            happened.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Adds a listener, and notifies it of a pause in force. */
    void onPause(Consumer<Duration> listener) {
        pauseListeners.add(listener);
        long left =
                (Long) server.call("look for a pause", Script.PAUSED, List.of()).get(1);
        if (left > 0) {
            thread.execute(() -> tell(listener, Duration.ofMillis(left)));
        }
    }

    @Override
    public void subscribed(byte[] channel, long count) {
        wakeAll();
        thread.execute(this::lookForPause);
    }

    private void lookForPause() {
        try {
            List<Object> pause = server.call("look for a pause", Script.PAUSED, List.of());
            paused((Long) pause.get(0), (Long) pause.get(1));
        } catch (RuntimeException e) {
            if (!server.isClosed()) {
                LOG.log(System.Logger.Level.WARNING, e.getMessage());
            }
        }
    }

    @Override
    public void message(byte[] channel, byte[] message) {
        String[] words = new String(message, StandardCharsets.US_ASCII).split(" ", -1);
        if (words.length == 3 && words[0].equals("pause")) {
            paused(Long.parseLong(words[1]), Long.parseLong(words[2]));
        } else {
            wake(words[0].equals("idle"));
        }
    }

    private void paused(long end, long left) {
        lock.lock();
        try {
            if (left <= 0 || end <= toldPauseEnd) {
                return;
            }
            toldPauseEnd = end;
        } finally {
            lock.unlock();
        }
        long since = System.nanoTime();
        for (Consumer<Duration> listener : pauseListeners) {
            thread.execute(() -> {
                long late = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - since);
                tell(listener, Duration.ofMillis(Math.max(0, left - late)));
            });
        }
    }

    private static void tell(Consumer<Duration> listener, Duration left) {
        try {
            listener.accept(left);
        } catch (RuntimeException e) {
            LOG.log(System.Logger.Level.WARNING, "A pause listener threw an exception", e);
        }
    }

    /** Wakes all waiting threads, which then see that the queue is closed. */
    @Override
    public void close() {
        thread.shutdown();
        wakeAll();
    }
}
