package io.alldocs.cli.worker;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.alldocs.cli.CacheOptions;
import io.alldocs.cli.ExitCode;
import io.alldocs.cli.OutputOptions;
import io.alldocs.cli.Version;
import io.alldocs.worker.WorkItem;
import io.alldocs.worker.spi.WorkQueue;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Adds a set of partitions to a queue. Workers process the set. */
@Command(
        name = "seed",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        description = {
            "Adds a job to a queue; workers list its names and fetch its packuments.",
            "A set that has begun is resumed. Workers send their requests to the NPM_ORIGIN and NPM_REGISTRY of their own environment. QUEUE_DRIVER, REDIS_URL and QUEUE_NAME select the queue."
        })
public final class SeedCommand implements Callable<Integer> {
    private final Map<String, String> environment;

    @Mixin
    private PlanOptions plan = new PlanOptions();

    @Mixin
    private CacheOptions cacheOptions = new CacheOptions();

    @Mixin
    private OutputOptions output = new OutputOptions();

    /** Creates a command that reads its environment variables from {@code environment}. */
    public SeedCommand(Map<String, String> environment) {
        this.environment = environment;
    }

    @Override
    public Integer call() {
        plan.check();
        try (QueueAccess access = new QueueAccess(environment, () -> cacheOptions.open(environment))) {
            WorkQueue queue = access.queue();
            WorkItem item = plan.item();
            boolean added = queue.enqueue(item);
            tell(queue, item, added);
            return ExitCode.COMPLETE;
        }
    }

    private void tell(WorkQueue queue, WorkItem item, boolean added) {
        String name = queue.options().name();
        if (output.json()) {
            output.out()
                    .println(JsonNodeFactory.instance
                            .objectNode()
                            .put("item", item.id())
                            .put("added", added)
                            .put("queue", name)
                            .put("driver", queue.name()));
        } else if (!output.quiet()) {
            output.out()
                    .println(item.id() + (added ? " was added to " : " is already in ") + "the queue " + name + " ("
                            + queue.name() + "); workers of this queue do the work.");
        }
        output.out().flush();
    }
}
