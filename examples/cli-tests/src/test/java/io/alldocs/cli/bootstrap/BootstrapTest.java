package io.alldocs.cli.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.alldocs.cache.Cache;
import io.alldocs.cli.ExitCode;
import io.alldocs.cli.Program;
import io.alldocs.examples.registry.EmbeddedRegistry;
import io.alldocs.examples.registry.Endpoint;
import io.alldocs.examples.registry.NameState;
import io.alldocs.packument.PackumentForm;
import io.alldocs.sync.SyncResult;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BootstrapTest {
    @TempDir
    private Path folder;

    @Test
    void bootstrap_ofAWholeRegistry_equalsItAndProvesIt() {
        try (EmbeddedRegistry registry = EmbeddedRegistry.builder().names(1_200).start()) {
            Bench bench = Bench.withFiles(registry, folder);

            JsonNode report = bench.expect(ExitCode.COMPLETE);

            assertThat(report.path("status").asText()).isEqualTo("complete");
            assertThat(report.path("schemaVersion").asInt()).isEqualTo(SyncResult.SCHEMA_VERSION);
            assertThat(report.path("names").asInt()).isEqualTo(1_200);
            assertThat(report.path("missing").asInt()).isZero();
            assertThat(report.path("work").path("fetched").asInt()).isEqualTo(1_200);
            assertThat(report.path("completeness").path("complete").asBoolean()).isTrue();
            assertThat(report.path("partitions")).hasSizeGreaterThan(1);
            assertThat(sum(report.path("outcomes"))).isEqualTo(1_200);
            assertThat(report.path("outcomes").path("not_found").asInt()).isPositive();
            bench.assertNamesEqualOrigin(name -> true);
            bench.assertPackumentsEqualOrigin(name -> true);
            assertThat(registry.requests().namesAskedAtLeast(2)).isZero();
        }
    }

    @Test
    void bootstrap_withoutADriver_createsADatabaseAndReusesIt() {
        try (EmbeddedRegistry registry = EmbeddedRegistry.builder().names(100).start()) {
            Path cache = folder.resolve("cache");
            String[] job = {
                "bootstrap",
                "--origin",
                registry.origin().toString(),
                "--registry",
                registry.origin().toString(),
                "--cache-dir",
                cache.toString()
            };

            Program.Result first = Program.run(job);
            registry.requests().reset();
            Program.Result second = Program.run(job);

            assertThat(first.exitCode()).as(first.err()).isEqualTo(ExitCode.COMPLETE);
            assertThat(first.err()).contains("(sqlite, ");
            assertThat(cache).isDirectoryContaining("glob:**all-docs.sqlite");
            assertThat(second.exitCode()).as(second.err()).isEqualTo(ExitCode.COMPLETE);
            assertThat(registry.requests().count(Endpoint.PACKUMENT)).isZero();
        }
    }

    @Test
    void bootstrap_withoutADriver_reusesExistingFiles() {
        try (EmbeddedRegistry registry = EmbeddedRegistry.builder().names(100).start()) {
            Bench bench = Bench.withFiles(registry, folder);
            bench.expect(ExitCode.COMPLETE);
            registry.requests().reset();

            Program.Result result = Program.run(
                    "bootstrap",
                    "--origin",
                    registry.origin().toString(),
                    "--registry",
                    registry.origin().toString(),
                    "--cache-dir",
                    bench.cacheDir.toString());

            assertThat(result.exitCode()).as(result.err()).isEqualTo(ExitCode.COMPLETE);
            assertThat(result.err()).contains("(filesystem, ");
            assertThat(bench.cacheDir).isDirectoryNotContaining("glob:**all-docs.sqlite");
            assertThat(registry.requests().count(Endpoint.PACKUMENT)).isZero();
        }
    }

    @Test
    void bootstrap_afterItFinished_requestsOnlyTheFeed() {
        try (EmbeddedRegistry registry = EmbeddedRegistry.builder().names(300).start()) {
            Bench bench = new Bench(registry, folder);
            bench.expect(ExitCode.COMPLETE);
            registry.requests().reset();

            JsonNode report = bench.expect(ExitCode.COMPLETE);

            assertThat(report.path("resumed").asBoolean()).isTrue();
            assertThat(bench.asked(Endpoint.PACKUMENT)).isZero();
            assertThat(bench.asked(Endpoint.ALL_DOCS)).isZero();
            assertThat(bench.asked(Endpoint.CHANGES)).isEqualTo(1);
        }
    }

    @Test
    void bootstrap_ofAFolderThatLostFiles_fetchesWhatIsMissingAndNothingElse() throws IOException {
        try (EmbeddedRegistry registry = EmbeddedRegistry.builder().names(300).start()) {
            Bench bench = Bench.withFiles(registry, folder);
            bench.expect(ExitCode.COMPLETE);
            damageEveryThirdFile(bench.cacheDir.resolve("content-v2"));
            registry.requests().reset();

            JsonNode report = bench.expect(ExitCode.COMPLETE);

            assertThat(sum(report.path("outcomes")))
                    .isEqualTo(report.path("names").asLong());
            assertThat(bench.asked(Endpoint.PACKUMENT)).isBetween(50L, 150L);
            assertThat(registry.requests().namesAskedAtLeast(2)).isZero();
            bench.assertNamesEqualOrigin(name -> true);
            bench.assertPackumentsEqualOrigin(name -> true);
            registry.requests().reset();
            bench.expect(ExitCode.COMPLETE);
            assertThat(bench.asked(Endpoint.PACKUMENT)).isZero();
        }
    }

    @Test
    void bootstrap_withoutItsRecords_startsAgainAndReusesStoredRevisions() throws IOException {
        try (EmbeddedRegistry registry =
                EmbeddedRegistry.builder().names(300).mixedStates(false).start()) {
            Bench bench = new Bench(registry, folder);
            bench.expect(ExitCode.COMPLETE);
            try (Cache cache = bench.cache().build();
                    Stream<String> keys = cache.keys("v1:checkpoint:")) {
                keys.toList().forEach(cache.driver()::delete);
            }
            registry.requests().reset();

            bench.expect(ExitCode.COMPLETE);

            assertThat(bench.asked(Endpoint.PACKUMENT)).isZero();
            bench.assertNamesEqualOrigin(name -> true);
            bench.assertPackumentsEqualOrigin(name -> true);
        }
    }

    /** Damages the records of a job: both plans, the records of the parts of the plans, and the state of the job. */
    @ParameterizedTest
    @ValueSource(strings = {"\"runId\"", "\"details\"", "\"followedAt\""})
    void bootstrap_whoseRecordsAreDamaged_writesThemAgainAndRequestsNoPackument(String foundIn) throws IOException {
        try (EmbeddedRegistry registry =
                EmbeddedRegistry.builder().names(200).mixedStates(false).start()) {
            Bench bench = Bench.withFiles(registry, folder);
            bench.expect(ExitCode.COMPLETE);
            List<Path> notes = Bench.filesWith(bench.cacheDir.resolve("content-v2"), foundIn);
            assertThat(notes).isNotEmpty();
            for (Path note : notes) {
                Files.write(note, new byte[] {1, 2, 3});
            }
            registry.requests().reset();

            bench.expect(ExitCode.COMPLETE);

            assertThat(bench.asked(Endpoint.PACKUMENT)).isZero();
            bench.assertNamesEqualOrigin(name -> true);
            bench.assertPackumentsEqualOrigin(name -> true);
        }
    }

    /**
     * Damages a third of the files: deletes half of these and truncates the others. Does not damage the claim on the
     * job. This process held the claim and is still alive, so only the claim's file shows that the claim was released.
     */
    private static void damageEveryThirdFile(Path content) throws IOException {
        List<Path> files = new ArrayList<>();
        try (Stream<Path> walked = Files.walk(content)) {
            for (Path file : walked.filter(Files::isRegularFile).sorted().toList()) {
                if (!new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1).startsWith("{\"n\":")) {
                    files.add(file);
                }
            }
        }
        for (int i = 0; i < files.size(); i += 6) {
            Files.delete(files.get(i));
        }
        for (int i = 3; i < files.size(); i += 6) {
            Files.write(files.get(i), new byte[] {1, 2, 3});
        }
    }

    @Test
    void bootstrap_afterChanges_requestsOnlyTheChangedNames() {
        try (EmbeddedRegistry registry =
                EmbeddedRegistry.builder().names(300).mixedStates(false).start()) {
            Bench bench = new Bench(registry, folder);
            bench.expect(ExitCode.COMPLETE);
            List<String> names = registry.names();
            registry.publish(names.get(10));
            registry.publish("zzz-brand-new");
            registry.unpublish(names.get(20));
            registry.securityHold(names.get(30));
            registry.block(names.get(40));
            registry.delete(names.get(50));
            registry.requests().reset();

            JsonNode report = bench.expect(ExitCode.COMPLETE);

            assertThat(registry.requests().namesAskedAtLeast(1)).isEqualTo(6);
            assertThat(bench.asked(Endpoint.PACKUMENT)).isEqualTo(6);
            assertThat(report.path("feed").path("concerning").asInt()).isEqualTo(6);
            assertThat(report.path("feed").path("deletions").asInt()).isEqualTo(1);
            assertThat(report.path("names").asInt()).isEqualTo(300);
            assertThat(report.path("outcomes").path("unpublished").asInt()).isEqualTo(1);
            assertThat(report.path("outcomes").path("security_holder").asInt()).isEqualTo(1);
            assertThat(report.path("outcomes").path("blocked").asInt()).isEqualTo(1);
            bench.assertNamesEqualOrigin(name -> true);
            bench.assertPackumentsEqualOrigin(name -> true);
            assertThat(bench.storedOutcome(names.get(50))).isEqualTo("not_found");
        }
    }

    @Test
    void bootstrap_driftDuringTheWalk_isCaughtUpWith() {
        try (EmbeddedRegistry registry = EmbeddedRegistry.builder()
                .names(1_200)
                .faults(List.of(io.alldocs.examples.registry.Fault.drift(1).times(6)))
                .start()) {
            Bench bench = new Bench(registry, folder);

            JsonNode report = bench.expect(ExitCode.COMPLETE);

            assertThat(registry.faults().hits("drift")).isEqualTo(6);
            assertThat(report.path("feed").path("changes").asInt()).isGreaterThanOrEqualTo(6);
            bench.assertNamesEqualOrigin(name -> true);
            bench.assertPackumentsEqualOrigin(name -> true);
        }
    }

    @Test
    void bootstrap_afterASequenceReset_comparesByRevisionAndWipesNothing() {
        try (EmbeddedRegistry registry =
                EmbeddedRegistry.builder().names(400).mixedStates(false).start()) {
            Bench bench = new Bench(registry, folder);
            bench.expect(ExitCode.COMPLETE);
            List<String> names = registry.names();
            registry.publish(names.get(5));
            registry.delete(names.get(6));
            registry.publish("zzz-brand-new");
            registry.resetSequence();
            registry.requests().reset();

            JsonNode report = bench.expect(ExitCode.COMPLETE);

            assertThat(report.path("feed").path("resets").asInt()).isEqualTo(1);
            assertThat(registry.requests().namesAskedAtLeast(1)).isEqualTo(3);
            bench.assertNamesEqualOrigin(name -> true);
            bench.assertPackumentsEqualOrigin(name -> true);
            assertThat(bench.storedOutcome(names.get(6))).isEqualTo("not_found");
        }
    }

    @Test
    void bootstrap_force_loadsEverythingAgain() {
        try (EmbeddedRegistry registry = EmbeddedRegistry.builder().names(200).start()) {
            Bench bench = new Bench(registry, folder);
            bench.expect(ExitCode.COMPLETE);
            registry.requests().reset();

            JsonNode report = bench.expect(ExitCode.COMPLETE, "--force");

            assertThat(registry.requests().namesAskedAtLeast(1)).isEqualTo(200);
            assertThat(report.path("work").path("fetched").asInt()).isEqualTo(200);
            bench.assertPackumentsEqualOrigin(name -> true);

            registry.requests().reset();
            bench.expect(ExitCode.COMPLETE);
            assertThat(bench.asked(Endpoint.PACKUMENT)).isZero();
        }
    }

    @Test
    void bootstrap_namesOnly_listsNamesAndFollowsTheFeed() {
        try (EmbeddedRegistry registry = EmbeddedRegistry.builder().names(1_200).start()) {
            Bench bench = new Bench(registry, folder);

            JsonNode report = bench.expect(ExitCode.COMPLETE, "--names-only");

            assertThat(report.path("names").asInt()).isEqualTo(1_200);
            assertThat(bench.asked(Endpoint.PACKUMENT)).isZero();

            registry.publish("zzz-brand-new");
            registry.delete(registry.names().get(3));
            bench.expect(ExitCode.COMPLETE, "--names-only");
            bench.assertNamesEqualOrigin(name -> true);
        }
    }

    @Test
    void bootstrap_abbreviated_isAnotherJobOnTheSameFolder() {
        try (EmbeddedRegistry registry = EmbeddedRegistry.builder().names(150).start()) {
            Bench bench = new Bench(registry, folder);
            bench.expect(ExitCode.COMPLETE);

            JsonNode report = bench.expect(ExitCode.COMPLETE, "--abbreviated");

            assertThat(report.path("work").path("fetched").asInt()).isEqualTo(150);
            bench.assertPackumentsEqualOrigin(
                    PackumentForm.ABBREVIATED, name -> state(registry, name) == NameState.PRESENT);
            bench.assertPackumentsEqualOrigin(PackumentForm.FULL, name -> true);

            registry.requests().reset();
            bench.expect(ExitCode.COMPLETE, "--abbreviated");
            assertThat(bench.asked(Endpoint.PACKUMENT)).isZero();
        }
    }

    @Test
    void bootstrap_ofARange_takesItsNamesAlone() {
        try (EmbeddedRegistry registry = EmbeddedRegistry.builder().names(500).start()) {
            Bench bench = new Bench(registry, folder);
            String first = registry.names().get(100);
            String end = registry.names().get(160);

            JsonNode report = bench.expect(ExitCode.COMPLETE, "--start", first, "--end", end);

            assertThat(report.path("names").asInt()).isEqualTo(60);
            assertThat(registry.requests().namesAskedAtLeast(1)).isEqualTo(60);
            List<String> range = registry.names().subList(100, 160);
            bench.assertNamesEqualOrigin(range::contains);
            bench.assertPackumentsEqualOrigin(range::contains);

            registry.publish(registry.names().get(10));
            registry.requests().reset();
            bench.expect(ExitCode.COMPLETE, "--start", first, "--end", end);
            assertThat(bench.asked(Endpoint.PACKUMENT)).isZero();
        }
    }

    @Test
    void bootstrap_ofAPrefix_takesItsNamesAlone() {
        try (EmbeddedRegistry registry = EmbeddedRegistry.builder().names(500).start()) {
            Bench bench = new Bench(registry, folder);

            bench.expect(ExitCode.COMPLETE, "--prefix", "@");

            bench.assertNamesEqualOrigin(name -> name.startsWith("@"));
            bench.assertPackumentsEqualOrigin(name -> name.startsWith("@"));
        }
    }

    @Test
    void bootstrap_ofAFileOfNames_requestsOnlyTheRegistry() throws Exception {
        try (EmbeddedRegistry registry = EmbeddedRegistry.builder().names(300).start()) {
            List<String> wanted = registry.names().subList(50, 90);
            Path file = Files.write(folder.resolve("names.txt"), wanted);
            Files.writeString(
                    file, "# and one that is not there\nzzz-not-there\n", java.nio.file.StandardOpenOption.APPEND);

            Program.Result result = Program.run(
                    "bootstrap",
                    "--driver",
                    "filesystem",
                    "--registry",
                    registry.origin().toString(),
                    "--names",
                    file.toString(),
                    "--cache-dir",
                    folder.resolve("cache").toString());

            assertThat(result.exitCode()).as(result.err()).isEqualTo(ExitCode.COMPLETE);
            assertThat(result.out()).startsWith("Complete: 41 of 41 names have an outcome");
            assertThat(registry.requests().count(Endpoint.PACKUMENT)).isEqualTo(41);
            assertThat(registry.requests().total()).isEqualTo(41);
            Bench.withFiles(registry, folder).assertPackumentsEqualOrigin(wanted::contains);
        }
    }

    @Test
    void bootstrap_ofAFileAndAnOrigin_followsTheFeedForItsNames() throws Exception {
        try (EmbeddedRegistry registry =
                EmbeddedRegistry.builder().names(300).mixedStates(false).start()) {
            Bench bench = new Bench(registry, folder);
            List<String> wanted = List.copyOf(registry.names().subList(50, 90));
            String file = Files.write(folder.resolve("names.txt"), wanted).toString();
            bench.expect(ExitCode.COMPLETE, "--names", file);
            registry.publish(wanted.get(3));
            registry.publish(registry.names().get(200));
            registry.requests().reset();

            bench.expect(ExitCode.COMPLETE, "--names", file);

            assertThat(bench.asked(Endpoint.PACKUMENT)).isEqualTo(1);
            bench.assertPackumentsEqualOrigin(wanted::contains);
        }
    }

    @Test
    void bootstrap_offline_reportsWhatIsCached() {
        EmbeddedRegistry registry = EmbeddedRegistry.builder().names(250).start();
        Bench bench = new Bench(registry, folder);
        try (registry) {
            bench.expect(ExitCode.COMPLETE);
        }

        JsonNode report = bench.expect(ExitCode.COMPLETE, "--offline");

        assertThat(report.path("offline").asBoolean()).isTrue();
        assertThat(report.path("names").asInt()).isEqualTo(250);
        assertThat(sum(report.path("outcomes"))).isEqualTo(250);
        assertThat(bench.run("--offline", "--prefix", "a").exitCode()).isEqualTo(ExitCode.USAGE);
    }

    @Test
    void bootstrap_embedded_needsNothingElse() {
        Program.Result result = Program.run(
                "bootstrap",
                "--embedded",
                "120",
                "--port",
                "0",
                "--cache-dir",
                folder.resolve("cache").toString());

        assertThat(result.exitCode()).as(result.err()).isEqualTo(ExitCode.COMPLETE);
        assertThat(result.out())
                .startsWith("Complete: 120 of 120 names have an outcome (all names).")
                .contains("packuments ", " ok", "this run ", "requests ", "changes ")
                .endsWith("to fetch later changes." + System.lineSeparator());
        assertThat(result.err()).contains("Fetching all names from http", "packuments 120 of 120 (100 %)");
    }

    @Test
    void bootstrap_quiet_printsNothing() {
        Program.Result result = Program.run(
                "bootstrap",
                "--embedded",
                "50",
                "--port",
                "0",
                "--quiet",
                "--cache-dir",
                folder.resolve("cache").toString());

        assertThat(result).isEqualTo(new Program.Result(ExitCode.COMPLETE, "", ""));
    }

    @Test
    void bootstrap_namesOfEveryLegalKind_arriveWhole() {
        try (EmbeddedRegistry registry = EmbeddedRegistry.builder()
                .names(
                        "-",
                        "--hyphens--",
                        "0",
                        "Base64",
                        "base64",
                        "@scope/name",
                        "it's!(*)~",
                        "_odd",
                        "ünï-cödé",
                        "😀",
                        "￿")
                .start()) {
            Bench bench = new Bench(registry, folder);

            JsonNode report = bench.expect(ExitCode.COMPLETE);

            assertThat(report.path("names").asInt()).isEqualTo(11);
            bench.assertNamesEqualOrigin(name -> true);
            bench.assertPackumentsEqualOrigin(name -> true);
        }
    }

    @Test
    void bootstrap_namesThatStandTwiceInAFile_countOnce() throws IOException {
        Path names = Files.writeString(folder.resolve("names.txt"), "express\nexpress\nlodash\nexpress\n");
        try (EmbeddedRegistry registry =
                EmbeddedRegistry.builder().names("express", "lodash").start()) {
            Bench bench = new Bench(registry, folder);

            JsonNode report = bench.expect(ExitCode.COMPLETE, "--names", names.toString());

            assertThat(report.path("names").asInt()).isEqualTo(2);
            assertThat(sum(report.path("outcomes"))).isEqualTo(2);
        }
    }

    private static NameState state(EmbeddedRegistry registry, String name) {
        return registry.state(name).orElseThrow();
    }

    private static long sum(JsonNode counts) {
        long sum = 0;
        for (JsonNode count : counts) {
            sum += count.asLong();
        }
        return sum;
    }
}
