package io.alldocs.worker.cloudflare;

import io.alldocs.OperationInterruptedException;
import io.alldocs.http.BaseHttpClient;
import io.alldocs.http.Credentials;
import io.alldocs.http.HostLimiters;
import io.alldocs.http.HttpTransport;
import io.alldocs.http.HttpTransports;
import io.alldocs.http.RequestException;
import io.alldocs.http.RetryPolicy;
import io.alldocs.http.Timeouts;
import io.alldocs.http.TransportOptions;
import io.alldocs.worker.WorkItem;
import io.alldocs.worker.spi.DeadLetter;
import io.alldocs.worker.spi.Lease;
import io.alldocs.worker.spi.QueueException;
import io.alldocs.worker.spi.QueueOptions;
import io.alldocs.worker.spi.QueueSizes;
import io.alldocs.worker.spi.QueueSupport;
import io.alldocs.worker.spi.Settlement;
import io.alldocs.worker.spi.WorkQueue;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * A queue in a Cloudflare Durable Object, accessed through the Worker {@code queue.js} of this artifact; see the
 * package description. The queue name is {@code durable-object}.
 *
 * <ul>
 * <li>One object stores the items, in SQLite. A call returns only after its change is on several disks. All times are
 * those of the object's clock.
 * <li>A call, including {@link #settleAndReserve}, is one request for up to 1,000 items. The object holds a waiting
 * request until an item is available, for at most 20 seconds; the client then sends another one. Requests that fail in
 * transit are retried, and are idempotent.
 * <li>{@link #sizes} reads as many rows as there are items, and {@link #onPause} keeps a second request open. Both have
 * a small cost.
 * </ul>
 *
 * Safe for concurrent use.
 */
public final class DurableObjectQueue implements WorkQueue {
    private static final Logger LOG = System.getLogger(DurableObjectQueue.class.getName());

    private static final Duration LONGEST = Duration.ofDays(365);

    private final QueueOptions options;
    private final String description;
    private final HttpTransport transport;
    private final BaseHttpClient client;
    private final BaseHttpClient impatient;
    private final QueueApi api;
    private final PauseWatch pauses;
    private volatile boolean closed;

    DurableObjectQueue(DurableObjectQueueBuilder builder) {
        this.options = builder.options;
        String endpoint = builder.endpoint.toString().replaceFirst("/+$", "");
        this.description = "queue " + options.name() + " at " + endpoint;
        Timeouts timeouts = Timeouts.defaults();
        this.transport = HttpTransports.create(TransportOptions.builder()
                .npmConfig(builder.npmConfig)
                .connectTimeout(timeouts.connect())
                .build());
        BaseHttpClient.Builder clients = BaseHttpClient.builder()
                .transport(transport)
                .credentials(Credentials.bearer(builder.endpoint, builder.token))
                .limiters(HostLimiters.create())
                .timeouts(timeouts);
        this.client = clients.retry(new RetryPolicy(
                        builder.maxAttempts,
                        builder.firstRetryDelay,
                        RetryPolicy.defaults().maxDelay()))
                .build();
        this.impatient = clients.retry(RetryPolicy.none()).build();
        this.api = new QueueApi(new QueueRequests(client, impatient, endpoint, options));
        this.pauses = new PauseWatch(api, description);
    }

    /**
     * Returns a builder.
     *
     * @param endpoint address of the Worker
     * @param token the Worker's secret {@code QUEUE_TOKEN}
     * @throws IllegalArgumentException if the address must not receive a token ({@link Credentials#requireSafe}), or
     *     the token is empty or cannot be sent in a header
     */
    public static DurableObjectQueueBuilder builder(URI endpoint, String token) {
        return new DurableObjectQueueBuilder(endpoint, token);
    }

    @Override
    public String name() {
        return "durable-object";
    }

    @Override
    public QueueOptions options() {
        return options;
    }

    // ---- adding

    @Override
    public int enqueue(Collection<WorkItem> items, Duration delay) {
        QueueSupport.requireNotNegative("delay", delay);
        List<byte[]> bodies = items.stream().map(QueueApi::toJson).toList();
        return attempt("add items to the ", () -> api.enqueue(bodies, delay));
    }

    // ---- taking and settling

    @Override
    public List<Lease> reserve(int max, Duration wait) throws InterruptedException {
        QueueSupport.requireCount(max);
        QueueSupport.requireNotNegative("wait", wait);
        long end = System.nanoTime() + shorter(wait, LONGEST).toNanos();
        List<Lease> taken = exchange(List.of(), max, shorter(wait, QueueApi.LONGEST_WAIT));
        for (long left = end - System.nanoTime(); taken.isEmpty() && left > 0; left = end - System.nanoTime()) {
            taken = exchange(List.of(), max, shorter(Duration.ofNanos(left), QueueApi.LONGEST_WAIT));
        }
        return taken;
    }

    @Override
    public List<Lease> settle(Collection<? extends Settlement> settlements) {
        return QueueSupport.<Settlement>batches(settlements, QueueApi.MAX_ITEMS)
                .flatMap(part -> settlePart(part).passedOver().stream())
                .toList();
    }

    private QueueApi.Exchanged settlePart(List<? extends Settlement> part) {
        String request = QueueApi.newRequest();
        return attempt("settle items of the ", () -> api.exchange(request, part, 0, Duration.ZERO));
    }

    @Override
    public List<Lease> settleAndReserve(Collection<? extends Settlement> settlements, int max)
            throws InterruptedException {
        if (max == 0 || settlements.size() > QueueApi.MAX_ITEMS) {
            settle(settlements);
            return max == 0 ? List.of() : reserve(max, Duration.ZERO);
        }
        return exchange(List.copyOf(settlements), max, Duration.ZERO);
    }

    /** Sends as many requests as needed to reserve the available items. */
    private List<Lease> exchange(List<? extends Settlement> settlements, int max, Duration wait)
            throws InterruptedException {
        QueueApi.Exchanged first = exchangeOnce(settlements, Math.min(max, QueueApi.MAX_ITEMS), wait);
        List<Lease> taken = new ArrayList<>(first.leases());
        boolean more = first.more();
        while (more && taken.size() < max) {
            try {
                QueueApi.Exchanged next =
                        exchangeOnce(List.of(), Math.min(max - taken.size(), QueueApi.MAX_ITEMS), Duration.ZERO);
                taken.addAll(next.leases());
                more = next.more();
            } catch (QueueException e) {
                LOG.log(Level.DEBUG, "Only some of the items were reserved: {0}", e.getMessage());
                return taken; // the caller owns the leases that were already reserved
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return taken;
            }
        }
        return taken;
    }

    private QueueApi.Exchanged exchangeOnce(List<? extends Settlement> settlements, int max, Duration wait)
            throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException("Interrupted before items were reserved from the " + description);
        }
        String request = QueueApi.newRequest();
        try {
            return attempt("reserve items from the ", () -> api.exchange(request, settlements, max, wait));
        } catch (OperationInterruptedException e) {
            Thread.interrupted();
            release(request);
            throw interrupted(e);
        }
    }

    private InterruptedException interrupted(OperationInterruptedException cause) {
        InterruptedException interrupted = new InterruptedException("Interrupted while waiting for the " + description);
        interrupted.initCause(cause);
        return interrupted;
    }

    /** Returns the items that the object may have leased to an aborted request. If this fails, the leases expire. */
    private void release(String request) {
        try {
            attempt("return items to the ", () -> {
                api.cancel(request);
                return request;
            });
        } catch (QueueException | OperationInterruptedException e) {
            LOG.log(
                    Level.DEBUG,
                    "Items that were just reserved are delivered again when their leases expire: {0}",
                    e.getMessage());
        }
    }

    @Override
    public List<Lease> renew(Collection<Lease> leases) {
        return QueueSupport.batches(leases, QueueApi.MAX_ITEMS)
                .flatMap(part -> attempt("renew leases of the ", () -> api.renew(part)).stream())
                .toList();
    }

    // ---- pauses

    @Override
    public void pause(Duration length) {
        QueueSupport.requireNotNegative("pause", length);
        attempt("pause the ", () -> {
            api.pause(length);
            return length;
        });
    }

    @Override
    public void onPause(Consumer<Duration> listener) {
        requireOpen();
        pauses.add(listener);
    }

    // ---- what there is

    @Override
    public QueueSizes sizes() {
        return attempt("read the sizes of the ", api::sizes);
    }

    /**
     * {@inheritDoc} Sends a request that the object holds until no work is left, for at most 20 seconds, and repeats
     * it.
     */
    @Override
    public boolean awaitIdle(Duration wait) throws InterruptedException {
        long end = System.nanoTime() + shorter(wait, LONGEST).toNanos();
        while (true) {
            long left = Math.max(0, end - System.nanoTime());
            if (isIdle(shorter(Duration.ofNanos(left), QueueApi.LONGEST_WAIT))) {
                return true;
            }
            if (left == 0) {
                return false;
            }
        }
    }

    private boolean isIdle(Duration wait) throws InterruptedException {
        try {
            return attempt("wait for the completion of the ", () -> api.isIdle(wait));
        } catch (OperationInterruptedException e) {
            Thread.interrupted();
            throw interrupted(e);
        }
    }

    @Override
    public Stream<DeadLetter> deadLetters() {
        return Stream.iterate(deadPage(""), page -> !page.letters().isEmpty(), page -> deadPage(page.place()))
                .flatMap(page -> page.letters().stream());
    }

    private QueueApi.DeadPage deadPage(String place) {
        return attempt("list the dead letters of the ", () -> api.dead(place));
    }

    @Override
    public int retryDead(Collection<String> ids) {
        return QueueSupport.batches(ids, QueueApi.MAX_ITEMS)
                .mapToInt(part -> attempt("retry dead letters of the ", () -> api.retryDead(part)))
                .sum();
    }

    @Override
    public int discardDead(Collection<String> ids) {
        return QueueSupport.batches(ids, QueueApi.MAX_ITEMS)
                .mapToInt(part -> attempt("discard dead letters of the ", () -> api.discardDead(part)))
                .sum();
    }

    // ---- means

    private <T> T attempt(String what, Supplier<T> call) {
        requireOpen();
        try {
            return call.get();
        } catch (OperationInterruptedException e) {
            throw new OperationInterruptedException(
                    "Cannot " + what + description
                            + ": the thread was interrupted; the operation may or may not have been completed",
                    e);
        } catch (RequestException e) {
            throw Failures.of(what + description, e);
        } catch (QueueRequests.NoQueueException e) {
            throw Failures.of(what + description, e);
        }
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("The " + description + " was closed.");
        }
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }

    /** Stops watching for pauses and closes the connections; calls in progress may finish. */
    @Override
    public void close() {
        closed = true;
        pauses.close();
        client.close();
        impatient.close();
        transport.close();
    }

    /** Returns the queue and its address, without the token. */
    @Override
    public String toString() {
        return description;
    }
}
