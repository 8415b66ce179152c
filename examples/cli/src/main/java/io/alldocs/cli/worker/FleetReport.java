package io.alldocs.cli.worker;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.alldocs.cli.ExitCode;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What a fleet has done.
 *
 * @param name of the set that it worked on
 * @param set what the workers told of it last, as {@code GET /progress} does; missing when it was not even begun
 * @param dead items of the queue that were given up
 * @param workers what each did
 * @param took from the first start to the last look
 * @param interrupted whether it was told to stop
 */
public record FleetReport(
        String name, JsonNode set, long dead, List<Share> workers, Duration took, boolean interrupted) {

    /** Copies the list. */
    public FleetReport {
        workers = List.copyOf(workers);
    }

    /**
     * What one worker did, as far as it told: what a process did after it was last asked is missing.
     *
     * @param number 1 for the first
     * @param starts of its process
     * @param items done
     * @param packuments stored
     */
    public record Share(int number, int starts, long items, long packuments) {}

    /** Whether the set is complete: every name has an outcome, and the feed was replayed to its end. */
    public boolean complete() {
        return set.path("state").asText().equals("complete");
    }

    /** How the program ends. */
    public int exitCode() {
        return complete() ? ExitCode.COMPLETE : ExitCode.PARTIAL;
    }

    /** For programs. */
    public ObjectNode toJson() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("set", name).put("complete", complete()).put("interrupted", interrupted);
        json.put("seconds", took.toMillis() / 1e3).put("dead", dead);
        json.set("progress", set);
        for (Share share : workers) {
            json.withArray("/workers")
                    .addObject()
                    .put("number", share.number())
                    .put("starts", share.starts())
                    .put("items", share.items())
                    .put("packuments", share.packuments());
        }
        return json;
    }

    /** For people. */
    public String toText() {
        StringBuilder text = new StringBuilder();
        text.append(complete() ? "Complete: " : interrupted ? "Interrupted: " : "Partial: ")
                .append(names("names listed", set.path("names")))
                .append(set.has("packuments") ? ", " + names("with an outcome", set.path("packuments")) : "")
                .append(String.format(
                        Locale.ROOT,
                        ", %,d names to be retried, %,d items given up, in %,.1f s.",
                        set.path("retries").asLong(),
                        dead,
                        took.toMillis() / 1e3));
        for (Map.Entry<String, JsonNode> given : set.path("dead").properties()) {
            text.append(String.format(
                    "%n  given up: %s: %s", given.getKey(), given.getValue().asText()));
        }
        if (set.hasNonNull("problem")) {
            text.append(String.format("%n  %s", set.path("problem").asText()));
        }
        for (Share share : workers) {
            text.append(String.format(
                    Locale.ROOT,
                    "%n  worker %d: %,d items, %,d packuments%s",
                    share.number(),
                    share.items(),
                    share.packuments(),
                    share.starts() == 1 ? "" : ", started " + share.starts() + " times"));
        }
        if (!complete()) {
            text.append(String.format("%nThe same command resumes it."));
        }
        return text.toString();
    }

    private static String names(String what, JsonNode progress) {
        return String.format(
                Locale.ROOT,
                "%,d of %s%,d %s",
                progress.path("done").asLong(),
                progress.path("estimated").asBoolean() ? "about " : "",
                progress.path("total").asLong(),
                what);
    }
}
