package io.alldocs.cli.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;

import io.alldocs.cli.ExitCode;
import io.alldocs.cli.Program;
import io.alldocs.examples.registry.EmbeddedRegistry;
import io.alldocs.examples.registry.Endpoint;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests lists and configuration files from other systems. They have byte order marks, UTF-16 or other line endings. */
class TextFilesTest {
    private static final String FILES = "/io/alldocs/cli/cases/21-text-files/";

    @TempDir
    private Path folder;

    private EmbeddedRegistry registry;
    private Bench bench;

    @BeforeEach
    void start() {
        registry = EmbeddedRegistry.builder()
                .names("alpha", "beta", "gamma", "@acme/tool")
                .start();
        bench = Bench.withFiles(registry, folder);
    }

    @AfterEach
    void stop() {
        registry.close();
    }

    @ParameterizedTest
    @CsvSource({
        "names-mark-crlf.txt, alpha beta @acme/tool",
        "names-cr.txt, alpha beta",
        "names-utf16le.txt, alpha beta",
        "names-utf16be.txt, alpha beta",
        "names-no-end.txt, alpha beta"
    })
    void names_fileOfAnotherSystem_areAllFetched(String file, String names) throws Exception {
        Program.Result result = Program.run(
                "bootstrap",
                "--names",
                file(file).toString(),
                "--registry",
                registry.origin().toString(),
                "--driver",
                "filesystem",
                "--cache-dir",
                bench.cacheDir.toString());

        assertThat(result.exitCode()).as(result.err()).isEqualTo(ExitCode.COMPLETE);
        List<String> expected = List.of(names.split(" "));
        assertThat(bench.storedKeys("v1:packument:")).isEqualTo(expected.size());
        assertThat(expected)
                .allSatisfy(name -> assertThat(bench.storedOutcome(name)).isEqualTo("ok"));
    }

    @Test
    void allowFile_withMarkAndCrlf_allowsWhatItsLinesSay() throws Exception {
        bench.expect(ExitCode.COMPLETE, "--allow-file", file("allow-mark.txt").toString());

        assertThat(bench.storedKeys("v1:packument:")).isEqualTo(2);
        assertThat(bench.storedOutcome("alpha")).isEqualTo("ok");
        assertThat(bench.storedOutcome("@acme/tool")).isEqualTo("ok");
    }

    @ParameterizedTest
    @ValueSource(strings = {"--allow-file", "--deny-file"})
    void patternFile_withLinesThatMatchNothing_namesThemBeforeAnyRequest(String option) throws Exception {
        Program.Result result = bench.run(option, file("patterns-wrong.txt").toString());

        assertThat(result.exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(result.err()).contains("line 2: ", "line 3: ").doesNotContain("line 1: ");
        assertThat(bench.asked(Endpoint.PACKUMENT) + bench.asked(Endpoint.ALL_DOCS))
                .isZero();
    }

    @Test
    void mirrorsDenyFile_withLinesThatMatchNothing_namesThemAndServesNothing() throws Exception {
        Program.Result result = Program.run(
                "mirror",
                "--port=0",
                "--pull-through",
                "--cache-dir",
                bench.cacheDir.toString(),
                "--deny-file",
                file("patterns-wrong.txt").toString());

        assertThat(result.exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(result.err()).contains("line 2: ", "line 3: ");
        assertThat(result.out()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"npmrc/mark-crlf.npmrc, UTF-8", "npmrc/utf16le.npmrc, UTF-16LE", "npmrc/utf16be.npmrc, UTF-16BE"})
    void npmrc_ofAnotherSystem_namesTheRegistry(String file, String encoding) throws Exception {
        Charset charset = Charset.forName(encoding);
        String text = Files.readString(file(file), charset);
        Path npmrc = Files.writeString(
                folder.resolve("npmrc"),
                text.replace("@REGISTRY@", registry.origin().getRawAuthority()),
                charset);
        Path names = Files.writeString(folder.resolve("names.txt"), "alpha\n");

        Program.Result result = Program.run(
                Map.of("NPM_CONFIG_USERCONFIG", npmrc.toString()),
                "bootstrap",
                "--names",
                names.toString(),
                "--driver",
                "filesystem",
                "--cache-dir",
                bench.cacheDir.toString());

        assertThat(result.exitCode()).as(result.err()).isEqualTo(ExitCode.COMPLETE);
        assertThat(bench.storedOutcome("alpha")).isEqualTo("ok");
    }

    @Test
    void npmrc_thatCannotBeDecoded_isRefusedWithItsLine() throws Exception {
        Path npmrc = Files.write(folder.resolve("npmrc"), new byte[] {'#', '\n', (byte) 0xe9, '\n'});

        Program.Result result = Program.run(
                Map.of("NPM_CONFIG_USERCONFIG", npmrc.toString()),
                "bootstrap",
                "--names",
                file("names-no-end.txt").toString(),
                "--cache-dir",
                bench.cacheDir.toString());

        assertThat(result.exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(result.err()).contains(npmrc + ", line 2: the line is not valid UTF-8");
    }

    private Path file(String name) throws IOException {
        Path copy = folder.resolve(Path.of(name).getFileName());
        try (InputStream in = Objects.requireNonNull(TextFilesTest.class.getResourceAsStream(FILES + name), name)) {
            Files.write(copy, in.readAllBytes());
        }
        return copy;
    }
}
