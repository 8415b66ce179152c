package io.alldocs.cli.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.alldocs.cli.ExitCode;
import io.alldocs.cli.Program;
import io.alldocs.examples.registry.EmbeddedRegistry;
import io.alldocs.examples.registry.Endpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests bootstraps of a part of the names. Tests which names are fetched after the filter changes. */
class FilterTest {
    private static final int NAMES = 400;

    @TempDir
    private Path folder;

    private EmbeddedRegistry registry;
    private Bench bench;

    @BeforeEach
    void start() {
        registry = EmbeddedRegistry.builder().names(NAMES).start();
        bench = new Bench(registry, folder);
    }

    @AfterEach
    void stop() {
        registry.close();
    }

    @Test
    void allow_somePatterns_fetchesThoseAndListsAll() {
        JsonNode report = bench.expect(ExitCode.COMPLETE, "--allow", "a*,*b", "--deny", "ab*");

        Predicate<String> allowed = name -> (name.startsWith("a") || name.endsWith("b")) && !name.startsWith("ab");
        long expected = registry.names().stream().filter(allowed).count();
        assertThat(expected).isBetween(1L, NAMES - 1L);
        assertThat(bench.storedKeys("v1:packument:")).isEqualTo(expected);
        assertThat(bench.asked(Endpoint.PACKUMENT)).isEqualTo(expected);
        bench.assertNamesEqualOrigin(name -> true);
        bench.assertPackumentsEqualOrigin(allowed);
        assertThat(report.at("/outcomes/denied").asLong()).isEqualTo(NAMES - expected);
        JsonNode offline = bench.expect(ExitCode.COMPLETE, "--offline", "--allow", "a*,*b", "--deny", "ab*");
        assertThat(offline.at("/outcomes/denied").asLong()).isEqualTo(NAMES - expected);
    }

    @Test
    void filterChanged_nextRun_fetchesOnlyWhatIsNewlyAllowed() throws IOException {
        Path patterns = Files.writeString(folder.resolve("allow.txt"), "# some\n\na*\n");
        bench.expect(ExitCode.COMPLETE, "--allow-file", patterns.toString());
        long first = bench.asked(Endpoint.PACKUMENT);

        Files.writeString(patterns, "a*\nb*\n");
        bench.expect(ExitCode.COMPLETE, "--allow-file", patterns.toString());

        Predicate<String> allowed = name -> name.startsWith("a") || name.startsWith("b");
        long all = registry.names().stream().filter(allowed).count();
        assertThat(first).isLessThan(all);
        assertThat(bench.storedKeys("v1:packument:")).isEqualTo(all);
        bench.assertPackumentsEqualOrigin(allowed);

        bench.expect(ExitCode.COMPLETE);
        assertThat(bench.storedKeys("v1:packument:")).isEqualTo(NAMES);
        bench.assertPackumentsEqualOrigin(name -> true);
    }

    @Test
    void filterUnchanged_nextRun_sendsNoRequests() {
        bench.expect(ExitCode.COMPLETE, "--allow", "a*");
        long asked = bench.asked(Endpoint.PACKUMENT);

        bench.expect(ExitCode.COMPLETE, "--allow", "a*");

        assertThat(bench.asked(Endpoint.PACKUMENT)).isEqualTo(asked);
    }

    @Test
    void filters_badInput_areRefusedInWords() {
        Program.Result noFile = bench.run("--allow-file", "no/such/file");
        assertThat(noFile.exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(noFile.err()).contains("Cannot read the patterns in");

        Program.Result useless = bench.run("--names-only", "--deny", "x");
        assertThat(useless.exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(useless.err()).contains("--names-only cannot be used with --allow and --deny");
    }
}
