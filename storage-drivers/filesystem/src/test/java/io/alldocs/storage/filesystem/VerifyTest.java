package io.alldocs.storage.filesystem;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.alldocs.cache.spi.StorageException;
import io.alldocs.cache.spi.UnsupportedStorageOperationException;
import io.alldocs.cache.spi.VerifyOptions;
import io.alldocs.cache.spi.VerifyReport;
import io.alldocs.spi.SriHash;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VerifyTest {
    @TempDir
    Path folder;

    private FilesystemStorageDriver driver;

    @BeforeEach
    void open() {
        driver = FilesystemStorageDriver.open(folder);
    }

    @AfterEach
    void close() {
        driver.close();
    }

    @Test
    void verify_withAnExecutor_runsOnIt() {
        Values.put(driver, "a", "a");
        AtomicInteger started = new AtomicInteger();
        VerifyOptions options = VerifyOptions.dryRun().withExecutor(task -> {
            started.incrementAndGet();
            new Thread(task).start();
        });
        assertThat(driver.verify(options).verifiedContent()).isEqualTo(1);
        assertThat(started.get()).isPositive();
    }

    private VerifyReport repair() {
        return driver.verify(VerifyOptions.repairing());
    }

    /** Makes every file too old for verify to keep as recent. */
    private void age() throws IOException {
        try (Stream<Path> paths = Files.walk(folder)) {
            for (Path path : paths.toList()) {
                Files.setLastModifiedTime(path, FileTime.from(Instant.now().minus(Duration.ofHours(1))));
            }
        }
    }

    /**
     * Stores the keys a, b and c. The key c shares its content with a, and b was stored twice. The key d was deleted,
     * and an append of e was torn.
     */
    private void fill() throws IOException {
        Values.put(driver, "a", "shared");
        Values.put(driver, "b", "old value of b");
        Values.put(driver, "b", "b");
        Values.put(driver, "c", "shared");
        Values.put(driver, "d", "deleted");
        driver.delete("d");
        Values.put(driver, "e", "eee");
        Files.writeString(Values.bucketFile(folder, "e"), "\nabc\t{\"key\"", StandardOpenOption.APPEND);
    }

    @Test
    void verify_emptyFolder_isClean() {
        VerifyReport report = repair();

        assertThat(report.clean()).isTrue();
        assertThat(report.totalEntries()).isZero();
        assertThat(report.problems()).isEmpty();
        assertThat(folder.resolve("_lastverified")).content().matches("[0-9]{13}");
    }

    @Test
    void verify_dryRun_countsAndChangesNothing() throws IOException {
        fill();
        age();
        Map<String, String> before = Values.snapshot(folder);

        VerifyReport report = driver.verify(VerifyOptions.dryRun());

        assertThat(report.totalEntries()).isEqualTo(4);
        assertThat(report.verifiedContent()).isEqualTo(3);
        assertThat(report.reclaimedCount()).isEqualTo(2);
        assertThat(report.reclaimedSizeBytes()).isEqualTo("old value of b".length() + "deleted".length());
        assertThat(report.keptSizeBytes()).isEqualTo("shared".length() + "b".length() + "eee".length());
        assertThat(report.rejectedEntries()).isEqualTo(1);
        assertThat(report.badContentCount()).isZero();
        assertThat(report.missingContent()).isZero();
        assertThat(report.problems())
                .singleElement()
                .asString()
                .contains(Values.bucketFile(folder, "e").toString(), "1 torn or damaged");
        assertThat(Values.snapshot(folder)).isEqualTo(before);
    }

    @Test
    void verify_repair_countsTheSameRemovesWhatIsDeadAndIsCleanAfterwards() throws IOException {
        fill();
        Files.createDirectories(folder.resolve("tmp/npm-made"));
        Files.writeString(folder.resolve("tmp/npm-made/left"), "behind");
        Files.writeString(folder.resolve("tmp/left"), "behind");
        age();
        VerifyReport expected = driver.verify(VerifyOptions.dryRun());

        VerifyReport report = repair();

        assertThat(report).usingRecursiveComparison().ignoringFields("elapsed").isEqualTo(expected);
        assertThat(Values.keys(driver)).containsExactlyInAnyOrder("a", "b", "c", "e");
        assertThat(Values.text(driver, "b")).contains("b");
        assertThat(Values.text(driver, "c")).contains("shared");
        assertThat(Values.bucketFile(folder, "d")).doesNotExist();
        assertThat(Files.readAllLines(Values.bucketFile(folder, "b"))).hasSize(2);
        assertThat(folder.resolve("tmp")).isEmptyDirectory();
        assertThat(folder.resolve("CACHEDIR.TAG")).exists();
        age();
        VerifyReport again = repair();
        assertThat(again.clean()).isTrue();
        assertThat(again.reclaimedCount()).isZero();
        assertThat(again.problems()).isEmpty();
    }

    @Test
    void verify_youngFolder_countsDamageAndChangesNothing() throws IOException {
        fill();
        Files.writeString(folder.resolve("tmp/left"), "being written");
        Map<String, String> before = Values.snapshot(folder);

        VerifyReport report = repair();

        assertThat(report.reclaimedCount()).isZero();
        assertThat(report.rejectedEntries()).isEqualTo(1);
        Map<String, String> after = Values.snapshot(folder);
        after.remove("_lastverified");
        assertThat(after).isEqualTo(before);
    }

    @Test
    void verify_flippedBits_removesContentAndAllItsEntries() throws IOException {
        fill();
        Files.writeString(Values.contentFile(folder, Values.utf8("shared")), "sharfd");

        VerifyReport dryRun = driver.verify(VerifyOptions.dryRun());
        assertThat(dryRun.badContentCount()).isEqualTo(1);
        assertThat(Values.keys(driver)).contains("a", "c");
        assertThat(repair().problems()).anyMatch(problem -> problem.endsWith("(not repaired: too recent)"));
        assertThat(Values.keys(driver)).contains("a", "c");
        age();

        VerifyReport report = repair();

        assertThat(report.badContentCount()).isEqualTo(1);
        assertThat(report.clean()).isFalse();
        assertThat(report.problems())
                .anyMatch(problem -> problem.startsWith(
                        Values.contentFile(folder, Values.utf8("shared")).toString()));
        assertThat(Values.keys(driver)).containsExactlyInAnyOrder("b", "e");
        assertThat(repair().badContentCount()).isZero();
        assertThat(repair().missingContent()).isZero();
    }

    @Test
    void verify_truncatedContent_isBad() throws IOException {
        Values.put(driver, "a", "value");
        Files.write(Values.contentFile(folder, Values.utf8("value")), new byte[0]);
        age();

        assertThat(repair().badContentCount()).isEqualTo(1);
        assertThat(Values.keys(driver)).isEmpty();
    }

    @Test
    void verify_missingContent_dropsTheEntry() throws IOException {
        Values.put(driver, "a", "value");
        Values.put(driver, "b", "other");
        Files.delete(Values.contentFile(folder, Values.utf8("value")));
        age();

        VerifyReport report = repair();

        assertThat(report.missingContent()).isEqualTo(1);
        assertThat(report.totalEntries()).isEqualTo(1);
        assertThat(report.problems()).singleElement().asString().startsWith("a has no content");
        assertThat(Values.keys(driver)).containsExactly("b");
        assertThat(repair().clean()).isTrue();
    }

    @Test
    void verify_sha1AndSha512OfOtherWriters_areCheckedAndKept() throws IOException {
        byte[] body = Values.utf8("body");
        SriHash sha1 = Values.hash(SriHash.Algorithm.SHA1, body);
        SriHash sha512 = Values.hash(SriHash.Algorithm.SHA512, body);
        Values.write(Values.contentFile(folder, sha1), body);
        Values.write(Values.contentFile(folder, sha512), body);
        Values.write(
                Values.bucketFile(folder, "k"),
                Values.utf8(Values.line(
                        "{\"key\":\"k\",\"integrity\":\"" + sha1.sri() + " " + sha512.sri() + "\",\"time\":1}")));
        age();

        VerifyReport report = repair();

        assertThat(report.verifiedContent()).isEqualTo(2);
        assertThat(report.totalEntries()).isEqualTo(1);
        assertThat(report.reclaimedCount()).isZero();
    }

    @Test
    void verify_strangeFiles_areNamedAndLeftAlone() throws IOException {
        Values.write(folder.resolve("content-v2/sha256/zz/README"), Values.utf8("x"));
        Values.write(folder.resolve("content-v2/sha256/aa/bb/cc"), Values.utf8("x"));
        Values.write(folder.resolve("content-v2/blake9/aa/bb/cc"), Values.utf8("x"));
        Values.write(folder.resolve("index-v5/README"), Values.utf8("x"));
        Values.write(folder.resolve("index-v5/xx/yy/zz"), Values.utf8(""));
        age();

        VerifyReport report = repair();

        assertThat(report.problems()).hasSize(2);
        assertThat(folder.resolve("content-v2/sha256/aa/bb/cc")).exists();
        assertThat(folder.resolve("content-v2/blake9/aa/bb/cc")).exists();
        assertThat(Values.keys(driver)).isEmpty();
    }

    @Test
    void verify_manyProblems_namesTheFirstThousand() throws IOException {
        for (int i = 0; i < 1_005; i++) {
            Values.write(Values.bucketFile(folder, "k" + i), Values.utf8("\ntorn"));
        }

        VerifyReport report = driver.verify(VerifyOptions.dryRun());

        assertThat(report.rejectedEntries()).isEqualTo(1_005);
        assertThat(report.problems()).hasSize(1_000);
    }

    @Test
    void verify_repairOfReadOnlyFolder_isRefused_andADryRunWorks() {
        Values.put(driver, "a", "value");
        try (FilesystemStorageDriver reader =
                FilesystemStorageDriver.builder(folder).readOnly(true).build()) {
            assertThat(reader.verify(VerifyOptions.dryRun()).verifiedContent()).isEqualTo(1);
            assertThatExceptionOfType(UnsupportedStorageOperationException.class)
                    .isThrownBy(() -> reader.verify(VerifyOptions.repairing()))
                    .withMessageContaining(folder.toString());
        }
    }

    @Test
    void verify_duringAnotherRepair_isRefused() throws IOException {
        try (FolderLocks locks = FolderLocks.open(CacheFolder.create(folder))) {
            locks.withVerify(() -> assertThatExceptionOfType(StorageException.class)
                    .isThrownBy(this::repair)
                    .matches(StorageException::retryable)
                    .withMessageContaining("another verify"));
        }
        assertThat(repair().clean()).isTrue();
    }

    @Test
    void verify_onAnInterruptedThread_endsAndKeepsTheFlag() {
        Values.put(driver, "a", "value");
        Thread.currentThread().interrupt();
        try {
            assertThatExceptionOfType(StorageException.class).isThrownBy(this::repair);
            assertThat(Thread.currentThread().isInterrupted()).isTrue();
        } finally {
            assertThat(Thread.interrupted()).isTrue();
        }
        assertThat(repair().clean()).isTrue();
    }

    @Test
    void digestSet_manyDigests_holdsThemAndNoOthers() {
        DigestSet set = new DigestSet();
        assertThat(set.isEmpty()).isTrue();
        for (int i = 0; i < 20_000; i++) {
            set.add(Values.sha256(Values.utf8("in" + i)));
        }

        assertThat(set.isEmpty()).isFalse();
        for (int i = 0; i < 20_000; i++) {
            assertThat(set.contains(Values.sha256(Values.utf8("in" + i)))).isTrue();
            assertThat(set.contains(Values.sha256(Values.utf8("out" + i)))).isFalse();
        }
    }
}
