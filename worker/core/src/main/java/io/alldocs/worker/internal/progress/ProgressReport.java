package io.alldocs.worker.internal.progress;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.alldocs.cache.metrics.Metric;
import io.alldocs.worker.WorkerStatus;
import io.alldocs.worker.internal.context.ItemContext;
import io.alldocs.worker.spi.QueueSizes;
import java.util.List;
import java.util.Locale;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;

/** Reports the state of a worker, its queue and the known partition sets, as JSON and as metrics. */
public final class ProgressReport {
    private final Supplier<WorkerStatus> worker;
    private final LongSupplier lostLeases;
    private final ToLongFunction<String> running;
    private final ItemContext context;
    private final WorkerFacts facts;
    private final SetsProgress sets;

    /**
     * @param lostLeases counts the leases that expired before they were renewed
     * @param running returns how many names this worker's unfinished batches of a job have fetched, by the job's id
     */
    public ProgressReport(
            Supplier<WorkerStatus> worker,
            LongSupplier lostLeases,
            ToLongFunction<String> running,
            ItemContext context) {
        this.worker = worker;
        this.lostLeases = lostLeases;
        this.running = running;
        this.context = context;
        this.facts = new WorkerFacts(context);
        this.sets = new SetsProgress(context);
    }

    public ObjectNode toJson() {
        WorkerStatus status = worker.get();
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("now", context.clock().millis());
        ObjectNode process = worker(status);
        facts.process(process);
        json.set("worker", process);
        facts.job(json.putObject("job"));
        WorkerFacts.memory(json.putObject("memory"));
        facts.http(json.putObject("http"));
        json.set("queue", queue());
        ObjectNode types = json.putObject("types");
        status.types()
                .forEach((type, counts) -> types.putObject(type)
                        .put("done", counts.done())
                        .put("retried", counts.retried())
                        .put("dead", counts.dead())
                        .put("released", counts.released())
                        .put("units", counts.units())
                        .put("seconds", counts.seconds()));
        ObjectNode rates = json.putObject("rates");
        numbers(rates.putArray("donePerSecond"), status.donePerSecond());
        numbers(rates.putArray("unitsPerSecond"), status.unitsPerSecond());
        ArrayNode views = json.putArray("sets");
        sets.look().forEach(view -> views.add(view.toJson(running.applyAsLong(view.job()))));
        ArrayNode errors = json.putArray("errors");
        status.errors()
                .forEach(error -> errors.addObject()
                        .put("at", error.at().toEpochMilli())
                        .put("type", error.type())
                        .put("id", error.id())
                        .put("attempt", error.attempt())
                        .put("reason", error.reason()));
        return json;
    }

    private static void numbers(ArrayNode array, List<Long> numbers) {
        numbers.forEach(array::add);
    }

    private static ObjectNode worker(WorkerStatus status) {
        ObjectNode json = JsonNodeFactory.instance
                .objectNode()
                .put("state", status.state().name().toLowerCase(Locale.ROOT))
                .put("startedAt", status.startedAt().toEpochMilli())
                .put("concurrency", status.concurrency())
                .put("busy", status.busy())
                .put("held", status.held());
        status.failure().ifPresent(failure -> json.put("failure", failure));
        return json;
    }

    private ObjectNode queue() {
        QueueSizes sizes = context.queue().sizes();
        return JsonNodeFactory.instance
                .objectNode()
                .put("driver", context.queue().name())
                .put("name", context.queue().options().name())
                .put("waiting", sizes.waiting())
                .put("delayed", sizes.delayed())
                .put("running", sizes.running())
                .put("dead", sizes.dead());
    }

    public List<Metric> metrics() {
        return new WorkerMetrics()
                .worker(worker.get(), lostLeases.getAsLong())
                .http(context.clients())
                .queue(context.queue())
                .sets(sets.look())
                .all();
    }
}
