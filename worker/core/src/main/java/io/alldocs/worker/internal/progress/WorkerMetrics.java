package io.alldocs.worker.internal.progress;

import io.alldocs.cache.metrics.Metric;
import io.alldocs.http.JdkTransport;
import io.alldocs.sync.JobProgress;
import io.alldocs.worker.WorkerStatus;
import io.alldocs.worker.WorkerStatus.Counts;
import io.alldocs.worker.internal.context.WorkClients;
import io.alldocs.worker.internal.progress.SetsProgress.View;
import io.alldocs.worker.spi.QueueSizes;
import io.alldocs.worker.spi.WorkQueue;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Describes a worker, its HTTP clients, its queue and the known sets as metrics. An instance is used once. */
final class WorkerMetrics {
    private final List<Metric> metrics = new ArrayList<>();

    List<Metric> all() {
        return metrics;
    }

    private Metric add(Metric metric) {
        metrics.add(metric);
        return metric;
    }

    WorkerMetrics worker(WorkerStatus status, long lostLeases) {
        boolean running = status.state() == WorkerStatus.State.RUNNING;
        add(Metric.gauge("all_docs_worker_up", "1 while the worker leases items.", running ? 1 : 0));
        add(Metric.gauge(
                "all_docs_worker_concurrency", "Items that may be processed at the same time.", status.concurrency()));
        add(Metric.gauge("all_docs_worker_busy", "Items being processed.", status.busy()));
        add(Metric.gauge("all_docs_worker_held_items", "Leased items, those being processed included.", status.held()));
        add(Metric.gauge(
                "all_docs_worker_start_time_seconds",
                "When the worker was created, in seconds since the epoch.",
                status.startedAt().toEpochMilli() / 1000.0));
        add(Metric.counter(
                "all_docs_worker_lost_leases_total",
                "Leases that expired before the worker renewed them.",
                lostLeases));
        items(status.types());
        return this;
    }

    private void items(Map<String, Counts> types) {
        Metric items = add(Metric.counter("all_docs_worker_items_total", "Processed items, by type and outcome."));
        Metric units = add(
                Metric.counter("all_docs_worker_units_total", "Units of work, such as names or rows, in done items."));
        Metric times = add(Metric.summary(
                "all_docs_worker_item_duration_seconds", "Processing time of items that succeeded or failed."));
        types.forEach((type, counts) -> {
            items.sample(counts.done(), "type", type, "outcome", "done");
            items.sample(counts.retried(), "type", type, "outcome", "retried");
            items.sample(counts.dead(), "type", type, "outcome", "dead");
            items.sample(counts.released(), "type", type, "outcome", "released");
            units.sample(counts.units(), "type", type);
            long ended = counts.done() + counts.retried() + counts.dead();
            times.observations(ended, counts.seconds(), "type", type);
        });
    }

    WorkerMetrics http(WorkClients clients) {
        Metric requests = add(Metric.summary(
                "all_docs_http_requests_seconds",
                "Requests that ended, retries and redirects included. Status 0 is a request without a response."));
        clients.tally()
                .requests()
                .forEach((status, each) ->
                        requests.observations(each.count(), each.seconds(), "status", status.toString()));
        add(Metric.gauge(
                "all_docs_http_stuck_threads",
                "Threads of the JDK's HTTP client that hang. With three, requests are refused.",
                JdkTransport.stuckThreads()));
        add(Metric.counter(
                "all_docs_http_lost_clients_total",
                "HTTP clients of the JDK that stopped responding and were replaced.",
                JdkTransport.abandonedClients()));
        Metric pauses =
                add(Metric.gauge("all_docs_http_pause_seconds", "Remaining time of a pause that an origin requested."));
        clients.hosts()
                .forEach((origin, limiter) -> pauses.sample(limiter.pauseLeft().toMillis() / 1000.0, "origin", origin));
        return this;
    }

    WorkerMetrics queue(WorkQueue queue) {
        QueueSizes sizes = queue.sizes();
        String name = queue.options().name();
        add(Metric.gauge("all_docs_queue_items", "Items in the queue, by state."))
                .sample(sizes.waiting(), "queue", name, "state", "waiting")
                .sample(sizes.delayed(), "queue", name, "state", "delayed")
                .sample(sizes.running(), "queue", name, "state", "running")
                .sample(sizes.dead(), "queue", name, "state", "dead");
        return this;
    }

    WorkerMetrics sets(List<View> views) {
        Metric partitions = add(Metric.gauge("all_docs_set_partitions", "Partitions of a set, by stage and state."));
        Metric names =
                add(Metric.gauge("all_docs_set_names", "Names that are stored, or whose packument is, by stage."));
        Metric pending = add(Metric.gauge("all_docs_set_pending_names", "Names whose change is still to be fetched."));
        Metric complete = add(Metric.gauge(
                "all_docs_set_complete", "1 if the bootstrap of the set has ended, without dead letters."));
        Metric partial = add(Metric.gauge(
                "all_docs_set_partial", "1 if the set's job ended, and some of its items are dead letters."));
        Metric dead = add(Metric.gauge("all_docs_set_dead_items", "Items of the set's job that are dead letters."));
        Metric followed = add(Metric.gauge(
                "all_docs_set_followed_time_seconds",
                "When a set that follows its feed was last at its end, in seconds since the epoch."));
        for (View view : views) {
            String set = view.set();
            int open = view.coordinator().map(each -> each.known().dead.size()).orElse(0);
            boolean finished = view.progress().map(JobProgress::finished).isPresent();
            complete.sample(finished && open == 0 ? 1 : 0, "set", set);
            partial.sample(view.state().equals("partial") ? 1 : 0, "set", set);
            dead.sample(open, "set", set);
            view.progress().ifPresent(progress -> {
                partitions(partitions, set, "names", progress.listed(), progress.partitions());
                names.sample(progress.names(), "set", set, "stage", "names");
                if (view.packuments()) {
                    partitions(partitions, set, "packuments", progress.complete(), progress.partitions());
                    names.sample(progress.withOutcome(), "set", set, "stage", "packuments");
                }
                pending.sample(progress.retries(), "set", set);
                boolean follows = view.coordinator()
                        .filter(each -> each.known().follow && !each.ended())
                        .isPresent();
                if (follows && progress.followed() != null) {
                    followed.sample(progress.followed().toEpochMilli() / 1000.0, "set", set);
                }
            });
        }
        return this;
    }

    private static void partitions(Metric partitions, String set, String stage, int complete, int all) {
        partitions
                .sample(complete, "set", set, "stage", stage, "state", "complete")
                .sample(all - complete, "set", set, "stage", stage, "state", "pending");
    }
}
