package io.alldocs.cli.follow;

import io.alldocs.cache.metrics.Metric;
import io.alldocs.http.JdkTransport;
import io.alldocs.partition.Sequence;
import io.alldocs.sync.SyncStatus;
import io.alldocs.sync.WireCounts;
import io.alldocs.sync.WorkCounts;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** Describes the status of a follower as metrics. Omits unknown values. */
final class FollowMetrics {
    private final List<Metric> metrics = new ArrayList<>();

    private FollowMetrics() {}

    static List<Metric> of(SyncStatus status, Instant now) {
        FollowMetrics all = new FollowMetrics();
        all.lag(status, now);
        all.work(status.counts());
        all.network(status);
        return all.metrics;
    }

    private void lag(SyncStatus status, Instant now) {
        Metric states = Metric.gauge("all_docs_sync_state", "1 for the present state, 0 for the others.");
        for (SyncStatus.State state : SyncStatus.State.values()) {
            states.sample(status.state() == state ? 1 : 0, "state", state.label());
        }
        metrics.add(states);
        known(
                "all_docs_sync_sequence",
                "Position in the feed up to which changes are stored.",
                number(status.position()));
        known(
                "all_docs_sync_origin_sequence",
                "Position of the origin when it was seen last.",
                number(status.origin()));
        known(
                "all_docs_sync_lag_sequences",
                "Difference between the origin's position and the stored one.",
                status.lagSequences());
        known(
                "all_docs_sync_lag_changes",
                "Changes that are not stored, estimated for those that were not read.",
                status.lagRows());
        metrics.add(Metric.gauge(
                "all_docs_sync_lag_seconds",
                "Time since the origin was first seen at a position that is not reached yet.",
                status.behind().toMillis() / 1000.0));
        Instant contact = status.contact();
        if (contact != null) {
            metrics.add(Metric.gauge(
                    "all_docs_sync_contact_age_seconds",
                    "Time since the last response of the origin.",
                    Math.max(0, now.toEpochMilli() - contact.toEpochMilli()) / 1000.0));
        }
        metrics.add(Metric.gauge(
                "all_docs_sync_pending_names", "Names whose change is still to be fetched.", status.retries()));
        metrics.add(Metric.gauge(
                "all_docs_sync_stale_partitions",
                "Partitions that changed since their pages were stored.",
                status.stalePartitions()));
    }

    private void work(WorkCounts counts) {
        counter("all_docs_sync_feed_changes_total", "Changes read from the feed.", counts.changes());
        metrics.add(Metric.counter(
                        "all_docs_sync_changes_total", "Changes of the job's names, by whether they delete the name.")
                .sample(counts.concerning() - counts.deletions(), "deleted", "false")
                .sample(counts.deletions(), "deleted", "true"));
        counter("all_docs_sync_deleted_names_total", "Names whose stored packument was deleted.", counts.deleted());
        counter("all_docs_sync_packuments_received_total", "Packuments and other outcomes received.", counts.fetched());
        counter(
                "all_docs_sync_packuments_unchanged_total",
                "Names of which the registry reported that nothing changed.",
                counts.unchanged());
        counter("all_docs_sync_failures_total", "Requests that failed after all retries.", counts.failures());
        counter(
                "all_docs_sync_given_up_names_total",
                "Names whose change the registry never served.",
                counts.givenUp());
        counter("all_docs_sync_resets_total", "Times that the feed began a new epoch.", counts.resets());
    }

    private void network(SyncStatus status) {
        WireCounts wire = status.wire();
        counter(
                "all_docs_sync_outages_total",
                "Times that the origin, the registry or the store became unavailable.",
                status.outages());
        counter("all_docs_sync_requests_total", "Requests sent, retries included.", wire.requests());
        counter("all_docs_sync_throttled_requests_total", "Responses with status 429.", wire.throttled());
        counter("all_docs_sync_server_errors_total", "Responses with a 5xx status.", wire.serverErrors());
        counter("all_docs_sync_broken_requests_total", "Requests without a complete response.", wire.broken());
        counter("all_docs_sync_received_bytes_total", "Bytes of bodies received.", wire.bytesReceived());
        metrics.add(Metric.gauge(
                "all_docs_http_stuck_threads",
                "Threads of the JDK's HTTP client that hang. With three, requests are refused.",
                JdkTransport.stuckThreads()));
        counter(
                "all_docs_http_lost_clients_total",
                "HTTP clients of the JDK that stopped responding and were replaced.",
                JdkTransport.abandonedClients());
    }

    private static OptionalLong number(@Nullable Sequence sequence) {
        return sequence == null ? OptionalLong.empty() : sequence.number();
    }

    private void known(String name, String help, OptionalLong value) {
        value.ifPresent(number -> metrics.add(Metric.gauge(name, help, number)));
    }

    private void counter(String name, String help, long value) {
        metrics.add(Metric.counter(name, help, value));
    }
}
