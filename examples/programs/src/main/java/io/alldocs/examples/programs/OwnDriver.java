package io.alldocs.examples.programs;

import io.alldocs.Env;
import io.alldocs.cache.Cache;
import io.alldocs.packument.PackumentClient;
import java.io.PrintStream;

/**
 * Fetches a packument into a cache that uses a custom storage driver, and prints the driver's counts. Argument: the
 * package's name.
 */
public final class OwnDriver {
    private OwnDriver() {}

    /** Runs the program; {@code STORAGE_DRIVER} must be {@code counting}. */
    public static void main(String[] args) {
        run(Env.system(), System.out, Arguments.require(args, OwnDriver.class, "NAME")[0]);
    }

    // region own-driver
    static void run(Env env, PrintStream out, String name) {
        try (Cache cache = Cache.builder().env(env).build(); // STORAGE_DRIVER=counting finds the driver
                PackumentClient client =
                        PackumentClient.builder().env(env).cache(cache).build()) {
            out.println(name + " " + client.request(name).outcome());
            if (cache.driver() instanceof CountingStorageDriver driver) {
                out.println(driver.reads() + " reads, " + driver.writes() + " writes");
            }
        }
    }
    // endregion
}
