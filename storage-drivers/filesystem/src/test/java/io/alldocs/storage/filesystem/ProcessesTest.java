package io.alldocs.storage.filesystem;

import static org.assertj.core.api.Assertions.assertThat;

import io.alldocs.cache.body.Body;
import io.alldocs.cache.spi.VerifyOptions;
import io.alldocs.cache.spi.VerifyReport;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Tests several processes on one folder, and processes that are killed. */
@Timeout(120)
class ProcessesTest {
    @TempDir
    Path folder;

    @TempDir
    Path printed;

    private static VerifyOptions everything() {
        return new VerifyOptions(true, Duration.ZERO, 2);
    }

    // ---- two running processes

    @Test
    void twoProcesses_onTheSameKeys_loseNoRecordAndShareNoClaim() throws Exception {
        int rounds = 300;
        Process a = hammer("a", rounds);
        Process b = hammer("b", rounds);

        List<String> claims = new ArrayList<>();
        try (FilesystemStorageDriver driver = FilesystemStorageDriver.open(folder)) {
            while (!a.waitFor(200, TimeUnit.MILLISECONDS) || !b.waitFor(200, TimeUnit.MILLISECONDS)) {
                // All files are recent, so verify must remove neither content nor records while the two processes
                // write.
                assertThat(driver.verify(VerifyOptions.repairing()).clean()).isTrue();
            }
            assertThat(List.of(a.exitValue(), b.exitValue())).containsOnly(0);
            for (String writer : List.of("a", "b")) {
                List<String> lines = Files.readAllLines(printed.resolve(writer));
                assertThat(lines).allMatch(line -> line.startsWith("claimed "));
                claims.addAll(lines);
            }
            assertThat(claims).doesNotHaveDuplicates().hasSize(rounds);
            for (int i = 0; i < rounds; i++) {
                for (String writer : List.of("a", "b")) {
                    assertThat(Values.text(driver, writer + "-" + i)).contains(i % 10 == 0 ? "again" : "once " + i);
                }
            }
            // 600 records of the shared key alone would take 280 kB.
            assertThat(Values.bucketFile(folder, "shared"))
                    .satisfies(bucket -> assertThat(Files.size(bucket)).isLessThan(3 * Index.COMPACT_BYTES));
            assertThat(driver.verify(everything()).clean()).isTrue();
            assertThat(Values.keys(driver)).hasSize(3 * rounds + 1);
        }
    }

    private Process hammer(String writer, int rounds) throws IOException {
        return Children.startInto(
                printed.resolve(writer), Hammer.class, folder.toString(), writer, Integer.toString(rounds));
    }

    /** Writes, reads back what it wrote, and prints the keys that it claimed and any errors. */
    static final class Hammer {
        private Hammer() {}

        public static void main(String[] args) {
            String me = args[1];
            Map<String, Integer> seen = new HashMap<>();
            try (FilesystemStorageDriver driver = FilesystemStorageDriver.open(Path.of(args[0]))) {
                for (int i = 0; i < Integer.parseInt(args[2]); i++) {
                    Values.put(driver, "shared", me + " " + i);
                    seen.put(me, i);
                    String[] found =
                            Values.text(driver, "shared").orElse("nobody -1").split(" ", -1);
                    if (Integer.parseInt(found[1]) < seen.getOrDefault(found[0], 0)) {
                        System.out.println("went back to " + String.join(" ", found) + " from " + seen);
                    }
                    seen.put(found[0], Integer.parseInt(found[1]));
                    byte[] claim = Values.utf8(me);
                    if (driver.putIfAbsent("claim-" + i, Values.head(claim), Body.of(claim))) {
                        System.out.println("claimed " + i);
                    }
                    Values.put(driver, me + "-" + i, "once " + i);
                    if (i % 10 == 0) {
                        driver.delete(me + "-" + i);
                        if (driver.has(me + "-" + i)) {
                            System.out.println("not deleted " + i);
                        }
                        Values.put(driver, me + "-" + i, "again");
                    }
                }
            }
        }
    }

    // ---- killed processes

    @Test
    void killedProcesses_atRandomMoments_loseNothingTheyAcknowledged() throws Exception {
        int kills = 3;
        ExecutorService killers = Executors.newFixedThreadPool(2);
        try (FilesystemStorageDriver driver = FilesystemStorageDriver.open(folder)) {
            List<Future<Map<String, Long>>> running = new ArrayList<>();
            for (String writer : List.of("a", "b")) {
                running.add(killers.submit(() -> killAndCheck(driver, writer, kills)));
            }
            for (Future<Map<String, Long>> future : running) {
                assertThat(future.get()).hasSizeGreaterThan(1);
            }

            VerifyReport report = driver.verify(everything());
            assertThat(report.badContentCount()).isZero();
            assertThat(report.missingContent()).isZero();
            assertThat(report.rejectedEntries()).as("torn appends").isLessThanOrEqualTo(2L * kills);
            VerifyReport again = driver.verify(everything());
            assertThat(again.clean()).isTrue();
            assertThat(again.reclaimedCount()).isZero();
            assertThat(folder.resolve("tmp")).isEmptyDirectory();
            for (Future<Map<String, Long>> future : running) {
                checkAcknowledged(driver, future.get());
            }
        } finally {
            killers.shutdownNow();
        }
    }

