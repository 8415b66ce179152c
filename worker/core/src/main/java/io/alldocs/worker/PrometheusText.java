package io.alldocs.worker;

import io.alldocs.http.JdkTransport;
import io.alldocs.sync.JobProgress;
import io.alldocs.worker.SetsProgress.View;
import io.alldocs.worker.WorkerStatus.Counts;
import io.alldocs.worker.spi.QueueSizes;
import io.alldocs.worker.spi.WorkQueue;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Function;

/**
 * Writes Prometheus' text format 0.0.4 (https://prometheus.io/docs/instrumenting/exposition_formats/). An instance is
 * used once.
 */
final class PrometheusText {
    private final StringBuilder text = new StringBuilder();

    PrometheusText worker(WorkerStatus status) {
        metric("all_docs_worker_up", "gauge", "1 while the worker takes items.");
        sample("all_docs_worker_up", "", status.state() == WorkerStatus.State.RUNNING ? 1 : 0);
        metric("all_docs_worker_concurrency", "gauge", "Items that may be done at the same time.");
        sample("all_docs_worker_concurrency", "", status.concurrency());
        metric("all_docs_worker_busy", "gauge", "Items being done.");
        sample("all_docs_worker_busy", "", status.busy());
        metric("all_docs_worker_start_time_seconds", "gauge", "When the worker was made, in seconds since the epoch.");
        sample("all_docs_worker_start_time_seconds", "", status.startedAt().toEpochMilli() / 1000.0);
        items(status.types());
        byType("all_docs_worker_units_total", "Units of work done: names, rows.", status.types(), Counts::units);
        byType("all_docs_worker_seconds_total", "Time spent on items.", status.types(), Counts::seconds);
        return this;
    }

    PrometheusText http(WorkClients clients) {
        metric("all_docs_worker_http_responses_total", "counter", "Answers of registries and origins, by HTTP status.");
        clients.tally()
                .byStatus()
                .forEach((status, count) ->
                        sample("all_docs_worker_http_responses_total", label("status", status.toString()), count));
        metric("all_docs_worker_http_failures_total", "counter", "Requests that got no answer.");
        sample("all_docs_worker_http_failures_total", "", clients.tally().noAnswer());
        metric("all_docs_worker_http_stuck_threads", "gauge", "Threads of the JDK's HTTP client that hang.");
        sample("all_docs_worker_http_stuck_threads", "", JdkTransport.stuckThreads());
        metric("all_docs_worker_http_lost_clients_total", "counter", "Clients of the JDK's that no longer reacted.");
        sample("all_docs_worker_http_lost_clients_total", "", JdkTransport.givenUpClients());
        metric("all_docs_worker_host_pause_seconds", "gauge", "Time left of a pause that a host requested.");
        clients.hosts()
                .forEach((host, limiter) -> sample(
                        "all_docs_worker_host_pause_seconds",
                        label("host", host),
                        limiter.pauseLeft().toMillis() / 1000.0));
        return this;
    }

    PrometheusText queue(WorkQueue queue) {
        QueueSizes sizes = queue.sizes();
        metric("all_docs_queue_items", "gauge", "Items in the queue, by state.");
        Map<String, Long> states = Map.of(
                "waiting",
                sizes.waiting(),
                "delayed",
                sizes.delayed(),
                "running",
                sizes.running(),
                "dead",
                sizes.dead());
        states.forEach((state, count) -> sample(
                "all_docs_queue_items", label("queue", queue.options().name()) + "," + label("state", state), count));
        return this;
    }

    PrometheusText sets(List<View> views) {
        gauge(views, "all_docs_set_partitions", "Partitions of a set, by stage and state.", (view, progress) -> {
            partitions(view.set(), "names", progress.listed(), progress.partitions());
            if (view.packuments()) {
                partitions(view.set(), "packuments", progress.complete(), progress.partitions());
            }
        });
        gauge(views, "all_docs_set_rows", "Names that are stored, or whose packument is.", (view, progress) -> {
            sample("all_docs_set_rows", labels(view.set(), "names"), progress.names());
            if (view.packuments()) {
                sample("all_docs_set_rows", labels(view.set(), "packuments"), progress.withOutcome());
            }
        });
        gauge(
                views,
                "all_docs_set_retries",
                "Names whose change is still to be fetched.",
                (view, progress) -> sample("all_docs_set_retries", label("set", view.set()), progress.retries()));
        return this;
    }

    private void gauge(List<View> views, String name, String help, BiConsumer<View, JobProgress> each) {
        metric(name, "gauge", help);
        views.forEach(view -> view.progress().ifPresent(progress -> each.accept(view, progress)));
    }

    private void partitions(String set, String stage, int complete, int all) {
        String name = "all_docs_set_partitions";
        sample(name, labels(set, stage) + "," + label("state", "complete"), complete);
        sample(name, labels(set, stage) + "," + label("state", "pending"), all - complete);
    }

    private static String labels(String set, String stage) {
        return label("set", set) + "," + label("stage", stage);
    }

    private void items(Map<String, Counts> types) {
        String name = "all_docs_worker_items_total";
        metric(name, "counter", "Items by type and what became of them.");
        types.forEach((type, counts) -> Map.of(
                        "done", counts.done(),
                        "retried", counts.retried(),
                        "given_up", counts.givenUp(),
                        "handed_back", counts.handedBack())
                .forEach((action, count) -> sample(name, label("type", type) + "," + label("outcome", action), count)));
    }

    private void byType(String name, String help, Map<String, Counts> types, Function<Counts, Number> value) {
        metric(name, "counter", help);
        types.forEach((type, counts) -> sample(name, label("type", type), value.apply(counts)));
    }

    private void metric(String name, String type, String help) {
        text.append("# HELP ").append(name).append(' ').append(help).append('\n');
        text.append("# TYPE ").append(name).append(' ').append(type).append('\n');
    }

    private void sample(String name, String labels, Number value) {
        text.append(name);
        if (!labels.isEmpty()) {
            text.append('{').append(labels).append('}');
        }
        String number =
                value instanceof Double decimal ? String.format(Locale.ROOT, "%.3f", decimal) : value.toString();
        text.append(' ').append(number).append('\n');
    }

    private static String label(String name, String value) {
        String escaped = value.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
        return name + "=\"" + escaped + "\"";
    }

    @Override
    public String toString() {
        return text.toString();
    }
}
