package io.alldocs.examples.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import io.alldocs.examples.registry.EmbeddedRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Runs small versions of the chaos programs. Checks that their comparison detects differences. */
class ChaosTest {
    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"filesystem", "sqlite"})
    @Tag("chaos")
    void kill_fewRuns_loseNothing(String driver) {
        assertHolds("kill", "--kills", "2", "--names", "250", "--driver", driver);
    }

    @ParameterizedTest
    @ValueSource(strings = {"filesystem", "sqlite"})
    @Tag("chaos")
    void faults_oneRound_leaveNothingWrong(String driver) {
        assertHolds("faults", "--seconds", "2", "--names", "250", "--driver", driver);
    }

    @Test
    @Tag("chaos")
    void damage_fewEntries_isNeverServedAndFetchedAgain() {
        assertHolds("damage", "--damages", "12", "--names", "200");
    }

    @Test
    @Tag("chaos")
    void follow_aFewSeconds_leavesNothingWrong() {
        assertHolds("follow", "--seconds", "4", "--names", "200", "--driver", "filesystem");
    }

    @Test
    void comparison_contentGoneAndOriginChanged_countsBoth() throws Exception {
        try (EmbeddedRegistry registry =
                EmbeddedRegistry.builder().names(50).mixedStates(false).start()) {
            try (BootstrapProcess run = BootstrapProcess.start(registry.origin(), folder, "filesystem", 4)) {
                assertThat(run.awaitExit(1, TimeUnit.MINUTES)).as(run.errors()).hasValue(0);
            }
            assertThat(Comparison.of(registry, folder, "filesystem").equal()).isTrue();

            registry.publish(registry.names().get(7));
            Comparison changed = Comparison.of(registry, folder, "filesystem");
            assertThat(changed.wrong()).isEqualTo(1);
            assertThat(changed.lost()).isZero();

            for (Path index : filesBelow(folder.resolve("cache").resolve("index-v5"))) {
                Files.delete(index);
            }
            assertThat(Comparison.of(registry, folder, "filesystem").lost()).isEqualTo(50);
        }
    }

    private static List<Path> filesBelow(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile).toList();
        }
    }

    private void assertHolds(String... command) {
        Chaos.assertHolds(folder, command);
    }
}
