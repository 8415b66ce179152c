package io.alldocs.cli.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.alldocs.cli.ExitCode;
import io.alldocs.cli.Program;
import io.alldocs.examples.registry.EmbeddedRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests commands that need a job, on caches with no job, one job and several jobs. */
class StoredJobsTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    private Path folder;

    private EmbeddedRegistry registry;
    private String address;

    @BeforeEach
    void startRegistry() {
        registry = EmbeddedRegistry.builder()
                .names("a1", "a2", "b1", "b2", "it's", "zz")
                .mixedStates(false)
                .start();
        address = registry.origin().toString();
    }

    @AfterEach
    void stopRegistry() {
        registry.close();
    }

    @Test
    void report_withoutOptions_reportsTheOnlyJob() throws Exception {
        bootstrap("--prefix", "a");

        Program.Result report = run("report", "--json");

        assertThat(report.exitCode()).as(report.err()).isZero();
        assertThat(JSON.readTree(report.out()).path("names").asInt()).isEqualTo(2);
        assertThat(JSON.readTree(report.out()).at("/job/registry").asText()).isEqualTo(address);
    }

    @Test
    void report_withTheOriginAlone_reportsTheJobOfItsRegistry() throws Exception {
        bootstrap("--prefix", "a");

        Program.Result report = run("report", "--json", "--origin", address + "/");

        assertThat(report.exitCode()).as(report.err()).isZero();
        assertThat(JSON.readTree(report.out()).path("names").asInt()).isEqualTo(2);
    }

    @Test
    void report_ofSeveralJobs_listsThemWithCommandsThatWork() throws Exception {
        bootstrap("--prefix", "a");
        bootstrap("--start", "a2", "--end", "b2", "--names-only");
        bootstrap("--prefix", "it's", "--abbreviated", "--deny", "x*");

        Program.Result report = run("report");

        assertThat(report.exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(report.err())
                .startsWith("Error: The cache contains 3 jobs that match; choose one:")
                .contains("  names from a before b of " + address + ", form full");
        List<String> commands = report.err()
                .lines()
                .filter(line -> line.startsWith("      all-docs report "))
                .toList();
        assertThat(commands)
                .hasSize(3)
                .anySatisfy(line -> assertThat(line).endsWith("--prefix a"))
                .anySatisfy(line -> assertThat(line).endsWith("--start a2 --end b2 --names-only"))
                .anySatisfy(line -> assertThat(line).endsWith("--prefix 'it'\\''s' --abbreviated --deny 'x*'"));
        assertThat(commands.stream().map(line -> namesReported(line.strip()))).containsExactlyInAnyOrder(2, 2, 1);
    }

    /** Runs a command line, split into words by a shell, and returns the number of names in its report. */
    private int namesReported(String line) {
        try {
            Process words = new ProcessBuilder("sh", "-c", line.replaceFirst("all-docs", "printf '%s\\\\n'"))
                    .redirectErrorStream(true)
                    .start();
            List<String> typed = new ArrayList<>(
                    new String(words.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8)
                            .lines()
                            .toList());
            typed.add("--json");
            Program.Result result = Program.run(typed.toArray(String[]::new));
            assertThat(result.exitCode()).as(line + result.err()).isZero();
            return JSON.readTree(result.out()).path("names").asInt();
        } catch (java.io.IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void report_ofAJobThatIsNotThere_listsThoseThatAre() {
        bootstrap("--prefix", "a");

        Program.Result report = run("report", "--prefix", "z");

        assertThat(report.exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(report.err())
                .startsWith("Error: The cache contains nothing of this job. It contains these jobs:")
                .contains("--registry " + address + " --prefix a");
    }

    @Test
    void jobs_printsACommandForEach_asTextAndAsJson() throws Exception {
        bootstrap("--prefix", "a");
        bootstrap("--prefix", "b");

        List<String> lines = run("report", "--jobs").out().lines().toList();
        JsonNode json = JSON.readTree(run("report", "--jobs", "--json").out());

        assertThat(lines).hasSize(4);
        assertThat(lines.get(1)).startsWith("    all-docs report --cache-dir ").contains("--prefix ");
        assertThat(json.get(0).path("command").asText()).isEqualTo(lines.get(1).strip());
        assertThat(json.get(0).at("/definition/registry").asText()).isEqualTo(address);
    }

    @Test
    void repair_withoutOptions_fetchesWhatTheOnlyJobMisses() {
        bootstrap("--prefix", "a");
        assertThat(run("clear", "--package", "a1", "--kind", "packument", "--yes")
                        .exitCode())
                .isZero();
        assertThat(run("report", "--offline").exitCode()).isEqualTo(ExitCode.PARTIAL);

        Program.Result repaired = run("report", "--repair");

        assertThat(repaired.exitCode()).as(repaired.out() + repaired.err()).isZero();
        assertThat(run("show", "a1").exitCode()).isZero();
    }

    @Test
    void follow_withoutOptions_followsTheOnlyJobWithItsFilterAndPolicy() throws Exception {
        bootstrap("--prefix", "a", "--deny", "a2");
        registry.publish("a1");
        registry.publish("a2");
        registry.publish("b1");

        Program.Result follow = run("follow", "--once", "--json");

        assertThat(follow.exitCode()).as(follow.err()).isZero();
        assertThat(JSON.readTree(follow.out()).path("fetched").asInt())
                .as(follow.out())
                .isEqualTo(1);
        assertThat(run("show", "a2").exitCode()).isEqualTo(ExitCode.PARTIAL);
    }

    @Test
    void report_ofAFileOfNames_readsItAgainAndRefusesOneThatChanged() throws Exception {
        Path names = Files.writeString(folder.resolve("names.txt"), "a1\nb2\n");
        bootstrap("--names", names.toString());

        assertThat(run("report").exitCode()).isZero();
        Files.writeString(names, "a1\nb2\nzz\n");
        Program.Result changed = run("report");

        assertThat(changed.exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(changed.err()).contains("The file " + names + " has changed since the job began");
    }

    @Test
    void report_withEmbedded_startsTheRegistryAgain() throws IOException {
        String port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = String.valueOf(free.getLocalPort());
        }
        assertThat(Program.run(line("bootstrap", "--embedded", "50", "--port", port))
                        .exitCode())
                .isZero();

        Program.Result without = Program.run(line("report"));
        Program.Result report = Program.run(line("report", "--embedded", "50", "--port", port));

        assertThat(without.exitCode()).isEqualTo(ExitCode.REFUSED);
        assertThat(without.out()).endsWith("It was not compared with the origin, which did not respond.\n");
        assertThat(without.err())
                .contains("Exit code 3: the origin did not respond. --offline reports only what is cached, with "
                        + "exit code 0.")
                .endsWith("  all-docs report --cache-dir " + folder.resolve("cache") + " --embedded 50 --port " + port
                        + System.lineSeparator());
        assertThat(report.exitCode()).as(report.out() + report.err()).isZero();
    }

    @Test
    void bootstrap_oneName_isCountedInTheSingular() {
        Program.Result one = Program.run(line("bootstrap", "--embedded", "1", "--port", "0", "--names-only"));

        assertThat(one.exitCode()).as(one.out() + one.err()).isZero();
        assertThat(one.out()).startsWith("Complete: 1 name (");
        assertThat(Program.run(line("bootstrap", "--embedded", "1", "--port", "0", "--prefix", "a"))
                        .out())
                .doesNotContain("1 names");
    }

    private void bootstrap(String... job) {
        String[] source = {"bootstrap", "--origin", address, "--registry", address};
        Program.Result result =
                run(Stream.concat(Arrays.stream(source), Arrays.stream(job)).toArray(String[]::new));
        assertThat(result.exitCode()).as(result.out() + result.err()).isZero();
    }

    private Program.Result run(String... words) {
        return Program.run(line(words));
    }

    private String[] line(String... words) {
        return Stream.concat(
                        Stream.of(words),
                        Stream.of("--cache-dir", folder.resolve("cache").toString()))
                .toArray(String[]::new);
    }
}
