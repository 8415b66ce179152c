package io.alldocs.cli.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;

import io.alldocs.Env;
import io.alldocs.cache.Cache;
import io.alldocs.cli.ExitCode;
import io.alldocs.examples.registry.EmbeddedRegistry;
import io.alldocs.examples.registry.Endpoint;
import io.alldocs.examples.registry.Fault;
import io.alldocs.sync.RegistrySync;
import io.alldocs.sync.SyncJob;
import io.alldocs.sync.SyncResult;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tests a clock that is set back by a day between two runs. This happens when a battery is empty or a time zone is
 * corrected.
 */
class ClockSetBackTest {
    private static final Clock YESTERDAY = Clock.offset(Clock.systemUTC(), Duration.ofDays(-1));

    @TempDir
    private Path folder;

    @Test
    void bootstrap_afterItFinishedAndTheClockWentBack_fetchesOnlyTheChanges() {
        try (EmbeddedRegistry registry =
                EmbeddedRegistry.builder().names(300).mixedStates(false).start()) {
            Bench bench = new Bench(registry, folder);
            bench.expect(ExitCode.COMPLETE);
            registry.publish(registry.names().get(10));
            registry.delete(registry.names().get(20));
            registry.publish("zzz-brand-new");
            registry.requests().reset();

            assertThat(runYesterday(bench)).isEqualTo(SyncResult.Status.COMPLETE);

            assertThat(registry.requests().namesAskedAtLeast(1)).isEqualTo(3);
            bench.assertNamesEqualOrigin(name -> true);
            bench.assertPackumentsEqualOrigin(name -> true);
        }
    }

    @Test
    void bootstrap_killedBeforeTheClockWentBack_resumesAndLosesNothing() throws Exception {
        try (EmbeddedRegistry registry =
                EmbeddedRegistry.builder().names(400).mixedStates(false).start()) {
            Bench bench = new Bench(registry, folder);
            registry.faults().set(Fault.latency(Duration.ofMillis(10)).on(Endpoint.PACKUMENT));
            try (ChildProcess run = ChildProcess.start(folder, bench.commandLine("--concurrency", "4"))) {
                run.awaitWhileRunning(() -> bench.asked(Endpoint.PACKUMENT) >= 100);
                run.kill();
            }
            registry.faults().clear();

            assertThat(runYesterday(bench)).isEqualTo(SyncResult.Status.COMPLETE);

            assertThat(registry.requests().namesAskedAtLeast(2)).isLessThanOrEqualTo(4);
            bench.assertNamesEqualOrigin(name -> true);
            bench.assertPackumentsEqualOrigin(name -> true);
            registry.requests().reset();
            assertThat(runYesterday(bench)).isEqualTo(SyncResult.Status.COMPLETE);
            assertThat(bench.asked(Endpoint.PACKUMENT)).isZero();
        }
    }

    /** Runs the job of the command line in this process, with a clock that a test can choose. */
    private static SyncResult.Status runYesterday(Bench bench) {
        var origin = bench.registry.origin();
        try (Cache cache = bench.cache().clock(YESTERDAY).build();
                RegistrySync sync = RegistrySync.builder()
                        .env(Env.of(Map.of()))
                        .cache(cache)
                        .job(SyncJob.builder().origin(origin).registry(origin).build())
                        .build()) {
            return sync.bootstrap().status();
        }
    }
}
