package io.alldocs.house;

import io.alldocs.Env;
import io.alldocs.cache.StorageDrivers;
import io.alldocs.cache.spi.StorageDriver;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/** Prints the driver that the environment and the class path select. Depends on the cache module only. */
final class ChosenDriver {
    private ChosenDriver() {}

    public static void main(String[] args) {
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        try (StorageDriver driver = StorageDrivers.create(Env.system())) {
            out.println(driver.name());
        } catch (RuntimeException | LinkageError e) {
            out.println(e.getClass().getSimpleName() + ": " + e.getMessage());
        }
    }
}
