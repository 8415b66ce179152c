package io.alldocs.examples.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.alldocs.Env;
import io.alldocs.cache.spi.StorageDriver;
import io.alldocs.cache.spi.VerifyOptions;
import io.alldocs.storage.contract.Values;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Tests several processes on one table. */
class ProcessesTest {
    private static final PostgresServer SERVER = PostgresServer.running();
    private static final int ROUNDS = 100;

    @Test
    void processes_startingTogether_makeOneTableAndAgree() throws Exception {
        String database = SERVER.newDatabase();
        List<Process> processes = new ArrayList<>();
        for (String name : List.of("a", "b", "c")) {
            processes.add(start(database, name));
        }
        List<String> claims = new ArrayList<>();
        for (Process process : processes) {
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor()).as(output).isZero();
            output.lines().forEach(claims::add);
        }

        assertThat(claims)
                .as("each claim is one process's")
                .containsExactlyInAnyOrderElementsOf(
                        IntStream.range(0, ROUNDS).mapToObj(i -> "claimed " + i).toList());
        try (StorageDriver driver = SERVER.driver(database)) {
            assertThat(Values.keys(driver)).hasSize(4 * ROUNDS);
            assertThat(driver.verify(VerifyOptions.dryRun()).clean()).isTrue();
        }
    }

    /** Starts a process with the driver's variables in its environment, like any user's program. */
    private static Process start(String database, String name) throws Exception {
        ProcessBuilder builder = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Xmx128m",
                "-cp",
                System.getProperty("java.class.path"),
                Claimant.class.getName(),
                name);
        builder.environment().putAll(SERVER.variables(database));
        return builder.redirectError(ProcessBuilder.Redirect.INHERIT).start();
    }

    /** Writes its own values, and prints which of the contested keys it claimed. */
    static final class Claimant {
        private Claimant() {}

        public static void main(String[] arguments) {
            String me = arguments[0];
            try (StorageDriver driver = new PostgresStorageProvider().create(Env.system())) {
                for (int i = 0; i < ROUNDS; i++) {
                    Values.put(driver, me + i, me);
                    if (Values.putIfAbsent(driver, "claim " + i, Values.utf8(me))) {
                        System.out.println("claimed " + i);
                    }
                    if (!Values.text(driver, me + i).orElseThrow().equals(me)) {
                        System.out.println("lost " + me + i);
                    }
                }
            }
        }
    }
}
