package io.alldocs.storage.sqlite;

import static org.assertj.core.api.Assertions.assertThat;

import io.alldocs.cache.body.Body;
import io.alldocs.cache.spi.VerifyOptions;
import io.alldocs.cache.spi.VerifyReport;
import io.alldocs.storage.contract.Values;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Tests several processes on one file, and processes that are killed. */
class ProcessesTest {
    @TempDir
    Path folder;

    private Path file() {
        return folder.resolve("cache.sqlite");
    }

    @Test
    void twoProcesses_onOneFile_agreeOnEverything() throws Exception {
        int rounds = 300;
        // Neither process finds a file, so they create it at the same time.
        List<Process> processes = List.of(
                Children.start(Hammer.class, file().toString(), "a", "" + rounds),
                Children.start(Hammer.class, file().toString(), "b", "" + rounds));
        List<String> lines = new ArrayList<>();
        for (Process process : processes) {
            lines.addAll(Children.output(process).lines().toList());
            assertThat(process.waitFor()).isZero();
        }

        Set<String> claims =
                IntStream.range(0, rounds).mapToObj(i -> "claimed " + i).collect(Collectors.toSet());
        assertThat(lines).as("each claim is one process's").hasSize(rounds).containsExactlyInAnyOrderElementsOf(claims);
        try (SqliteStorageDriver driver = SqliteStorageDriver.open(file())) {
            assertThat(Values.keys(driver)).hasSize(3 * rounds + 1);
            VerifyReport report = driver.verify(VerifyOptions.dryRun());
            assertThat(report.clean()).isTrue();
            assertThat(report.reclaimedCount()).isZero();
        }
    }

    @Test
    @EnabledOnOs({OS.LINUX, OS.MAC})
    void open_interruptedWhileTheLibraryIsLoaded_leavesTheInterruptForTheCaller() throws Exception {
        // sqlite-jdbc runs this program to detect the platform; this version takes long enough to be interrupted.
        Path uname = Files.writeString(
                folder.resolve("uname"), "#!/bin/sh\nsleep 0.3\nPATH=/usr/bin:/bin exec uname \"$@\"\n");
        Files.setPosixFilePermissions(uname, PosixFilePermissions.fromString("rwx------"));
        Map<String, String> path = Map.of("PATH", folder + ":" + System.getenv("PATH"));

        Process process = Children.start(path, Interrupted.class, file().toString());

        assertThat(Children.output(process)).isEqualTo("interrupted: true\n");
        assertThat(process.waitFor()).isZero();
    }

    /** Runs in a JVM that has not loaded SQLite yet. */
    static final class Interrupted {
        private Interrupted() {}

        public static void main(String[] args) {
            Thread.currentThread().interrupt();
            try (SqliteStorageDriver driver = SqliteStorageDriver.open(Path.of(args[0]))) {
                System.out.println("interrupted: " + Thread.interrupted());
                driver.has("k");
            }
        }
    }

    /** Writes from four threads, reads back what it wrote, and prints the keys that it claimed and any errors. */
    static final class Hammer {
        private Hammer() {}

        public static void main(String[] args) throws Exception {
            String me = args[1];
            int rounds = Integer.parseInt(args[2]);
            ExecutorService executor = Executors.newFixedThreadPool(4);
            try (SqliteStorageDriver driver = SqliteStorageDriver.open(Path.of(args[0]))) {
                List<Future<?>> all = new ArrayList<>();
                for (int thread = 0; thread < 4; thread++) {
                    int first = thread;
                    all.add(executor.submit(() -> {
                        for (int i = first; i < rounds; i += 4) {
                            round(driver, me, i);
                        }
                    }));
                }
                for (Future<?> each : all) {
                    each.get();
                }
            } finally {
                executor.shutdown();
            }
        }

        private static void round(SqliteStorageDriver driver, String me, int i) {
            Values.put(driver, "shared", me + " " + i);
            if (Values.text(driver, "shared").isEmpty()) {
                System.out.println("the shared value was gone");
            }
            byte[] claim = Values.utf8(me);
            if (driver.putIfAbsent("claim-" + i, Values.head(claim), Body.of(claim))) {
                System.out.println("claimed " + i);
            }
            String key = me + "-" + i;
            Values.put(driver, key, Values.random(i, 10_000));
            if (i % 10 == 0) {
                driver.delete(key);
                if (driver.has(key)) {
                    System.out.println("not deleted: " + i);
                }
                Values.put(driver, key, Values.random(i, 10_000));
            }
            if (!driver.has(key)) {
                System.out.println("lost: " + i);
            }
        }
    }

    // ---- processes that are killed

