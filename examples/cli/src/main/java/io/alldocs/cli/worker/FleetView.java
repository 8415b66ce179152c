package io.alldocs.cli.worker;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.alldocs.cli.Amount;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The state of a fleet at one moment, as its workers report it.
 *
 * @param queue number of items by state; missing if no worker responded
 * @param set the workers' report of the set; missing if no worker has one
 * @param orphans number of running items that no worker holds; 0 while a worker does not respond, because it may hold
 *     some of them
 * @param running names of unfinished batches that the workers have fetched; the set counts them when a batch ends
 * @param requests number of requests that the workers' current processes have sent
 * @param perWorker total that each worker has done, in packuments or names
 */
record FleetView(JsonNode queue, JsonNode set, long orphans, long running, long requests, List<Long> perWorker) {
    /** The state of a job without a coordinator. Such a job has ended, or none of its items has begun. */
    private static final String STOPPED = "stopped";

    private static final Map<String, String> PHASES = Map.of(
            "planning",
            "planning the partitions",
            "replay",
            "replaying the changes since the plan",
            "replay again",
            "replaying the changes since the plan",
            "refresh",
            "listing again the partitions that changed",
            "settle",
            "waiting for names that lag behind the feed",
            "follow",
            "following the feed of changes",
            "complete",
            "complete",
            "partial",
            "partial",
            STOPPED,
            STOPPED);

    /** States in which a set is no longer processed. */
    private static final List<String> ENDED = List.of("complete", "partial", STOPPED);

    static FleetView of(Collection<JsonNode> reports, String set, List<Long> perWorker) {
        JsonNode any = reports.stream().findFirst().orElse(MissingNode.getInstance());
        long held = reports.stream()
                .mapToLong(each -> Math.max(
                        each.at("/worker/held").asLong(),
                        each.at("/worker/busy").asLong()))
                .sum();
        long orphans = reports.size() < perWorker.size()
                ? 0
                : Math.max(0, any.at("/queue/running").asLong() - held);
        return new FleetView(
                any.path("queue"),
                known(any, set),
                orphans,
                reports.stream()
                        .mapToLong(each ->
                                known(each, set).at("/packuments/running").asLong())
                        .sum(),
                reports.stream().mapToLong(FleetView::requests).sum(),
                perWorker);
    }

    private static JsonNode known(JsonNode report, String set) {
        JsonNode known = MissingNode.getInstance();
        for (JsonNode each : report.path("sets")) {
            if (each.path("set").asText().equals(set)) {
                known = each;
            }
        }
        return known;
    }

    private static long requests(JsonNode report) {
        long sent = report.at("/http/noResponse").asLong();
        for (JsonNode count : report.at("/http/statuses")) {
            sent += count.asLong();
        }
        return sent;
    }

    /**
     * Returns whether no work is left. An empty queue alone is no proof, because a queue may lose its items before the
     * set is done.
     */
    boolean ended() {
        return idle()
                && (set.isMissingNode() || ENDED.contains(set.path("state").asText()));
    }

    /**
     * Returns whether the queue is known to be empty. Follow-up items are added before the item that causes them is
     * settled, so an empty queue stays empty.
     */
    boolean idle() {
        return !queue.isMissingNode()
                && queue.path("waiting").asLong() == 0
                && queue.path("delayed").asLong() == 0
                && queue.path("running").asLong() == 0;
    }

    long dead() {
        return queue.path("dead").asLong();
    }

    long done() {
        return perWorker.stream().mapToLong(Long::longValue).sum();
    }

    /** Returns how many names are done, including those of unfinished batches. */
    private long shown() {
        return progress().path("done").asLong() + running;
    }

    private JsonNode progress() {
        return set.has("packuments") ? set.path("packuments") : set.path("names");
    }

    /**
     * Returns a line such as {@code Fetching packuments: 12,300 of 50,000 (24 %), 1,240/s (by worker: 410, 420, 410),
     * 31 s left; queue: 120 waiting, 30 running}.
     *
     * @param seconds time since {@code before}
     * @param age time since the fleet was started
     */
    String line(FleetView before, double seconds, Duration age) {
        if (queue.isMissingNode()) {
            return "Waiting for a worker to respond, for " + age.toSeconds() + " s.";
        }
        if (set.isMissingNode()) {
            return "Waiting for a worker to begin the job, for " + age.toSeconds() + " s" + sizes() + ".";
        }
        String phase = phase();
        return phase.substring(0, 1).toUpperCase(Locale.ROOT) + phase.substring(1) + ": " + counts(before, seconds)
                + sizes() + waiting(before);
    }

    private String phase() {
        String state = set.path("state").asText();
        if (state.equals(STOPPED) && !idle()) {
            return "starting the job";
        }
        return state.equals("fetch")
                ? set.has("packuments") ? "fetching packuments" : "listing names"
                : PHASES.getOrDefault(state, state);
    }

    private String counts(FleetView before, double seconds) {
        double rate = Math.max(0, done() - before.done()) / seconds;
        long all = progress().path("total").asLong();
        long done = Math.max(shown(), before.shown()); // a batch that has just ended may not be counted yet
        if (all > 0 && !progress().path("estimated").asBoolean()) {
            done = Math.min(done, all);
        }
        StringBuilder line = new StringBuilder(String.format(Locale.ROOT, "%,d", done));
        if (all > 0) {
            line.append(String.format(
                    Locale.ROOT,
                    " of %s%,d (%d %%)",
                    progress().path("estimated").asBoolean() ? "about " : "",
                    all,
                    Math.min(100, 100 * done / all)));
        }
        line.append(String.format(Locale.ROOT, ", %,.0f/s (by worker: %s)", rate, rates(before, seconds)));
        if (all > done && rate > 0) {
            line.append(", " + Amount.timeLeft((long) Math.ceil((all - done) / rate)) + " left");
        }
        long sent = requests - before.requests();
        if (done() == before.done() && sent > 0 && (all == 0 || all > done)) {
            line.append(String.format(Locale.ROOT, "; %,.0f requests/s", sent / seconds));
        }
        return line.toString();
    }

    /** Returns why the fleet waits if no work was done since {@code before}; empty if there is no known reason. */
    private String waiting(FleetView before) {
        if (done() > before.done()) {
            return "";
        }
        // two views must agree, since workers are not read at the same instant
        long lost = Math.min(orphans, before.orphans());
        if (lost > 0) {
            return String.format(
                    Locale.ROOT,
                    "; waiting until the leases of %s of a crashed worker expire",
                    lost == 1 ? "1 item" : String.format(Locale.ROOT, "%,d items", lost));
        }
        return queue.path("delayed").asLong() > 0
                        && queue.path("waiting").asLong() == 0
                        && queue.path("running").asLong() == 0
                ? "; waiting until delayed items are due"
                : "";
    }

    private String rates(FleetView before, double seconds) {
        StringBuilder rates = new StringBuilder();
        for (int i = 0; i < perWorker.size(); i++) {
            long more = Math.max(0, perWorker.get(i) - before.perWorker().get(i));
            rates.append(String.format(Locale.ROOT, i == 0 ? "%,.0f" : ", %,.0f", more / seconds));
        }
        return rates.toString();
    }

    private String sizes() {
        String states = List.of("waiting", "delayed", "running", "dead").stream()
                .filter(state -> queue.path(state).asLong() > 0)
                .map(state ->
                        String.format(Locale.ROOT, "%,d %s", queue.path(state).asLong(), state))
                .collect(Collectors.joining(", "));
        return "; queue: " + (states.isEmpty() ? "empty" : states);
    }
}
