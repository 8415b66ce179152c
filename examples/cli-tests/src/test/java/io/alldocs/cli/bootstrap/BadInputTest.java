package io.alldocs.cli.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.alldocs.cli.ExitCode;
import io.alldocs.cli.Program;
import io.alldocs.examples.registry.EmbeddedRegistry;
import io.alldocs.examples.registry.Endpoint;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Tests invalid input of users. The program prints one clear paragraph, exits with 2, sends no request and writes no
 * file.
 */
class BadInputTest {
    @TempDir
    private Path folder;

    static Stream<Arguments> badLines() {
        return Stream.of(
                Arguments.of(List.of("--start", "b", "--end", "a"), "must be below"),
                Arguments.of(List.of("--start", ""), "must not be empty"),
                Arguments.of(List.of("--prefix", ""), "must not be empty"),
                Arguments.of(List.of("--start", "a\uD800"), "surrogate"),
                Arguments.of(List.of("--prefix", "\uDC00x"), "surrogate"),
                Arguments.of(List.of("--start", "b", "--prefix", "a"), "--prefix"),
                Arguments.of(List.of("--names", "absent.txt"), "absent.txt"),
                Arguments.of(List.of("--concurrency", "0"), "at least 1"),
                Arguments.of(List.of("--concurrency", "many"), "--concurrency"),
                Arguments.of(List.of("--rate", "-1"), "--rate"),
                Arguments.of(List.of("--embedded", "10"), "--embedded"),
                Arguments.of(List.of("--offline", "--force"), "--offline"),
                Arguments.of(List.of("--driver", "floppy"), "floppy"),
                Arguments.of(List.of("--report", "no/such/folder/report.json"), "no/such/folder"));
    }

    @ParameterizedTest
    @MethodSource("badLines")
    void bootstrap_badOption_isRefusedBeforeAnyRequest(List<String> options, String says) {
        try (EmbeddedRegistry registry = EmbeddedRegistry.builder().names(10).start()) {
            Program.Result result = runOn(registry, options);

            assertUsage(result, says);
            assertThat(registry.requests().total()).isZero();
        }
    }

    @Test
    void bootstrap_nameOfTenMegabytes_isRefusedWithoutRepeatingIt() {
        try (EmbeddedRegistry registry = EmbeddedRegistry.builder().names(10).start()) {
            String huge = "x".repeat(10_000_000);

            Program.Result result = runOn(registry, List.of("--start", huge, "--end", "a"));

            assertUsage(result, "below");
            assertThat(result.err()).hasSizeLessThan(2_000);
        }
    }

    @ParameterizedTest
    @MethodSource("badAddresses")
    void bootstrap_invalidAddress_isRefusedWithoutRepeatingIt(String address) {
        Program.Result result = Program.run(
                "bootstrap",
                "--origin",
                address,
                "--cache-dir",
                folder.resolve("cache").toString());

        assertUsage(result, "--origin");
        assertThat(result.err()).doesNotContain("hunter2");
    }

    static Stream<String> badAddresses() {
        return Stream.of(
                "ftp://example.com/hunter2",
                "replicate",
                "http://user:hunter2@example.com",
                "http://exa mple/hunter2",
                "https://example.com/?token=hunter2");
    }

    @Test
    void bootstrap_nameThatClimbs_isRefusedAndNothingIsWrittenOutside() throws Exception {
        Path names = Files.writeString(folder.resolve("names.txt"), "express\n../../etc/passwd\n/../../../tmp/x\n");
        try (EmbeddedRegistry registry = EmbeddedRegistry.builder().names(10).start()) {
            Program.Result result = runOn(registry, List.of("--names", names.toString()));

            assertUsage(result, "line 2: ");
            assertThat(result.err()).contains("line 3: ");
            assertThat(registry.requests().total()).isZero();
            assertThat(folder).isDirectoryNotContaining("glob:**passwd*");
        }
    }

    @Test
    void bootstrap_feedThatNamesAPath_writesInsideTheFolderOnly() throws Exception {
        try (EmbeddedRegistry registry = EmbeddedRegistry.builder()
                .names("express", "../../../etc/passwd", "..", "a/b/c")
                .start()) {
            Bench bench = new Bench(registry, folder);

            bench.expect(ExitCode.COMPLETE);

            assertThat(bench.report().path("outcomes").path("unaskable").asInt())
                    .isEqualTo(3);
            try (Stream<Path> files = Files.list(folder)) {
                assertThat(files.map(file -> file.getFileName().toString()))
                        .containsExactlyInAnyOrder("cache", "report.json");
            }
        }
    }

    /** A request for such an id would fetch the document of another package. */
    @Test
    void bootstrap_idsThatNameOtherDocuments_areNotRequested() {
        try (EmbeddedRegistry registry = EmbeddedRegistry.builder()
                .names("express", "lib", "%6cib", "@scope%2fname", "/left-pad")
                .start()) {
            Bench bench = new Bench(registry, folder);

            JsonNode first = bench.expect(ExitCode.COMPLETE);
            JsonNode second = bench.expect(ExitCode.COMPLETE);
            JsonNode offline = bench.expect(ExitCode.COMPLETE, "--offline");

            assertThat(List.of(first, second, offline))
                    .allMatch(report -> report.at("/outcomes/unaskable").asInt() == 3);
            assertThat(first.at("/work/hits").asInt()).isZero();
            assertThat(second.at("/work/hits").asInt()).isEqualTo(2);
            assertThat(bench.asked(Endpoint.PACKUMENT)).isEqualTo(2);
        }
    }

    @Test
    void bootstrap_cacheFolderThatIsAFile_isRefused() throws Exception {
        Path file = Files.writeString(folder.resolve("cache"), "I am a file");
        try (EmbeddedRegistry registry = EmbeddedRegistry.builder().names(10).start()) {
            assertUsage(new Bench(registry, folder).run(), file.toString());
            assertThat(file).hasContent("I am a file");
        }
    }

    @Test
    void bootstrap_stateOfANewerVersion_isRefusedAndKept() throws Exception {
        try (EmbeddedRegistry registry = EmbeddedRegistry.builder().names(30).start()) {
            Bench bench = new Bench(registry, folder);
            bench.expect(ExitCode.COMPLETE);
            bench.rewriteState(state -> state.put("version", 99));

            assertUsage(bench.run(), "version 99");

            bench.rewriteState(state -> state.put("version", 2));
            bench.expect(ExitCode.COMPLETE);
        }
    }

    private Program.Result runOn(EmbeddedRegistry registry, List<String> options) {
        List<String> line = new ArrayList<>(
                List.of("bootstrap", "--registry", registry.origin().toString()));
        line.addAll(Arrays.asList("--origin", registry.origin().toString()));
        line.addAll(Arrays.asList("--cache-dir", folder.resolve("cache").toString()));
        line.addAll(options);
        return Program.run(line.toArray(String[]::new));
    }

    private static void assertUsage(Program.Result result, String says) {
        assertThat(result.exitCode()).as(result.out() + result.err()).isEqualTo(ExitCode.USAGE);
        assertThat(result.err()).startsWith("Error: ").contains(says).doesNotContain("\tat ", "Exception");
        assertThat(result.out()).isEmpty();
    }
}
