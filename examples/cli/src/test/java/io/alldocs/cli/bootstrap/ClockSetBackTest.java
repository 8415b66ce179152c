package io.alldocs.cli.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;

import io.alldocs.cache.Cache;
import io.alldocs.cli.ExitCode;
import io.alldocs.examples.registry.EmbeddedRegistry;
import io.alldocs.examples.registry.Endpoint;
import io.alldocs.examples.registry.Fault;
import io.alldocs.http.BaseHttpClient;
import io.alldocs.packument.PackumentClient;
import io.alldocs.packument.PackumentForm;
import io.alldocs.partition.ChangesClient;
import io.alldocs.partition.Partition;
import io.alldocs.partition.PartitionClient;
import io.alldocs.storage.filesystem.FilesystemStorageDriver;
import io.alldocs.sync.Bootstrap;
import io.alldocs.sync.SyncForm;
import io.alldocs.sync.SyncJob;
import io.alldocs.sync.SyncResult;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A machine whose clock is set back by a day between two runs, as a wrong battery or a corrected time zone does. */
class ClockSetBackTest {
    private static final Clock YESTERDAY = Clock.offset(Clock.systemUTC(), Duration.ofDays(-1));

    @TempDir
    private Path folder;

    @Test
    void bootstrap_afterItFinishedAndTheClockWentBack_bringsTheChangesAndNothingElse() {
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
    void bootstrap_killedBeforeTheClockWentBack_goesOnAndLosesNothing() throws Exception {
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

    /** The job of the command line, in this process, where a clock can be given. */
    private static SyncResult.Status runYesterday(Bench bench) {
        var origin = bench.registry.origin();
        try (FilesystemStorageDriver driver = FilesystemStorageDriver.open(bench.cacheDir);
                Cache cache = Cache.builder().driver(driver).clock(YESTERDAY).build();
                BaseHttpClient http = BaseHttpClient.builder().build();
                PartitionClient partitions = PartitionClient.builder()
                        .cache(cache)
                        .http(http)
                        .origin(origin)
                        .build();
                ChangesClient changes =
                        ChangesClient.builder().http(http).origin(origin).build();
                PackumentClient packuments = PackumentClient.builder()
                        .cache(cache)
                        .http(http)
                        .registry(origin)
                        .form(PackumentForm.FULL)
                        .build()) {
            SyncJob job = new SyncJob(Optional.of(origin), origin, SyncForm.FULL, Partition.all(), Optional.empty());
            return Bootstrap.builder()
                    .job(job)
                    .cache(cache)
                    .partitions(partitions)
                    .changes(changes)
                    .packuments(packuments)
                    .build()
                    .run()
                    .status();
        }
    }
}
