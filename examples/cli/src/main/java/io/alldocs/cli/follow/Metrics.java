package io.alldocs.cli.follow;

import io.alldocs.http.JdkTransport;
import io.alldocs.sync.SyncStatus;
import java.time.Instant;
import java.util.Locale;
import java.util.OptionalLong;

/**
 * Writes a status in the text format of Prometheus, version 0.0.4
 * (<a href="https://prometheus.io/docs/instrumenting/exposition_formats/">exposition formats</a>).
 */
final class Metrics {
    static final String CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

    private final StringBuilder text = new StringBuilder();

    private Metrics() {}

    static String of(SyncStatus status, Instant now) {
        Metrics metrics = new Metrics();
        metrics.lag(status, now);
        metrics.work(status);
        return metrics.text.toString();
    }

    private void lag(SyncStatus status, Instant now) {
        for (SyncStatus.State state : SyncStatus.State.values()) {
            sample(
                    "state",
                    "{state=\"" + state.label() + "\"}",
                    "gauge",
                    "1 for what the follower is doing.",
                    status.state() == state ? "1" : "0");
        }
        number("sequence", "Position in the feed up to which changes are stored.", sequence(status.position()));
        number("origin_sequence", "Position of the origin when it was seen last.", sequence(status.origin()));
        number("lag_sequences", "Sequences between the two.", status.lagSequences());
        number("lag_rows", "Changes not dealt with, estimated where they were not read yet.", status.lagRows());
        gauge(
                "lag_seconds",
                "Seconds since the origin was first seen at a position that is not reached yet.",
                status.behind().toMillis() / 1000.0);
        Instant contact = status.contact();
        if (contact != null) {
            gauge(
                    "contact_age_seconds",
                    "Seconds since the origin answered last.",
                    Math.max(0, now.toEpochMilli() - contact.toEpochMilli()) / 1000.0);
        }
        number("owed_names", "Names whose change is still to be fetched.", OptionalLong.of(status.retries()));
        number(
                "stale_partitions",
                "Partitions that changed since their pages were stored.",
                OptionalLong.of(status.stalePartitions()));
    }

    private static OptionalLong sequence(io.alldocs.partition.@org.jspecify.annotations.Nullable Sequence sequence) {
        return sequence == null ? OptionalLong.empty() : sequence.number();
    }

    private void work(SyncStatus status) {
        var counts = status.counts();
        counter("changes_total", "Changes read from the feed.", counts.changes());
        counter("changed_names_total", "Those of names of the job.", counts.concerning());
        counter("deletions_total", "Those of them that deleted a name.", counts.deletions());
        counter("deleted_names_total", "Names whose stored packument was deleted.", counts.deleted());
        counter("packuments_received_total", "Packuments and other outcomes received.", counts.fetched());
        counter("packuments_unchanged_total", "Answers that nothing changed.", counts.unchanged());
        counter("failures_total", "Requests that failed after all retries.", counts.failures());
        counter("given_up_names_total", "Changes that the registry never caught up with.", counts.givenUp());
        counter("epochs_total", "New epochs of the feed.", counts.resets());
        counter("outages_total", "Times that origin, registry or store went away.", status.outages());
        counter("requests_total", "Requests sent.", status.wire().requests());
        counter(
                "throttled_requests_total",
                "Answers with status 429.",
                status.wire().throttled());
        counter("received_bytes_total", "Body bytes received.", status.wire().bytesReceived());
        number(
                "http_stuck_threads",
                "Threads of the JDK's HTTP client that hang.",
                OptionalLong.of(JdkTransport.stuckThreads()));
        counter(
                "http_lost_clients_total",
                "Clients of the JDK's that no longer reacted.",
                JdkTransport.givenUpClients());
    }

    /** Writes a metric, or nothing if the value is unknown. */
    private void number(String name, String help, OptionalLong value) {
        if (value.isPresent()) {
            sample(name, "", "gauge", help, Long.toString(value.getAsLong()));
        }
    }

    private void gauge(String name, String help, double value) {
        sample(name, "", "gauge", help, String.format(Locale.ROOT, "%.3f", value));
    }

    private void counter(String name, String help, long value) {
        sample(name, "", "counter", help, Long.toString(value));
    }

    private void sample(String name, String labels, String type, String help, String value) {
        String metric = "alldocs_follow_" + name;
        String declaration = "# TYPE " + metric + ' ' + type + '\n';
        if (text.indexOf(declaration) < 0) {
            text.append("# HELP ")
                    .append(metric)
                    .append(' ')
                    .append(help)
                    .append('\n')
                    .append(declaration);
        }
        text.append(metric).append(labels).append(' ').append(value).append('\n');
    }
}
