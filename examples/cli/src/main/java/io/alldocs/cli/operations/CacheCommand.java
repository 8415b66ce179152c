package io.alldocs.cli.operations;

import io.alldocs.cache.Cache;
import io.alldocs.cli.CacheOptions;
import io.alldocs.cli.OutputOptions;
import io.alldocs.cli.Progress;
import io.alldocs.cli.Version;
import java.io.PrintWriter;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/**
 * The base of the commands that work with a cache. It has the options for the cache, the selected entries and the
 * output.
 */
@Command(
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        usageHelpAutoWidth = false,
        exitCodeListHeading = "%nExit codes:%n")
abstract class CacheCommand implements Callable<Integer> {
    private final Map<String, String> environment;

    @Mixin
    private CacheOptions cacheOptions = new CacheOptions();

    @Mixin
    private Selection selection = new Selection();

    @Mixin
    private OutputOptions output = new OutputOptions();

    CacheCommand(Map<String, String> environment) {
        this.environment = environment;
    }

    @Override
    public final Integer call() {
        selection.check();
        checkOptions();
        try (Cache cache = cacheOptions.openExisting(environment);
                Progress progress = output.progress()) {
            int code = run(cache, progress);
            out().flush();
            return code;
        }
    }

    /** Validates what picocli cannot. Called before the cache is opened. */
    void checkOptions() {}

    /** Runs the command and returns the exit code. */
    abstract int run(Cache cache, Progress progress);

    final Selection selection() {
        return selection;
    }

    final Map<String, String> environment() {
        return environment;
    }

    final boolean json() {
        return output.json();
    }

    final PrintWriter out() {
        return output.out();
    }

    final PrintWriter err() {
        return output.err();
    }
}
