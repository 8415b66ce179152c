package io.alldocs.spring;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.health.autoconfigure.contributor.HealthContributorAutoConfiguration;
import org.springframework.boot.health.autoconfigure.registry.HealthContributorRegistryAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

/** Runners of application contexts, and waiting. */
final class Contexts {
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(60);

    private Contexts() {}

    interface Condition {
        boolean holds() throws Exception;
    }

    /** Returns a runner with all auto-configurations, without the npm configuration of this machine. */
    static ApplicationContextRunner runner(Path folder) {
        return new ApplicationContextRunner()
                .withConfiguration(AutoConfigurations.of(
                        AllDocsAutoConfiguration.class,
                        SecretsAutoConfiguration.class,
                        SyncAutoConfiguration.class,
                        WorkerAutoConfiguration.class,
                        HealthAutoConfiguration.class,
                        MetricsAutoConfiguration.class,
                        HealthContributorRegistryAutoConfiguration.class,
                        HealthContributorAutoConfiguration.class))
                .withPropertyValues(
                        "all-docs.storage.driver=filesystem",
                        "all-docs.storage.directory=" + folder.resolve("cache"),
                        "all-docs.variables[HOME]=" + folder,
                        "all-docs.variables[USERPROFILE]=" + folder,
                        "all-docs.variables[npm_config_globalconfig]=" + folder.resolve("none"));
    }

    /** Returns whether this thread keeps the process alive. */
    static boolean keepsAlive(String thread) {
        return Thread.getAllStackTraces().keySet().stream()
                .anyMatch(each -> each.getName().equals(thread) && !each.isDaemon());
    }

    static void until(String what, Condition condition) throws Exception {
        long end = System.nanoTime() + PATIENCE_NANOS;
        while (!condition.holds()) {
            assertThat(System.nanoTime()).as("still not so: %s", what).isLessThan(end);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(3));
        }
    }
}