    private Map<String, Long> killAndCheck(FilesystemStorageDriver driver, String writer, int kills) throws Exception {
        Random random = new Random(writer.hashCode());
        Map<String, Long> acknowledged = new HashMap<>();
        for (int i = 0; i < kills; i++) {
            Process process = Children.start(Killed.class, folder.toString(), writer, Long.toString(i * 1_000_000L));
            int linesToLive = 1 + random.nextInt(200);
            try (BufferedReader lines =
                    new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
                int count = 0;
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                    if (++count == linesToLive) {
                        process.toHandle().destroyForcibly(); // Process.destroyForcibly() would also close the output
                    }
                    if (line.endsWith(".")) {
                        String[] words = line.split(" ", -1);
                        acknowledged.put(words[0], Long.parseLong(words[1]));
                    }
                }
                assertThat(count).isGreaterThanOrEqualTo(linesToLive);
            }
            assertThat(process.waitFor()).isNotZero();
            checkAcknowledged(driver, acknowledged);
        }
        return acknowledged;
    }

    /**
     * The stored value is the acknowledged one, or a later one whose acknowledgement was lost in the kill. In either
     * case it is complete.
     */
    private static void checkAcknowledged(FilesystemStorageDriver driver, Map<String, Long> acknowledged) {
        acknowledged.forEach((key, version) -> {
            try (Body body = driver.get(key)
                    .orElseThrow(() -> new AssertionError(key + " is lost"))
                    .body()) {
                byte[] bytes = body.toByteArray();
                long stored = Killed.version(bytes);
                assertThat(stored).as(key).isGreaterThanOrEqualTo(version);
                assertThat(Arrays.equals(bytes, Killed.value(key, stored)))
                        .as(key)
                        .isTrue();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    /** Stores values that contain their key and version, and prints each after its put returned. */
    static final class Killed {
        private Killed() {}

        public static void main(String[] args) {
            Random random = new Random(Long.parseLong(args[2]));
            try (FilesystemStorageDriver driver = FilesystemStorageDriver.open(Path.of(args[0]))) {
                for (long version = Long.parseLong(args[2]); ; version++) {
                    String key = args[1] + "-" + (random.nextInt(3) == 0 ? random.nextInt(50) : 0);
                    byte[] value = value(key, version);
                    driver.put(key, Values.head(value), Body.of(value));
                    System.out.println(key + " " + version + " .");
                }
            }
        }

        static byte[] value(String key, long version) {
            Random random = new Random(31 * version + key.hashCode());
            int size = random.nextInt(100) == 0 ? 1_500_000 : random.nextInt(40_000);
            byte[] value = new byte[20 + size];
            random.nextBytes(value);
            System.arraycopy(Values.utf8(String.format("%020d", version)), 0, value, 0, 20);
            return value;
        }

        static long version(byte[] value) {
            return Long.parseLong(new String(value, 0, 20, StandardCharsets.UTF_8));
        }
    }

    // ---- verify concurrently with writers in this process

    @Test
    void verify_whileWritersReuseOldContent_neverRemovesIt() throws Exception {
        byte[] value = Values.utf8("content that is orphaned and old again and again");
        Path content = Values.contentFile(folder, value);
        ExecutorService verifier = Executors.newSingleThreadExecutor();
        try (FilesystemStorageDriver driver = FilesystemStorageDriver.open(folder);
                FilesystemStorageDriver other = FilesystemStorageDriver.open(folder)) {
            for (int i = 0; i < 150; i++) {
                driver.put("k", Values.head(value), Body.of(value));
                driver.delete("k");
                Files.setLastModifiedTime(content, FileTime.from(Instant.now().minus(Duration.ofDays(1))));

                Future<VerifyReport> repair = verifier.submit(() -> other.verify(VerifyOptions.repairing()));
                for (int spin = 0; spin < i * 50; spin++) {
                    Thread.onSpinWait();
                }
                driver.put("k", Values.head(value), Body.of(value));
                repair.get();

                assertThat(driver.has("k")).isTrue();
            }
        } finally {
            verifier.shutdownNow();
        }
    }

    @Test
    void put_sameKeyTenThousandTimes_keepsItsBucketSmall() throws IOException {
        try (FilesystemStorageDriver driver = FilesystemStorageDriver.open(folder)) {
            for (int i = 0; i < 10_000; i++) {
                Values.put(driver, "v1:checkpoint:set:1", "record " + i % 100);
            }

            assertThat(Files.size(Values.bucketFile(folder, "v1:checkpoint:set:1")))
                    .isLessThan(2 * Index.COMPACT_BYTES);
            assertThat(Values.text(driver, "v1:checkpoint:set:1")).contains("record 99");
        }
    }
}
