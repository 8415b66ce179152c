package io.alldocs.cli.worker;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * A fleet at one moment, as its workers tell.
 *
 * @param queue sizes by state; missing when no worker answered
 * @param set what the workers tell of the set; missing when none knows of it
 * @param orphans items that run although no worker has them in hand; 0 while a worker does not answer, which may
 *     have them
 * @param perWorker what each has done in all, packuments or names
 */
record FleetView(JsonNode queue, JsonNode set, long orphans, List<Long> perWorker) {
    private static final Map<String, String> PHASES = Map.of(
            "planning", "planning the partitions",
            "replay", "replaying the changes since the plan",
            "replay again", "replaying the changes since the plan",
            "refresh", "listing again the partitions that changed",
            "settle", "waiting for names that lag behind the feed",
            "follow", "following the feed of changes",
            "complete", "complete",
            "partial", "partial",
            "stopped", "stopped");

    /** States of a set that nobody works on. */
    private static final List<String> ENDED = List.of("complete", "partial", "stopped");

    static FleetView of(Collection<JsonNode> answers, String set, List<Long> perWorker) {
        JsonNode any = answers.stream().findFirst().orElse(MissingNode.getInstance());
        JsonNode known = MissingNode.getInstance();
        for (JsonNode each : any.path("sets")) {
            if (each.path("set").asText().equals(set)) {
                known = each;
            }
        }
        long held = answers.stream()
                .mapToLong(each -> Math.max(
                        each.at("/worker/held").asLong(),
                        each.at("/worker/busy").asLong()))
                .sum();
        long orphans = answers.size() < perWorker.size()
                ? 0
                : Math.max(0, any.at("/queue/running").asLong() - held);
        return new FleetView(any.path("queue"), known, orphans, perWorker);
    }

    /** Whether nothing is left to do: a queue that lost its items holds none, and yet the set is not done. */
    boolean ended() {
        return idle()
                && (set.isMissingNode() || ENDED.contains(set.path("state").asText()));
    }

    /**
     * Whether the queue is known to hold nothing to do. What follows from an item is added before the item is settled,
     * so this stays true.
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

    private JsonNode progress() {
        return set.has("packuments") ? set.path("packuments") : set.path("names");
    }

    /**
     * {@code Fetching packuments: 12,300 of 50,000 (24 %), 1,240/s (by worker: 410, 420, 410), 31 s left; queue: 120
     * waiting, 30 running}.
     */
    String line(FleetView before, double seconds) {
        if (queue.isMissingNode()) {
            return "Waiting for a worker to answer.";
        }
        if (set.isMissingNode()) {
            return "Waiting for a worker to begin the job" + sizes() + ".";
        }
        String phase = phase();
        return phase.substring(0, 1).toUpperCase(Locale.ROOT) + phase.substring(1) + ": " + counts(before, seconds)
                + sizes() + waiting(before);
    }

    private String phase() {
        String state = set.path("state").asText();
        return state.equals("fetch")
                ? set.has("packuments") ? "fetching packuments" : "listing names"
                : PHASES.getOrDefault(state, state);
    }

    private String counts(FleetView before, double seconds) {
        double rate = Math.max(0, done() - before.done()) / seconds;
        long done = progress().path("done").asLong();
        long all = progress().path("total").asLong();
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
            line.append(String.format(Locale.ROOT, ", %,d s left", (long) Math.ceil((all - done) / rate)));
        }
        return line.toString();
    }

    /** What holds the fleet up when nothing arrives. */
    private String waiting(FleetView before) {
        if (done() > before.done()) {
            return "";
        }
        long lost = Math.min(orphans, before.orphans()); // the answers of one look differ by moments
        if (lost > 0) {
            return String.format(
                    Locale.ROOT,
                    "; waiting until the leases of %s of a worker that died expire",
                    lost == 1 ? "1 item" : String.format(Locale.ROOT, "%,d items", lost));
        }
        return queue.path("delayed").asLong() > 0
                        && queue.path("waiting").asLong() == 0
                        && queue.path("running").asLong() == 0
                ? "; waiting until delayed items may be tried again"
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
