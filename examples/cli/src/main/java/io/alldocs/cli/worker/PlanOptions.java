package io.alldocs.cli.worker;

import static io.alldocs.cli.UsageException.refuse;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.alldocs.worker.WorkItem;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Options that say what a fleet goes through. To be mixed into a command. */
public final class PlanOptions {
    private static final String TYPE = "partition-set";

    @Option(
            names = "--set",
            paramLabel = "NAME",
            defaultValue = "all",
            description = "Name of the set of partitions, under which its progress is kept. Default: ${DEFAULT-VALUE}")
    private String set = "all";

    @Option(names = "--start", paramLabel = "KEY", description = "First name of a range.")
    private @Nullable String start;

    @Option(names = "--end", paramLabel = "KEY", description = "Name before which the range ends.")
    private @Nullable String end;

    @Option(names = "--names-only", description = "List the names; fetch no packuments.")
    private boolean namesOnly;

    @Option(
            names = "--target-rows",
            paramLabel = "N",
            defaultValue = "0",
            description = "Names in a partition of a new plan, about. Default: 64 partitions, of 1,000 names or more")
    private int targetRows;

    @Option(
            names = "--batch",
            paramLabel = "N",
            defaultValue = "1000",
            description = "Packuments in one item of work, 1 to 5,000. Default: ${DEFAULT-VALUE}")
    private int batch = 1_000;

    @Option(
            names = "--follow",
            description = "Stay current after that: follow the feed of changes until it is interrupted.")
    private boolean follow;

    /** Made by picocli. */
    public PlanOptions() {}

    /**
     * Checks what picocli cannot.
     *
     * @throws io.alldocs.cli.UsageException for options that are out of range
     */
    void check() {
        refuse(set.isEmpty(), "--set is a name");
        refuse(targetRows < 0, "--target-rows must be at least 0");
        refuse(batch < 1 || batch > 5_000, "--batch lies between 1 and 5000");
    }

    String set() {
        return set;
    }

    boolean fetchesPackuments() {
        return !namesOnly;
    }

    /** The item that everything else follows from. */
    WorkItem item() {
        ObjectNode payload = JsonNodeFactory.instance.objectNode();
        payload.put("set", set).put("packuments", !namesOnly);
        payload.put("batch", batch).put("follow", follow);
        if (targetRows > 0) {
            payload.put("targetRows", targetRows);
        }
        if (start != null) {
            payload.put("start", start);
        }
        if (end != null) {
            payload.put("end", end);
        }
        return WorkItem.of(TYPE, TYPE + ":" + set, payload);
    }

    /** The same options for the command line of another process. */
    List<String> arguments() {
        List<String> arguments =
                new ArrayList<>(List.of("--set=" + set, "--target-rows=" + targetRows, "--batch=" + batch));
        if (follow) {
            arguments.add("--follow");
        }
        if (start != null) {
            arguments.add("--start=" + start);
        }
        if (end != null) {
            arguments.add("--end=" + end);
        }
        if (namesOnly) {
            arguments.add("--names-only");
        }
        return arguments;
    }
}
