package io.alldocs.cli.follow;

import static org.assertj.core.api.Assertions.assertThat;

import io.alldocs.cli.ExitCode;
import io.alldocs.cli.Program;
import io.alldocs.cli.bootstrap.Bench;
import io.alldocs.cli.bootstrap.ChildProcess;
import io.alldocs.examples.registry.EmbeddedRegistry;
import io.alldocs.examples.registry.Endpoint;
import io.alldocs.examples.registry.Fault;
import io.alldocs.sync.DeletionPolicy;
import io.alldocs.sync.SyncStatus;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FollowTest {
    @TempDir
    private Path folder;

    @Test
    void follow_100ChangesASecondAndASequenceReset_equalsTheOriginWithoutLag() throws Exception {
        try (EmbeddedRegistry registry = EmbeddedRegistry.builder().names(400).start()) {
            Bench bench = new Bench(registry, folder);
            try (RunningFollower follower = RunningFollower.startWalking(bench)) {
                follower.await("the feed", status -> status.state() == SyncStatus.State.FOLLOWING);
                registry.churn(100);
                follower.await("changes", status -> status.counts().changes() >= 60);
                long before = registry.updateSeq();
                registry.resetSequence();
                assertThat(registry.updateSeq()).isLessThan(before);
                follower.await("a new epoch", status -> status.counts().resets() == 1);
                long changes = follower.status().counts().changes();
                follower.await(
                        "changes of the new epoch", status -> status.counts().changes() >= changes + 60);
                registry.churn(0);
                follower.awaitCurrent();
                follower.await(
                        "no lag",
                        status -> status.lagSequences().orElse(-1) == 0
                                && status.lagRows().orElse(-1) == 0
                                && status.behind().isZero());
                follower.await(
                        "a walk after the last change",
                        status -> bench.storedNames().equals(registry.names()));

                assertThat(follower.interrupt()).isEqualTo(ExitCode.COMPLETE);
                assertThat(follower.said).anyMatch(line -> line.contains("new epoch"));
            }
            bench.assertPackumentsEqualOrigin(name -> true);
            bench.assertNamesEqualOrigin(name -> true);
        }
    }

    @Test
    void follow_untilIdle_requestsEachChangedNameOnce() throws Exception {
        try (EmbeddedRegistry registry =
                EmbeddedRegistry.builder().names(200).mixedStates(false).start()) {
            Bench bench = new Bench(registry, folder);
            bench.expect(ExitCode.COMPLETE);
            List<String> changed = new ArrayList<>(registry.names().subList(20, 30));
            for (int times = 0; times < 5; times++) {
                changed.forEach(registry::publish);
            }
            registry.publish("brand-new");
            registry.requests().reset();

            Program.Result result = run(bench, "--until-idle", "--json");

            assertThat(result.exitCode()).as(result.err()).isEqualTo(ExitCode.COMPLETE);
            assertThat(result.out())
                    .contains("\"state\":\"stopped\"", "\"lagSequences\":0", "\"owed\":0", "\"fetched\":11");
            assertThat(bench.asked(Endpoint.PACKUMENT)).isEqualTo(11);
            assertThat(bench.asked(Endpoint.ALL_DOCS)).isZero();
            bench.assertPackumentsEqualOrigin(name -> true);
            registry.requests().reset();

            Program.Result again = run(bench, "--once");

            assertThat(again.exitCode()).as(again.err()).isEqualTo(ExitCode.COMPLETE);
            assertThat(again.out())
                    .startsWith("Stopped at sequence " + registry.updateSeq() + ", which is the origin's");
            assertThat(bench.asked(Endpoint.PACKUMENT)).isZero();
        }
    }

    @Test
    void follow_idThatNamesAnotherDocument_isPassedOver() {
        try (EmbeddedRegistry registry =
                EmbeddedRegistry.builder().names("express", "lib").start()) {
            Bench bench = new Bench(registry, folder);
            bench.expect(ExitCode.COMPLETE);
            registry.publish("%6cib");
            registry.publish("express");
            bench.rewriteState(state -> ((com.fasterxml.jackson.databind.node.ObjectNode)
                            state.put("version", 1).set("sequence", state.get("from")))
                    .withObject("/owed")
                    .putObject("@scope%2fname")
                    .put("rev", "1-left-by-an-earlier-version")
                    .put("deleted", false));
            registry.requests().reset();

            Program.Result result = run(bench, "--once", "--json");

            assertThat(result.exitCode()).as(result.err()).isEqualTo(ExitCode.COMPLETE);
            assertThat(result.out()).contains("\"lagSequences\":0", "\"owed\":0", "\"fetched\":1");
            assertThat(bench.asked(Endpoint.PACKUMENT)).isEqualTo(1);
        }
    }

    @Test
    void follow_registryBehindItsFeed_retriesAcrossARestartUntilItHasCaughtUp() throws Exception {
        try (EmbeddedRegistry registry =
                EmbeddedRegistry.builder().names(100).mixedStates(false).start()) {
            Bench bench = new Bench(registry, folder);
            bench.expect(ExitCode.COMPLETE);
            List<String> changed = List.copyOf(registry.names().subList(0, 7));
            changed.forEach(registry::publish);
            registry.faults().set(Fault.stale(1));
            try (RunningFollower follower = RunningFollower.start(bench)) {
                follower.awaitPosition(7);
                follower.await("an empty feed", status -> status.lagSequences().orElse(-1) == 0);
                assertThat(follower.interrupt()).isEqualTo(ExitCode.COMPLETE);
            }
            registry.faults().clear();
            registry.requests().reset();

            RunningFollower.untilIdle(bench, DeletionPolicy.MARK);

            assertThat(registry.requests().namesAskedAtLeast(1)).isEqualTo(7);
            bench.assertPackumentsEqualOrigin(name -> true);
        }
    }

    @Test
    void follow_registryThatNeverCatchesUp_isGivenUpAndLeftInPeace() throws Exception {
        try (EmbeddedRegistry registry =
                EmbeddedRegistry.builder().names(50).mixedStates(false).start()) {
            Bench bench = new Bench(registry, folder);
            bench.expect(ExitCode.COMPLETE);
            registry.publish(registry.names().get(3));
            registry.faults().set(Fault.stale(1));
            try (RunningFollower follower = RunningFollower.start(bench)) {
                follower.awaitPosition(1);
                assertThat(follower.interrupt()).isEqualTo(ExitCode.COMPLETE);
            }
            bench.rewriteRecords(
                    "v1:sync:",
                    ":retries:",
                    record -> record.withObject("/retries")
                            .forEach(debt -> ((com.fasterxml.jackson.databind.node.ObjectNode) debt)
                                    .put("tries", 11)
                                    .put("due", "2020-01-01T00:00:00Z")));
            registry.requests().reset();

            List<String> said = RunningFollower.untilIdle(bench, DeletionPolicy.MARK);

            assertThat(said).noneMatch(line -> line.contains("rror"));
            assertThat(bench.asked(Endpoint.PACKUMENT)).isEqualTo(1);
        }
    }

    @Test
    void follow_originUnreachable_waitsAndContinues() throws Exception {
        try (EmbeddedRegistry registry = EmbeddedRegistry.builder().names(100).start()) {
            Bench bench = new Bench(registry, folder);
            try (RunningFollower follower = RunningFollower.start(bench)) {
                follower.await("the feed", status -> status.state() == SyncStatus.State.FOLLOWING);
                registry.faults().set(Fault.status(503, 1));
                follower.await("an outage", status -> status.state() == SyncStatus.State.WAITING);
                assertThat(follower.status().problem()).contains("503");
                assertThat(follower.status().toJson().path("state").asText()).isEqualTo("waiting");
                registry.publish(registry.names().get(5));
                registry.faults().clear();
                follower.awaitCurrent();
                follower.await("the end of the outage", status -> status.problem() == null);

                assertThat(follower.status().outages()).isEqualTo(1);
                assertThat(follower.interrupt()).isEqualTo(ExitCode.COMPLETE);
                assertThat(follower.said)
                        .anyMatch(line -> line.contains("503") && line.contains("retried until it succeeds"))
                        .anyMatch(line -> line.startsWith("The source is available again after "));
            }
            bench.assertPackumentsEqualOrigin(name -> true);
        }
    }

    @Test
    void follow_credentialsRefused_endsAtOnce() {
        try (EmbeddedRegistry registry = EmbeddedRegistry.builder().names(20).start()) {
            Bench bench = new Bench(registry, folder);
            bench.expect(ExitCode.COMPLETE);
            registry.faults().set(Fault.status(401, 1));

            Program.Result result = run(bench);

            assertThat(result.exitCode()).isEqualTo(ExitCode.REFUSED);
            assertThat(result.err()).contains("401");
        }
    }

    @Test
    void follow_inAProcess_endedBySigtermResumes() throws Exception {
        try (EmbeddedRegistry registry =
                EmbeddedRegistry.builder().names(120).mixedStates(false).start()) {
            Bench bench = new Bench(registry, folder);
            bench.expect(ExitCode.COMPLETE);
            List<String> changed = List.copyOf(registry.names().subList(0, 60));
            registry.requests().reset();
            try (ChildProcess process = ChildProcess.start(folder, commandLine(bench, "--interval", "0.05"))) {
                changed.subList(0, 30).forEach(registry::publish);
                process.awaitWhileRunning(() -> registry.requests().namesAskedAtLeast(1) >= 30);
                process.terminate();
                assertThat(process.awaitExit()).as(process.err()).isEqualTo(ExitCode.COMPLETE);
                assertThat(process.out()).startsWith("Stopped at sequence ");
                assertThat(process.err()).contains("Following from sequence ").doesNotContain("Exception");
            }
            changed.subList(30, 60).forEach(registry::publish);

            Program.Result result = run(bench, "--until-idle");

            assertThat(result.exitCode()).as(result.err()).isEqualTo(ExitCode.COMPLETE);
            assertThat(registry.requests().namesAskedAtLeast(1)).isEqualTo(60);
            bench.assertPackumentsEqualOrigin(name -> true);
        }
    }

    @Test
    void follow_duringAnotherRunOfTheJob_isRefused() throws Exception {
        try (EmbeddedRegistry registry = EmbeddedRegistry.builder().names(20).start()) {
            Bench bench = new Bench(registry, folder);
            bench.expect(ExitCode.COMPLETE);
            registry.requests().reset();
            try (ChildProcess process = ChildProcess.start(folder, commandLine(bench))) {
                process.awaitWhileRunning(() -> bench.asked(Endpoint.INFO) > 0);

                for (Program.Result result : List.of(run(bench), bench.run())) {
                    assertThat(result.exitCode()).isEqualTo(ExitCode.USAGE);
                    assertThat(result.err()).contains("Another run of this job is in progress");
                }
                process.terminate();
                assertThat(process.awaitExit()).isEqualTo(ExitCode.COMPLETE);
            }
        }
    }

    @Test
    void deletedNames_keepMarkDelete_followThePolicy() throws Exception {
        try (EmbeddedRegistry registry =
                EmbeddedRegistry.builder().names(60).mixedStates(false).start()) {
            Bench bench = new Bench(registry, folder);
            bench.expect(ExitCode.COMPLETE);
            List<String> names = List.copyOf(registry.names().subList(0, 3));
            long stored = bench.storedKeys("v1:packument:");

            registry.delete(names.get(0));
            registry.requests().reset();
            RunningFollower.untilIdle(bench, DeletionPolicy.KEEP);
            assertThat(bench.asked(Endpoint.PACKUMENT)).isZero();
            assertThat(bench.storedOutcome(names.get(0))).isEqualTo("ok");

            registry.delete(names.get(1));
            RunningFollower.untilIdle(bench, DeletionPolicy.MARK);
            assertThat(bench.storedOutcome(names.get(1))).isEqualTo("not_found");
            assertThat(bench.storedKeys("v1:packument:")).isEqualTo(stored);

            registry.delete(names.get(2));
            RunningFollower.untilIdle(bench, DeletionPolicy.DELETE);
            assertThat(bench.storedKeys("v1:packument:")).isEqualTo(stored - 1);
        }
    }

    @Test
    void badOptions_areRefused() throws Exception {
        Path names = Files.writeString(folder.resolve("names.txt"), "express\n");
        assertRefused("cannot be used together", "--once", "--until-idle");
        assertRefused("--interval", "--interval", "90");
        assertRefused("--walk-every", "--walk-every", "-1");
        assertRefused("no feed to follow", "--names", names.toString(), "--cache-dir", folder.toString());
    }

    private static void assertRefused(String words, String... options) {
        List<String> line = new ArrayList<>(List.of("follow"));
        line.addAll(List.of(options));
        Program.Result result = Program.run(line.toArray(String[]::new));
        assertThat(result.exitCode()).as(result.err()).isEqualTo(ExitCode.USAGE);
        assertThat(result.err()).contains(words);
    }

    private static Program.Result run(Bench bench, String... more) {
        return Program.run(commandLine(bench, more).toArray(String[]::new));
    }

    private static List<String> commandLine(Bench bench, String... more) {
        List<String> line = new ArrayList<>(List.of("follow"));
        line.addAll(List.of(RunningFollower.jobOf(bench)));
        line.addAll(List.of(more));
        return line;
    }
}