    @Test
    void killedProcesses_atRandomMoments_loseNothingTheyAcknowledged() throws Exception {
        int kills = 2;
        ExecutorService killers = Executors.newFixedThreadPool(2);
        try (SqliteStorageDriver driver = SqliteStorageDriver.open(file())) {
            List<Future<Map<String, Long>>> running = new ArrayList<>();
            for (String writer : List.of("a", "b")) {
                running.add(killers.submit(() -> killAndCheck(driver, writer, kills)));
            }
            for (Future<Map<String, Long>> future : running) {
                assertThat(future.get()).hasSizeGreaterThan(1);
            }
            VerifyReport report = driver.verify(new VerifyOptions(true, Duration.ZERO, 2));
            assertThat(report.clean()).as("%s", report).isTrue();
            assertThat(report.reclaimedCount()).as("transactions are whole").isZero();
            for (Future<Map<String, Long>> future : running) {
                checkAcknowledged(driver, future.get());
            }
        } finally {
            killers.shutdownNow();
        }
    }

    /** No other process has the file open, so the next one finds the log and the file exactly as the kill left them. */
    @Test
    void killedProcess_aloneOnItsFile_leavesWhatItAcknowledged() throws Exception {
        Map<String, Long> acknowledged = new HashMap<>();
        for (int i = 0; i < 2; i++) {
            kill("alone", i, new Random(i), acknowledged);
            try (SqliteStorageDriver driver = SqliteStorageDriver.open(file())) {
                checkAcknowledged(driver, acknowledged);
                assertThat(driver.verify(VerifyOptions.dryRun()).clean()).isTrue();
            }
        }
        try (Stream<Path> files = Files.list(folder)) {
            // A temporary file that was created but not yet unlinked is empty.
            assertThat(files.filter(each -> each.toFile().length() > 0)).containsExactly(file());
        }
    }

    private Map<String, Long> killAndCheck(SqliteStorageDriver driver, String writer, int kills) throws Exception {
        Random random = new Random(writer.hashCode());
        Map<String, Long> acknowledged = new HashMap<>();
        for (int i = 0; i < kills; i++) {
            kill(writer, i, random, acknowledged);
            checkAcknowledged(driver, acknowledged);
        }
        return acknowledged;
    }

    private void kill(String writer, int round, Random random, Map<String, Long> acknowledged) throws Exception {
        Process process = Children.start(Killed.class, file().toString(), writer, "" + round * 1_000_000L);
        int linesToLive = 1 + random.nextInt(300);
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            int count = 0;
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (++count == linesToLive) {
                    process.toHandle().destroyForcibly(); // Process.destroyForcibly() would also close the output
                }
                if (line.endsWith(".")) {
                    String[] words = line.split(" ", 3);
                    acknowledged.merge(words[0], Long.parseLong(words[1]), Math::max);
                }
            }
            assertThat(count).isGreaterThanOrEqualTo(linesToLive);
        }
        assertThat(process.waitFor()).isNotZero();
    }

    /**
     * The stored value is the acknowledged one, or a later one whose acknowledgement was lost in the kill. In either
     * case it is complete.
     */
    private static void checkAcknowledged(SqliteStorageDriver driver, Map<String, Long> acknowledged) {
        acknowledged.forEach((key, version) -> {
            byte[] bytes = Values.bytes(driver, key);
            long stored = Killed.version(bytes);
            assertThat(stored).as(key).isGreaterThanOrEqualTo(version);
            assertThat(Arrays.equals(bytes, Killed.value(key, stored))).as(key).isTrue();
        });
    }

    /** Stores values that contain their key and version, from four threads, and prints each after its put returned. */
    static final class Killed {
        private Killed() {}

        public static void main(String[] args) throws InterruptedException {
            SqliteStorageDriver driver = SqliteStorageDriver.open(Path.of(args[0]));
            List<Thread> threads = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                String prefix = args[1] + "-" + i + "-";
                threads.add(new Thread(() -> write(driver, prefix, Long.parseLong(args[2]))));
            }
            threads.forEach(Thread::start);
            for (Thread thread : threads) {
                thread.join();
            }
        }

        private static void write(SqliteStorageDriver driver, String prefix, long first) {
            Random random = new Random(first);
            for (long version = first; ; version++) {
                String key = prefix + (random.nextInt(3) == 0 ? random.nextInt(20) : 0);
                Values.put(driver, key, value(key, version));
                System.out.println(key + " " + version + " .");
            }
        }

        static byte[] value(String key, long version) {
            Random random = new Random(31 * version + key.hashCode());
            int size = random.nextInt(50) == 0 ? 1_500_000 : random.nextInt(40_000);
            byte[] value = new byte[20 + size];
            random.nextBytes(value);
            System.arraycopy(Values.utf8(String.format("%020d", version)), 0, value, 0, 20);
            return value;
        }

        static long version(byte[] value) {
            return Long.parseLong(new String(value, 0, 20, StandardCharsets.UTF_8));
        }
    }

    @Test
    void manyProcesses_startingTogether_shareOneFile() throws IOException, InterruptedException {
        List<Process> processes = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            processes.add(Children.start(Hammer.class, file().toString(), "p" + i, "8"));
        }
        for (Process process : processes) {
            assertThat(Children.output(process).lines()).allMatch(line -> line.startsWith("claimed"));
            assertThat(process.waitFor()).isZero();
        }
        try (SqliteStorageDriver driver = SqliteStorageDriver.open(file())) {
            assertThat(Values.keys(driver)).hasSize(5 * 8 + 8 + 1);
        }
    }
}
