package io.alldocs.cli.worker;

import static io.alldocs.cli.Amount.counted;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.alldocs.cli.ExitCode;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The result of a fleet's run.
 *
 * @param name name of the set that the fleet processed
 * @param set the workers' last report of the set, in the form of {@code GET /progress}; missing if the set was not
 *     begun
 * @param dead number of items in the dead-letter queue
 * @param workers what each worker did
 * @param took time from the first start to the last view
 * @param interrupted whether the run was interrupted
 */
public record FleetReport(
        String name, JsonNode set, long dead, List<Share> workers, Duration took, boolean interrupted) {

    /** Creates a report with a copy of the list. */
    public FleetReport {
        workers = List.copyOf(workers);
    }

    /**
     * The work that one worker reported. Work that a process did after its last report is not counted.
     *
     * @param number number of the worker, from 1
     * @param starts number of times that its process was started
     * @param items number of completed items
     * @param packuments number of stored packuments
     */
    public record Share(int number, int starts, long items, long packuments) {}

    /**
     * Returns whether the set is complete. In a complete set, every name has an outcome, and the feed was replayed to
     * its end.
     */
    public boolean complete() {
        return set.path("state").asText().equals("complete");
    }

    /** Returns the exit code of the program. */
    public int exitCode() {
        return complete() ? ExitCode.COMPLETE : ExitCode.PARTIAL;
    }

    /** Returns the report as JSON, for programs. */
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

    /** Returns the report as text, for people. */
    public String toText() {
        StringBuilder text = new StringBuilder();
        text.append(complete() ? "Complete: " : interrupted ? "Interrupted: " : "Partial: ")
                .append(names("names listed", set.path("names")))
                .append(set.has("packuments") ? ", " + names("with an outcome", set.path("packuments")) : "")
                .append(String.format(
                        Locale.ROOT,
                        ", %s to be retried, %s given up, in %,.1f s.",
                        counted(set.path("retries").asLong(), "name"),
                        counted(dead, "item"),
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
                    "%n  worker %d: %s, %s%s",
                    share.number(),
                    counted(share.items(), "item"),
                    counted(share.packuments(), "packument"),
                    share.starts() == 1 ? "" : ", started " + share.starts() + " times"));
        }
        if (!complete()) {
            text.append(String.format("%nThe same command resumes the work."));
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
