package io.alldocs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.alldocs.examples.registry.EmbeddedRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Tests commands that only read. On an empty folder, they print an error and create no file. */
class ReadingCommandsTest {
    private static final List<String> LINES = List.of(
            "report",
            "report --offline",
            "report --jobs",
            "report --repair",
            "report --prefix express",
            "bootstrap --offline",
            "list",
            "list --keys",
            "stats",
            "show express",
            "export out.jsonl",
            "export -",
            "diff other",
            "verify",
            "verify --repair",
            "clear --all --yes",
            "copy other",
            "mirror --port 0",
            "queue sizes",
            "queue dead",
            "queue retry --all",
            "queue discard --all");

    @TempDir
    private Path folder;

    static Stream<Arguments> everywhere() {
        return Stream.of("absent", "empty", "empty --driver sqlite", "empty --driver filesystem")
                .flatMap(place -> LINES.stream().map(line -> Arguments.of(line, place)));
    }

    @ParameterizedTest
    @MethodSource("everywhere")
    void command_whereThereIsNoCache_saysSoAndLeavesNoFile(String line, String place) throws IOException {
        Files.createDirectory(folder.resolve("empty"));
        List<String> before = files();

        Program.Result result = run(line + " --cache-dir " + place);

        assertThat(result.exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(result.err())
                .startsWith("Error: There is no cache")
                .contains(" in " + folder.resolve(place.replaceFirst(" .*", "")) + ";")
                .contains("all-docs bootstrap")
                .doesNotContain("\tat ");
        assertThat(result.out()).isEmpty();
        assertThat(files()).isEqualTo(before);
    }

    @Test
    void policy_whereThereIsNoCache_saysSoAndLeavesNoFile() throws IOException {
        Path policy = Files.writeString(folder.resolve("policy.conf"), "min-age: 7d\n");

        Program.Result result = run("policy express --cache-dir absent --policy " + policy);

        assertThat(result.exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(result.err()).startsWith("Error: There is no cache in");
        assertThat(files()).containsExactly("policy.conf");
    }

    @Test
    void diff_withACacheThatIsNotThere_saysSoAndLeavesNoFile() throws IOException {
        try (EmbeddedRegistry registry = EmbeddedRegistry.builder().names(3).start()) {
            String address = registry.origin().toString();
            assertThat(run("bootstrap --cache-dir cache --origin " + address + " --registry " + address)
                            .exitCode())
                    .isZero();
        }
        List<String> before = files();

        Program.Result result = run("diff " + folder.resolve("absent") + " --cache-dir cache");

        assertThat(result.exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(result.err()).startsWith("Error: There is no cache in " + folder.resolve("absent"));
        assertThat(files()).isEqualTo(before);
    }

    @Test
    void config_anywhere_leavesNoFile() throws IOException {
        assertThat(run("config").exitCode()).isZero();
        assertThat(files()).isEmpty();
    }

    private Program.Result run(String line) {
        List<String> words = new ArrayList<>(List.of(line.split(" ")));
        int place = words.indexOf("--cache-dir") + 1;
        if (place > 0) {
            words.set(place, folder.resolve(words.get(place)).toString());
        }
        return Program.run(Map.of("QUEUE_DURABLE", "true"), words.toArray(String[]::new));
    }

    private List<String> files() throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile)
                    .map(file -> folder.relativize(file).toString())
                    .sorted()
                    .toList();
        }
    }
}
