package io.alldocs.cli.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;

import io.alldocs.cli.ExitCode;
import io.alldocs.cli.Program;
import io.alldocs.examples.registry.EmbeddedRegistry;
import io.alldocs.examples.registry.Endpoint;
import io.alldocs.examples.registry.Fault;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JobLockTest {
    @TempDir
    private Path folder;

    @Test
    void bootstrap_ofAJobThatAnotherProcessRuns_isRefusedAndTheOtherCompletes() throws Exception {
        try (EmbeddedRegistry registry =
                EmbeddedRegistry.builder().names(300).mixedStates(false).start()) {
            Bench bench = new Bench(registry, folder);
            registry.faults().set(Fault.latency(Duration.ofMillis(20)).on(Endpoint.PACKUMENT));
            try (ChildProcess run = ChildProcess.start(folder, bench.commandLine("--concurrency", "1"))) {
                run.awaitWhileRunning(() -> bench.asked(Endpoint.PACKUMENT) >= 5);

                Program.Result second = bench.run("--concurrency", "1");

                assertThat(second.exitCode()).isEqualTo(ExitCode.USAGE);
                assertThat(second.err()).contains("Another run of this job is in progress: ");
                registry.faults().clear();
                assertThat(run.awaitExit()).isEqualTo(ExitCode.COMPLETE);
            }
            assertThat(registry.requests().namesAskedAtLeast(2)).isZero();
            bench.assertPackumentsEqualOrigin(name -> true);
        }
    }

    /** A kill leaves the lock file behind, but releases its lock. */
    @Test
    void bootstrap_afterAKill_isNotRefused() throws Exception {
        try (EmbeddedRegistry registry =
                EmbeddedRegistry.builder().names(300).mixedStates(false).start()) {
            Bench bench = new Bench(registry, folder);
            registry.faults().set(Fault.latency(Duration.ofMillis(20)).on(Endpoint.PACKUMENT));
            try (ChildProcess run = ChildProcess.start(folder, bench.commandLine("--concurrency", "1"))) {
                run.awaitWhileRunning(() -> bench.asked(Endpoint.PACKUMENT) >= 5);
                run.kill();
            }
            registry.faults().clear();

            bench.expect(ExitCode.COMPLETE);

            assertThat(registry.requests().namesAskedAtLeast(2)).isLessThanOrEqualTo(1);
        }
    }
}
