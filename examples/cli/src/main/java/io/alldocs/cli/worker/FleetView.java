package io.alldocs.cli.worker;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * A fleet at one moment, as its workers tell.
 *
 * @param queue sizes by state; missing when no worker answered
 * @param set what the workers tell of the set; missing when none knows of it
 * @param perWorker what each has done in all, packuments or names
 */
record FleetView(JsonNode queue, JsonNode set, List<Long> perWorker) {
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
        return new FleetView(any.path("queue"), known, perWorker);
    }

    /** Whether nothing is left to do: a queue that lost its items holds none, and yet the set is not done. */
    boolean ended() {
        return idle()
                && (set.isMissingNode() || ENDED.contains(set.path("state").asText()));
    }

    /** Whether the queue is known to hold nothing to do. What follows from an item is added before the item is settled, so this stays true. */
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

    /** {@code 12,300 of 50,000 (24 %), 1,240/s (410 420 410), 31 s left; fetch; queue: 120 waiting, 30 running}. */
    String line(FleetView before, double seconds) {
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
        line.append(String.format(Locale.ROOT, ", %,.0f/s (%s)", rate, rates(before, seconds)));
        if (all > done && rate > 0) {
            line.append(String.format(Locale.ROOT, ", %,d s left", (long) Math.ceil((all - done) / rate)));
        }
        if (!set.isMissingNode()) {
            line.append("; ").append(set.path("state").asText());
        }
        return line.append(sizes()).toString();
    }

    private String rates(FleetView before, double seconds) {
        StringBuilder rates = new StringBuilder();
        for (int i = 0; i < perWorker.size(); i++) {
            long more = Math.max(0, perWorker.get(i) - before.perWorker().get(i));
            rates.append(String.format(Locale.ROOT, i == 0 ? "%,.0f" : " %,.0f", more / seconds));
        }
        return rates.toString();
    }

    private String sizes() {
        if (queue.isMissingNode()) {
            return "; no worker answers";
        }
        String states = List.of("waiting", "delayed", "running", "dead").stream()
                .filter(state -> queue.path(state).asLong() > 0)
                .map(state ->
                        String.format(Locale.ROOT, "%,d %s", queue.path(state).asLong(), state))
                .collect(Collectors.joining(", "));
        return "; queue: " + (states.isEmpty() ? "empty" : states);
    }
}
