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
 * @param names progress of the set's names; missing when no worker knows of it
 * @param packuments likewise
 * @param perWorker what each has done in all, packuments or names
 */
record FleetView(JsonNode queue, JsonNode names, JsonNode packuments, List<Long> perWorker) {

    static FleetView of(Collection<JsonNode> answers, String set, List<Long> perWorker) {
        JsonNode any = answers.stream().findFirst().orElse(MissingNode.getInstance());
        JsonNode progress = MissingNode.getInstance();
        for (JsonNode each : any.path("sets")) {
            if (each.path("set").asText().equals(set)) {
                progress = each;
            }
        }
        return new FleetView(any.path("queue"), progress.path("names"), progress.path("packuments"), perWorker);
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

    /** How many names there will be, to judge by the partitions that were walked; 0 while none was. */
    long expected() {
        long walked = names.path("complete").asLong();
        return walked == 0
                ? 0
                : names.path("rows").asLong() * names.path("total").asLong() / walked;
    }

    /** {@code 12,300 of 50,000 (24 %), 1,240/s (410 420 410), 31 s left; queue: 120 waiting, 30 running; partitions: 2 of 5 walked, 1 fetched}. */
    String line(FleetView before, double seconds) {
        double rate = Math.max(0, done() - before.done()) / seconds;
        StringBuilder line = new StringBuilder(String.format(Locale.ROOT, "%,d", done()));
        long all = expected();
        if (all > 0) {
            line.append(String.format(
                    Locale.ROOT,
                    " of %s%,d (%d %%)",
                    names.path("complete").equals(names.path("total")) ? "" : "about ",
                    all,
                    Math.min(100, 100 * done() / all)));
        }
        line.append(String.format(Locale.ROOT, ", %,.0f/s (%s)", rate, rates(before, seconds)));
        if (all > done() && rate > 0) {
            line.append(String.format(Locale.ROOT, ", %,d s left", (long) Math.ceil((all - done()) / rate)));
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
        String partitions = names.isMissingNode()
                ? ""
                : "; partitions: " + names.path("complete").asLong() + " of "
                        + names.path("total").asLong() + " walked"
                        + (packuments.isMissingNode()
                                ? ""
                                : ", " + packuments.path("complete").asLong() + " fetched");
        return "; queue: " + (states.isEmpty() ? "empty" : states) + partitions;
    }
}
