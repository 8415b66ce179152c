package io.alldocs.micrometer;

import io.alldocs.worker.WorkItem;
import io.alldocs.worker.WorkListener;
import io.alldocs.worker.WorkResult;
import io.alldocs.worker.Worker;
import io.alldocs.worker.WorkerStatus;
import io.alldocs.worker.spi.QueueSizes;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Records the metrics of a worker. Safe for concurrent use.
 *
 * <table>
 * <caption>Meters</caption>
 * <tr><th>name</th><th>type</th><th>tags</th></tr>
 * <tr><td>{@code all.docs.worker.items}</td><td>counter</td><td>{@code type}, {@code outcome} (done, retried, dead or
 * released)</td></tr>
 * <tr><td>{@code all.docs.worker.item.duration}</td><td>timer with a histogram of items that succeeded or
 * failed</td><td>{@code type}</td></tr>
 * <tr><td>{@code all.docs.worker.units}</td><td>counter</td><td>{@code type}</td></tr>
 * <tr><td>{@code all.docs.worker.lost.leases}</td><td>counter</td><td></td></tr>
 * </table>
 *
 * <p>{@link #bind} adds the meters that are read from a worker and its queue. Clients choose the types of items. The
 * first 100 types have their own series, and all others share the tag {@code (others)}. Needs
 * {@code io.alldocs:all-docs-worker}.
 */
public final class WorkerMeters implements WorkListener {
    private static final int MAX_TYPES = 100;
    private static final String OTHERS = "(others)";
    private static final Duration SIZES_AGE = Duration.ofSeconds(1);

    private final MeterRegistry registry;
    private final Tags tags;
    private final Map<String, OfType> types = new ConcurrentHashMap<>();
    private final Counter lostLeases;

    /**
     * Registers the meters.
     *
     * @param registry where the meters are registered
     * @param tags added to each meter, such as one that names the worker
     */
    public WorkerMeters(MeterRegistry registry, Iterable<Tag> tags) {
        this.registry = registry;
        this.tags = Tags.of(tags);
        this.lostLeases = Counter.builder("all.docs.worker.lost.leases")
                .description("Leases that expired before the worker renewed them.")
                .tags(this.tags)
                .register(registry);
    }

    /**
     * Adds gauges: {@code all.docs.worker.up}, {@code all.docs.worker.busy}, {@code all.docs.worker.held.items} and
     * {@code all.docs.worker.concurrency}, and {@code all.docs.queue.items} with the tags {@code queue} and
     * {@code state} (waiting, delayed, running or dead). The sizes of the queue are requested when they are read, at
     * most once a second. The gauges hold only a weak reference to the worker.
     */
    public void bind(Worker worker) {
        gauge(
                "all.docs.worker.up",
                "1 while the worker leases items.",
                worker,
                status -> status.state() == WorkerStatus.State.RUNNING ? 1 : 0);
        gauge("all.docs.worker.busy", "Items being processed.", worker, WorkerStatus::busy);
        gauge(
                "all.docs.worker.held.items",
                "Leased items, those being processed included.",
                worker,
                WorkerStatus::held);
        gauge(
                "all.docs.worker.concurrency",
                "Items that may be processed at the same time.",
                worker,
                WorkerStatus::concurrency);
        Sizes sizes = new Sizes();
        size(worker, sizes, "waiting", QueueSizes::waiting);
        size(worker, sizes, "delayed", QueueSizes::delayed);
        size(worker, sizes, "running", QueueSizes::running);
        size(worker, sizes, "dead", QueueSizes::dead);
    }

    private void gauge(String name, String description, Worker worker, ToLongFunction<WorkerStatus> value) {
        Gauge.builder(name, worker, each -> (double) value.applyAsLong(each.status()))
                .description(description)
                .tags(tags)
                .register(registry);
    }

    private void size(Worker worker, Sizes sizes, String state, ToLongFunction<QueueSizes> value) {
        Gauge.builder("all.docs.queue.items", worker, each -> (double) value.applyAsLong(sizes.of(each)))
                .description("Items in the queue, by state.")
                .tags(tags.and("queue", worker.queue().options().name(), "state", state))
                .register(registry);
    }

    /**
     * The sizes of a queue. The four gauges of a page share one request, because the queue may be on a remote server.
     */
    private static final class Sizes {
        private final ReentrantLock lock = new ReentrantLock();
        private long readAt;
        private @Nullable QueueSizes latest;

        QueueSizes of(Worker worker) {
            lock.lock();
            try {
                QueueSizes known = latest;
                if (known == null || System.nanoTime() - readAt > SIZES_AGE.toNanos()) {
                    known = worker.queue().sizes();
                    latest = known;
                    readAt = System.nanoTime();
                }
                return known;
            } finally {
                lock.unlock();
            }
        }
    }

    @Override
    public void done(WorkItem item, WorkResult result, Duration time) {
        OfType type = of(item);
        type.done.increment();
        type.units.increment((double) result.units());
        type.duration.record(time);
    }

    @Override
    public void retried(WorkItem item, Throwable failure, Duration time) {
        OfType type = of(item);
        type.retried.increment();
        type.duration.record(time);
    }

    @Override
    public void dead(WorkItem item, Throwable failure, Duration time) {
        OfType type = of(item);
        type.dead.increment();
        type.duration.record(time);
    }

    @Override
    public void released(WorkItem item) {
        of(item).released.increment();
    }

    @Override
    public void leaseLost(WorkItem item) {
        lostLeases.increment();
    }

    private OfType of(WorkItem item) {
        OfType known = types.get(item.type());
        if (known != null) {
            return known;
        }
        String type = types.size() < MAX_TYPES ? item.type() : OTHERS;
        return types.computeIfAbsent(type, name -> new OfType(registry, tags.and("type", name)));
    }

    private static final class OfType {
        private final Counter done;
        private final Counter retried;
        private final Counter dead;
        private final Counter released;
        private final Counter units;
        private final Timer duration;

        OfType(MeterRegistry registry, Tags tags) {
            this.done = items(registry, tags, "done");
            this.retried = items(registry, tags, "retried");
            this.dead = items(registry, tags, "dead");
            this.released = items(registry, tags, "released");
            this.units = Counter.builder("all.docs.worker.units")
                    .description("Units of work, such as names or rows, in done items.")
                    .tags(tags)
                    .register(registry);
            this.duration = Timer.builder("all.docs.worker.item.duration")
                    .description("Processing time of items that succeeded or failed.")
                    .publishPercentileHistogram()
                    .minimumExpectedValue(Duration.ofMillis(1))
                    .maximumExpectedValue(Duration.ofMinutes(30))
                    .tags(tags)
                    .register(registry);
        }

        private static Counter items(MeterRegistry registry, Tags tags, String outcome) {
            return Counter.builder("all.docs.worker.items")
                    .description("Processed items, by type and outcome.")
                    .tags(tags.and("outcome", outcome))
                    .register(registry);
        }
    }
}
