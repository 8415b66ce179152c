package io.alldocs.cli.worker;

import static io.alldocs.cli.UsageException.refuse;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.alldocs.cli.FilterOptions;
import io.alldocs.cli.bootstrap.NamesOnlyOption;
import io.alldocs.cli.bootstrap.RangeOptions;
import io.alldocs.packument.NameFilter;
import io.alldocs.partition.Partition;
import io.alldocs.worker.WorkItem;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Options that set what a fleet processes. A picocli mixin. */
public final class PlanOptions {
    private static final String TYPE = "partition-set";

    @Option(
            names = "--set",
            paramLabel = "NAME",
            defaultValue = "all",
            description =
                    "Name of the set of partitions; its progress is stored under this name. Default: ${DEFAULT-VALUE}")
    private String set = "all";

    @Mixin
    private RangeOptions range = new RangeOptions();

    @Mixin
    private FilterOptions filter = new FilterOptions();

    @Mixin
    private NamesOnlyOption namesOnly = new NamesOnlyOption();

    @Option(
            names = "--pivots",
            paramLabel = "NAME",
            split = "\\s*,\\s*",
            splitSynopsisLabel = ",",
            description =
                    "Names at which the partitions of a new plan begin, such as a,e,m. Default: balanced partitions")
    private List<String> pivots = List.of();

    @Option(
            names = "--target-rows",
            paramLabel = "N",
            defaultValue = "0",
            description = "Approximate number of names in a partition of a new plan. Default: 64 partitions, of 1,000"
                    + " names or more")
    private int targetRows;

    @Option(
            names = "--batch",
            paramLabel = "N",
            defaultValue = "1000",
            description = "Packuments in one item of work, 1 to 5,000. Default: ${DEFAULT-VALUE}")
    private int batch = 1_000;

    @Option(
            names = "--follow",
            negatable = true,
            description = {
                "Follow the feed of changes after the job is complete. For a running job, --follow and --no-follow",
                "turn this on and off; without either, the setting does not change."
            })
    private @Nullable Boolean follow;

    /** Creates the options; called by picocli. */
    public PlanOptions() {}

    /**
     * Validates what picocli cannot.
     *
     * @throws io.alldocs.cli.UsageException if a value is out of range
     */
    void check() {
        refuse(set.isEmpty(), "--set must not be empty");
        namesOnly.refuseWith(filter);
        refuse(!pivots.isEmpty() && targetRows > 0, "--pivots and --target-rows cannot be used together");
        refuse(targetRows < 0, "--target-rows must be at least 0: " + targetRows);
        refuse(batch < 1 || batch > 5_000, "--batch must be between 1 and 5000: " + batch);
    }

    String set() {
        return set;
    }

    boolean fetchesPackuments() {
        return !namesOnly.isGiven();
    }

    /** Returns the first item of the queue; workers add all others. */
    WorkItem item() {
        ObjectNode payload = JsonNodeFactory.instance.objectNode();
        payload.put("set", set).put("packuments", fetchesPackuments());
        payload.put("batch", batch);
        if (follow != null) {
            payload.put("follow", follow);
        }
        if (targetRows > 0) {
            payload.put("targetRows", targetRows);
        }
        Partition names = range.range();
        names.start().ifPresent(start -> payload.put("start", start));
        names.end().ifPresent(end -> payload.put("end", end));
        if (!pivots.isEmpty()) {
            pivots.forEach(payload.putArray("pivots")::add);
        }
        NameFilter wanted = filter.filter();
        if (!wanted.allow().isEmpty()) {
            wanted.allow().forEach(payload.putArray("allow")::add);
        }
        if (!wanted.deny().isEmpty()) {
            wanted.deny().forEach(payload.putArray("deny")::add);
        }
        return WorkItem.of(TYPE, TYPE + ":" + set, payload);
    }

    /** Returns the same options as arguments for another process. */
    List<String> arguments() {
        List<String> arguments = new ArrayList<>(List.of("--set=" + set, "--batch=" + batch));
        arguments.addAll(range.arguments());
        arguments.addAll(filter.arguments());
        if (namesOnly.isGiven()) {
            arguments.add("--names-only");
        }
        if (targetRows > 0) {
            arguments.add("--target-rows=" + targetRows);
        }
        pivots.forEach(pivot -> arguments.add("--pivots=" + pivot));
        if (follow != null) {
            arguments.add(follow ? "--follow" : "--no-follow");
        }
        return arguments;
    }
}
