package io.alldocs.cli.worker;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.alldocs.cache.PartitionCheckpoint.Progress;
import io.alldocs.cli.ExitCode;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What a fleet has done.
 *
 * @param set of partitions that it went through
 * @param names the checkpoint of the names; empty when the set was not even planned
 * @param packuments the checkpoint of the packuments; empty when none are wanted, or the set was not even planned
 * @param wantsPackuments whether they are wanted
 * @param dead items that were given up
 * @param workers what each did
 * @param took from the first start to the last look
 * @param interrupted whether it was told to stop
 */
public record FleetReport(
        String set,
        Optional<Progress> names,
        Optional<Progress> packuments,
        boolean wantsPackuments,
        long dead,
        List<Share> workers,
        Duration took,
        boolean interrupted) {

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

    /** Whether the checkpoint says that all is there. */
    public boolean complete() {
        return complete(names) && (!wantsPackuments || complete(packuments));
    }

    private static boolean complete(Optional<Progress> progress) {
        return progress.filter(each -> each.complete() == each.total()).isPresent();
    }

    /** How the program ends. */
    public int exitCode() {
        return complete() ? ExitCode.COMPLETE : ExitCode.PARTIAL;
    }

    /** For programs. */
    public ObjectNode toJson() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("set", set).put("complete", complete()).put("interrupted", interrupted);
        json.put("seconds", took.toMillis() / 1e3).put("dead", dead);
        names.ifPresent(progress -> json.set("names", json(progress)));
        packuments.ifPresent(progress -> json.set("packuments", json(progress)));
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

    private static ObjectNode json(Progress progress) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("partitions", progress.total())
                .put("complete", progress.complete())
                .put("failed", progress.failed())
                .put("rows", progress.rows());
    }

    /** For people. */
    public String toText() {
        StringBuilder text = new StringBuilder();
        text.append(complete() ? "Complete: " : interrupted ? "Interrupted: " : "Partial: ")
                .append("the names of ")
                .append(partitions(names))
                .append(wantsPackuments ? " and the packuments of " + partitions(packuments) : "")
                .append(String.format(Locale.ROOT, ", %,d items given up, in %,.1f s.", dead, took.toMillis() / 1e3));
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
            text.append(String.format("%nThe same command goes on."));
        }
        return text.toString();
    }

    private static String partitions(Optional<Progress> progress) {
        return progress.map(each -> String.format(
                        Locale.ROOT, "%,d of %,d partitions (%,d rows)", each.complete(), each.total(), each.rows()))
                .orElse("no partition");
    }
}
