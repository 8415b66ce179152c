package io.alldocs.cli.worker;

import io.alldocs.cli.CacheOptions;
import io.alldocs.cli.ExitCode;
import io.alldocs.cli.Version;
import io.alldocs.worker.WorkItem;
import io.alldocs.worker.spi.WorkQueue;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Puts a set of partitions into a queue, for workers to go through. */
@Command(
        name = "seed",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        description = {
            "Adds a set of partitions to a queue; workers plan it, walk it and fetch its packuments.",
            "A set that was begun is gone on with. QUEUE_DRIVER, REDIS_URL, QUEUE_NAME … name the queue."
        })
public final class SeedCommand implements Callable<Integer> {
    private final Map<String, String> environment;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Mixin
    private PlanOptions plan = new PlanOptions();

    @Mixin
    private CacheOptions cacheOptions = new CacheOptions();

    @Option(names = "--quiet", description = "Print nothing but errors.")
    private boolean quiet;

    @Option(names = "--verbose", description = "Print the stack trace of what ended it.")
    @SuppressWarnings("UnusedVariable") // who explains errors looks for it
    private boolean verbose;

    /** A command that reads its environment variables from {@code environment}. */
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
            if (!quiet) {
                spec.commandLine()
                        .getOut()
                        .println(item.id() + (added ? " was added to " : " is already in ") + "the queue "
                                + queue.options().name() + " (" + queue.name() + ").");
            }
            return ExitCode.COMPLETE;
        }
    }
}
