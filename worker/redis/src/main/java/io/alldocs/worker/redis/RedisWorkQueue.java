package io.alldocs.worker.redis;

import io.alldocs.worker.WorkItem;
import io.alldocs.worker.spi.DeadLetter;
import io.alldocs.worker.spi.Lease;
import io.alldocs.worker.spi.QueueException;
import io.alldocs.worker.spi.QueueOptions;
import io.alldocs.worker.spi.QueueSizes;
import io.alldocs.worker.spi.QueueSupport;
import io.alldocs.worker.spi.Settlement;
import io.alldocs.worker.spi.WorkQueue;
import io.lettuce.core.RedisURI;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * A queue on a Redis server or cluster, for any number of workers. The driver name is {@code redis}. The package
 * description documents its data structures.
 *
 * <ul>
 * <li>Each change is one script, which Redis runs atomically. Only Redis' clock is used. {@link #settleAndReserve}
 * needs one round trip for up to 500 items of up to 8 MiB in total. All threads share one connection.
 * <li>A waiting worker is woken when an item is added, and polls when an item becomes due.
 * <li>A lost connection is re-established. A call waits for it up to the timeout, then throws a {@link QueueException}
 * that is {@link QueueException#retryable() retryable}. Requests without a response are sent again, and may be executed
 * twice. No item is added twice because of that. However, added items may be counted as not added, and settled leases
 * may be reported as skipped. Items may also be leased to no worker until their leases expire.
 * <li>An interrupt ends {@link #reserve} while it waits. Other calls continue until the response arrives or the timeout
 * elapses, because the server may already have executed them.
 * </ul>
 */
public final class RedisWorkQueue implements WorkQueue {
    /** The name in {@code QUEUE_DRIVER}. */
    public static final String NAME = "redis";

    /**
     * Maximum items of one script. A script of this size runs for about a millisecond, during which the server does
     * nothing else.
     */
    private static final int BATCH = 500;

    private static final long LONGEST_SILENCE_NANOS = TimeUnit.SECONDS.toNanos(5);

    private static final String FIRST_PLACE = "0";

    private final QueueOptions options;
    private final Server server;
    private final Events events;
    private final Tokens tokens = new Tokens();
    private final AtomicBoolean closed = new AtomicBoolean();

    RedisWorkQueue(QueueOptions options, Server server) {
        this.options = options;
        this.server = server;
        this.events = new Events(server);
    }

    /**
     * Returns a builder for a queue on the server at {@code url}: {@code redis://user:password@host:port/database}, or
     * {@code rediss://…} for TLS. Other formats of Lettuce's {@link RedisURI} are accepted too. A cluster is detected
     * automatically.
     *
     * @throws IllegalArgumentException if the URL is not valid; neither message nor cause contains it
     */
    public static RedisWorkQueueBuilder builder(String url) {
        return new RedisWorkQueueBuilder(url);
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public QueueOptions options() {
        return options;
    }

    @Override
    public int enqueue(Collection<WorkItem> items, Duration delay) {
        requireOpen();
        QueueSupport.requireNotNegative("delay", delay);
        int added = 0;
        for (Additions additions : Additions.of(items)) {
            added += count("add items", Script.ENQUEUE, additions.args(millis(delay)));
        }
        return added;
    }

    @Override
    public List<Lease> reserve(int max, Duration wait) throws InterruptedException {
        QueueSupport.requireCount(max);
        QueueSupport.requireNotNegative("wait", wait);
        long start = System.nanoTime();
        while (true) {
            requireOpen();
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            long occasions = events.occasions();
            Step step = step(List.of(), max);
            if (!step.leases().isEmpty()) {
                return step.leases();
            }
            long left = TimeUnit.NANOSECONDS.convert(wait) - (System.nanoTime() - start);
            if (left <= 0) {
                return List.of();
            }
            events.await(occasions, Math.min(left, step.idleNanos()));
        }
    }

    @Override
    public List<Lease> settle(Collection<? extends Settlement> settlements) {
        requireOpen();
        return step(settlements, 0).passedOver();
    }

    @Override
    public List<Lease> settleAndReserve(Collection<? extends Settlement> settlements, int max) {
        requireOpen();
        return step(settlements, max).leases();
    }

    /** Settles and reserves, in one round trip unless there is more than a batch of either. */
    private Step step(Collection<? extends Settlement> settlements, int max) {
        Step step = new Step();
        List<Settlement> open = step.withoutRepeats(settlements);
        int settled = 0;
        boolean more = max > 0 || !open.isEmpty();
        while (more) {
            Settlements batch = new Settlements(options, open.subList(settled, Math.min(settled + BATCH, open.size())));
            settled += batch.size();
            int wanted = settled < open.size()
                    ? 0
                    : Math.min(BATCH, max - step.leases().size());
            int taken;
            try {
                taken = run(batch, wanted, step);
            } catch (QueueException e) {
                if (step.leases().isEmpty()) {
                    throw e;
                }
                return step; // the caller owns the leases that were already reserved
            }
            more = settled < open.size() || (taken == wanted && step.leases().size() < max);
        }
        return step;
    }

    /** Runs the script; returns how many items were reserved. */
    private int run(Settlements batch, int wanted, Step step) {
        String token = tokens.next();
        List<byte[]> args = new ArrayList<>(List.of(
                number(wanted),
                StoredItem.ascii(token),
                number(millis(options.lease())),
                number(millis(options.interval())),
                number(options.intervalCap()),
                number(options.maxLostLeases())));
        args.addAll(batch.args());
        String attempt = wanted == 0 ? "settle items" : "reserve items";
        List<Object> answer = server.call(attempt, Script.STEP, args);
        try {
            return step.add(answer, batch, token);
        } catch (IOException e) {
            throw server.failures()
                    .failed(attempt, "it contains a value that is not an item; " + e.getMessage(), false, e);
        }
    }

    @Override
    public List<Lease> renew(Collection<Lease> leases) {
        requireOpen();
        return QueueSupport.batches(leases, BATCH)
                .flatMap(batch -> renewBatch(batch).stream())
                .toList();
    }

    private List<Lease> renewBatch(List<Lease> batch) {
        List<byte[]> args = new ArrayList<>(List.of(number(millis(options.lease()))));
        batch.forEach(lease -> args.add(Settlements.member(lease)));
        return server.call("renew leases", Script.RENEW, args).stream()
                .map(number -> batch.get(((Long) number).intValue() - 1))
                .toList();
    }

    @Override
    public void pause(Duration length) {
        requireOpen();
        QueueSupport.requireNotNegative("pause", length);
        server.call("pause", Script.PAUSE, List.of(number(millis(length))));
    }

    /** {@inheritDoc} A pause that is already in force is reported too. */
    @Override
    public void onPause(Consumer<Duration> listener) {
        requireOpen();
        events.onPause(listener);
    }

    @Override
    public QueueSizes sizes() {
        requireOpen();
        List<Object> sizes = server.call("count items", Script.SIZES, List.of());
        return new QueueSizes((Long) sizes.get(0), (Long) sizes.get(1), (Long) sizes.get(2), (Long) sizes.get(3));
    }

    /** {@inheritDoc} Waits for an event of the server, and also polls every five seconds in case an event is lost. */
    @Override
    public boolean awaitIdle(Duration wait) throws InterruptedException {
        long start = System.nanoTime();
        while (true) {
            long timesIdle = events.timesIdle();
            if (size() == 0) {
                return true;
            }
            long left = TimeUnit.NANOSECONDS.convert(wait) - (System.nanoTime() - start);
            if (left <= 0) {
                return false;
            }
            events.awaitIdle(timesIdle, Math.min(left, LONGEST_SILENCE_NANOS));
        }
    }

    @Override
    public Stream<DeadLetter> deadLetters() {
        requireOpen();
        return Stream.iterate(letters(FIRST_PLACE), page -> !page.letters.isEmpty(), page -> letters(page.last))
                .flatMap(page -> page.letters.stream());
    }

    /** @param last position after which the next page begins */
    private record Page(List<DeadLetter> letters, String last) {}

    private Page letters(String after) {
        List<Object> answer =
                server.call("list dead letters", Script.LETTERS, List.of(StoredItem.ascii(after), number(BATCH)));
        List<?> ids = (List<?>) answer.get(0);
        List<?> found = (List<?>) answer.get(1);
        List<DeadLetter> letters = new ArrayList<>();
        String last = after;
        try {
            for (int i = 0; i < found.size(); i++) {
                letters.add(StoredItem.readDeadLetter(StoredItem.text(ids.get(2 * i)), (byte[]) found.get(i)));
                last = StoredItem.text(ids.get(2 * i + 1));
            }
        } catch (IOException e) {
            throw server.failures()
                    .failed(
                            "list dead letters",
                            "it contains a value that is not a dead letter; " + e.getMessage(),
                            false,
                            e);
        }
        return new Page(letters, last);
    }

    @Override
    public int retryDead(Collection<String> ids) {
        return eachBatch("retry dead letters", Script.RETRY, ids);
    }

    @Override
    public int discardDead(Collection<String> ids) {
        return eachBatch("discard dead letters", Script.DISCARD, ids);
    }

    private int eachBatch(String attempt, Script script, Collection<String> ids) {
        requireOpen();
        return QueueSupport.batches(ids, BATCH)
                .mapToInt(batch -> count(
                        attempt,
                        script,
                        batch.stream()
                                .map(id -> id.getBytes(StandardCharsets.UTF_8))
                                .toList()))
                .sum();
    }

    private int count(String attempt, Script script, List<byte[]> args) {
        return ((Long) server.call(attempt, script, args).get(0)).intValue();
    }

    private void requireOpen() {
        if (closed.get()) {
            throw new IllegalStateException("The queue " + options.name() + " is closed.");
        }
    }

    /**
     * Returns the length in milliseconds, rounded up and capped at some thousand years. Its sum with the current time
     * is then exact in a double.
     */
    static long millis(Duration length) {
        Duration longest = Duration.ofDays(1_000_000);
        return (length.compareTo(longest) > 0 ? longest : length.plusNanos(999_999)).toMillis();
    }

    private static byte[] number(long value) {
        return StoredItem.ascii(Long.toString(value));
    }

    /** Subscribes to the events of the server. */
    void start() {
        server.subscribe(events);
    }

    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            server.close();
            events.close();
        }
    }
}
