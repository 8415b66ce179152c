package io.alldocs.cli.operations;

import io.alldocs.cache.Cache;
import io.alldocs.cli.CacheOptions;
import io.alldocs.cli.ConsoleProgress;
import io.alldocs.cli.Progress;
import io.alldocs.cli.Version;
import java.io.PrintWriter;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** What the commands that work with a cache have in common: which cache, which entries of it, and how they speak. */
@Command(
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        usageHelpAutoWidth = false,
        exitCodeListHeading = "%nExit codes:%n")
abstract class CacheCommand implements Callable<Integer> {
    private final Map<String, String> environment;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Mixin
    private CacheOptions cacheOptions = new CacheOptions();

    @Mixin
    private Selection selection = new Selection();

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Option(names = "--quiet", description = "Show no progress.")
    private boolean quiet;

    @Option(names = "--verbose", description = "Print the stack trace of what ended the command.")
    @SuppressWarnings("UnusedVariable") // Errors asks the command line
    private boolean verbose;

    CacheCommand(Map<String, String> environment) {
        this.environment = environment;
    }

    @Override
    public final Integer call() {
        selection.check();
        checkOptions();
        try (Cache cache = cacheOptions.openExisting(environment);
                Progress progress = quiet ? Progress.NONE : ConsoleProgress.on(err())) {
            int code = run(cache, progress);
            out().flush();
            return code;
        }
    }

    /** Checks what picocli cannot, before anything is opened. */
    void checkOptions() {}

    /** Does the work; gives the exit code. */
    abstract int run(Cache cache, Progress progress);

    final Selection selection() {
        return selection;
    }

    final Map<String, String> environment() {
        return environment;
    }

    final boolean json() {
        return json;
    }

    final PrintWriter out() {
        return spec.commandLine().getOut();
    }

    final PrintWriter err() {
        return spec.commandLine().getErr();
    }
}
