package io.alldocs.examples.programs;

import io.alldocs.Env;
import io.alldocs.cache.Cache;
import io.alldocs.cache.CacheMode;
import io.alldocs.cache.RequestOptions;
import io.alldocs.cache.run.RunSummary;
import io.alldocs.packument.PackumentClient;
import java.io.PrintStream;
import java.util.List;

/**
 * Fetches many packuments concurrently into a cache. A second run requests only the packuments that are missing.
 * Arguments: the packages' names.
 */
public final class FetchMany {
    private FetchMany() {}

    /** Runs the program. */
    public static void main(String[] args) {
        run(Env.system(), System.out, List.of(args));
    }

    // region fetch-many
    static RunSummary run(Env env, PrintStream out, List<String> names) {
        try (Cache cache = Cache.builder().env(env).build();
                PackumentClient client = PackumentClient.builder()
                        .env(env)
                        .cache(cache)
                        .concurrency(16)
                        .build()) {
            RunSummary summary = client.requestAll(
                    names,
                    RequestOptions.of(CacheMode.FORCE_CACHE), // stored packuments are not requested again
                    result -> out.println(result.name() + " " + result.outcome() + " " + result.source()),
                    (name, failure) -> out.println(name + " failed: " + failure.getMessage()));
            out.println(summary.items() + " names, " + summary.failed() + " failed");
            return summary;
        }
    }
    // endregion
}
