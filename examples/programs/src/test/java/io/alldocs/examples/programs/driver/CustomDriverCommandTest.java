package io.alldocs.examples.programs.driver;

import static org.assertj.core.api.Assertions.assertThat;

import io.alldocs.examples.programs.Program;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CustomDriverCommandTest {
    @TempDir
    private Path folder;

    @Test
    void customDriver_fetchesOnceAndFindsEverythingAgain() {
        Path log = folder.resolve("my-cache.log");

        Program.Result result = Program.run("custom-driver", "--file", log.toString());

        assertThat(result.err()).isEmpty();
        assertThat(result.exitCode()).isZero();
        assertThat(result.out())
                .contains("200 requests for 200 names", log + " holds 200 packuments, none of them damaged");
    }

    @Test
    void customDriver_withoutAFile_leavesNothingBehind() {
        Program.Result result = Program.run("custom-driver");

        assertThat(result.exitCode()).isZero();
        String holds = result.out()
                .lines()
                .filter(line -> line.contains(" holds "))
                .findFirst()
                .orElseThrow();
        String file = holds.substring(0, holds.indexOf(' '));
        assertThat(Files.exists(Path.of(file))).isFalse();
    }
}
