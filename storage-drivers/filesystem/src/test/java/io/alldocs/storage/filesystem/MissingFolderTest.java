package io.alldocs.storage.filesystem;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.alldocs.cache.body.Body;
import io.alldocs.cache.spi.StorageException;
import io.alldocs.cache.spi.VerifyOptions;
import io.alldocs.cache.spi.VerifyReport;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests a folder that disappears while a driver is open, as when its disk is unmounted. */
class MissingFolderTest {
    private static final byte[] VALUE = Values.utf8("value");

    /** The mount point, or the parent of the mount point. */
    @TempDir
    Path parent;

    private Path folder;
    private Path away;
    private FilesystemStorageDriver driver;

    @BeforeEach
    void open() {
        folder = parent.resolve("cache");
        away = parent.resolve("unmounted");
        driver = FilesystemStorageDriver.open(folder);
    }

    @AfterEach
    void close() {
        driver.close();
    }

    private void unmount() throws IOException {
        Files.move(folder, away);
    }

    private void mount() throws IOException {
        Files.move(away, folder);
    }

    private static StorageException failure(Runnable call) {
        StorageException e = catchThrowableOfType(StorageException.class, call::run);
        assertThat(e).isNotNull();
        return e;
    }

    /** Every operation that would otherwise write elsewhere, or report the key as absent. */
    private List<Runnable> operations() {
        return List.of(
                () -> Values.put(driver, "new", "value"),
                () -> driver.putIfAbsent("stored", Values.head(VALUE), Body.of(VALUE)),
                () -> driver.putHead("stored", Values.head(VALUE)),
                () -> driver.delete("stored"),
                () -> driver.get("stored"),
                () -> driver.head("stored"),
                () -> driver.has("stored"),
                () -> Values.keys(driver),
                () -> driver.verify(VerifyOptions.dryRun()),
                () -> driver.verify(VerifyOptions.repairing()));
    }

    private void assertRefused() {
        for (Runnable operation : operations()) {
            StorageException e = failure(operation);
            assertThat(e.retryable()).as("%s", e).isTrue();
            assertThat(e)
                    .hasMessageContaining(folder.toString())
                    .hasMessageContaining("disappeared")
                    .hasMessageContaining("mount it again");
        }
    }

    @Test
    void folderThatIsUnmounted_isNotCreatedAgain_andLosesNothing() throws IOException {
        Values.put(driver, "stored", "value");
        unmount();

        assertRefused();
        assertThat(folder).doesNotExist();

        mount();
        assertThat(Values.text(driver, "stored")).contains("value");
        assertThat(driver.has("new")).isFalse();
        Values.put(driver, "new", "value");
        assertThat(Values.keys(driver)).containsExactlyInAnyOrder("stored", "new");
    }

    @Test
    void mountPointThatIsLeftEmpty_isNotWrittenTo() throws IOException {
        Values.put(driver, "stored", "value");
        unmount();
        Files.createDirectory(folder);

        assertRefused();
        assertThat(folder).isEmptyDirectory();

        Files.delete(folder);
        mount();
        assertThat(Values.text(driver, "stored")).contains("value");
    }

    /** The lock that was taken before the check failed must be released, or later operations would wait for it. */
    @Test
    void pathThatCannotBeRead_keepsNoLock() throws IOException {
        Values.put(driver, "stored", "value");
        unmount();
        Files.createFile(folder);

        for (Runnable operation : operations()) {
            failure(operation);
        }

        Files.delete(folder);
        mount();
        driver.verify(VerifyOptions.repairing());
        Values.put(driver, "stored", "other");
        assertThat(Values.text(driver, "stored")).contains("other");
    }

    @Test
    void readOnlyDriver_reportsTheMissingFolder() throws IOException {
        Values.put(driver, "stored", "value");
        // A folder of npm has no marker.
        for (String removed : List.of("_all-docs-format", "index-v5")) {
            try (FilesystemStorageDriver reader =
                    FilesystemStorageDriver.builder(folder).readOnly(true).build()) {
                assertThat(reader.has("absent")).isFalse();
                unmount();
                assertThat(failure(() -> reader.has("stored")).retryable()).isTrue();
                assertThat(failure(() -> Values.keys(reader))).hasMessageContaining("disappeared");
                mount();
                assertThat(reader.has("absent")).isFalse();
            }
            delete(folder.resolve(removed));
        }
        try (FilesystemStorageDriver reader =
                FilesystemStorageDriver.builder(folder).readOnly(true).build()) {
            unmount();
            assertThat(failure(() -> reader.has("stored")).retryable()).isTrue();
            mount();
            assertThat(reader.has("stored")).isFalse();
        }
    }

    @Test
    void listing_folderUnmountedMeanwhile_failsInsteadOfEndingEarly() throws IOException {
        for (int i = 0; i < 50; i++) {
            Values.put(driver, "key-" + i, "value");
        }
        try (Stream<String> keys = driver.list("", null)) {
            Iterator<String> iterator = keys.iterator();
            List<String> seen = new ArrayList<>(List.of(iterator.next(), iterator.next()));
            unmount();
            assertThat(failure(() -> iterator.forEachRemaining(seen::add))).hasMessageContaining("disappeared");
            assertThat(seen).hasSizeLessThan(50);
        }
        mount();
        assertThat(Values.keys(driver)).hasSize(50);
    }

    /** Nothing tells a folder that was deleted between two runs from one that never existed. */
    @Test
    void folderDeletedBetweenTwoRuns_isCreatedByTheNext() throws IOException {
        Values.put(driver, "stored", "value");
        driver.close();
        delete(folder);

        driver = FilesystemStorageDriver.open(folder);

        assertThat(Values.keys(driver)).isEmpty();
        Values.put(driver, "new", "value");
        assertThat(Values.text(driver, "new")).contains("value");
    }

    @Test
    void folderDeletedDuringARun_isUsedAgainOnceAnotherDriverCreatedIt() throws IOException {
        Values.put(driver, "stored", "value");
        delete(folder);
        assertRefused();

        try (FilesystemStorageDriver other = FilesystemStorageDriver.open(folder)) {
            Values.put(other, "other", "value");
            assertThat(driver.has("stored")).isFalse();
            Values.put(driver, "new", "value");
            assertThat(Values.keys(other)).containsExactlyInAnyOrder("other", "new");
        }
    }

    /** Otherwise the processes of the old and of the new folder would not exclude each other. */
    @Test
    void lockFileThatWasReplaced_isTheOneThatIsLocked() throws IOException {
        Path lock = folder.resolve("_all-docs-lock");
        try (FolderLocks locks =
                FolderLocks.open(CacheFolder.create(parent.resolve("locked")), Duration.ofMillis(50))) {
            Path file = parent.resolve("locked/_all-docs-lock");
            assertThat(locks.withBucket(3, () -> "held")).isEqualTo("held");
            Files.delete(file);
            Files.createFile(file);
            try (FileChannel stranger = FileChannel.open(file, StandardOpenOption.WRITE);
                    FileLock held = stranger.lock(3, 1, false)) {
                assertThat(held.isValid()).isTrue();
                assertThat(catchThrowableOfType(
                                FolderLocks.LockedException.class, () -> locks.withBucket(3, () -> true)))
                        .isNotNull();
            }
            assertThat(locks.withBucket(3, () -> "free again")).isEqualTo("free again");
        }
        Files.delete(lock);
        Values.put(driver, "stored", "value");
        assertThat(lock).exists();
    }

    /** The folder is back before a repair ends: it must not take the content for unreferenced. */
    @Test
    void repair_ofAFolderThatIsBack_removesNothing() throws IOException {
        Values.put(driver, "stored", "value");
        unmount();
        failure(() -> driver.verify(VerifyOptions.repairing()));
        mount();

        VerifyReport report = driver.verify(VerifyOptions.repairing());

        assertThat(report.clean()).isTrue();
        assertThat(report.verifiedContent()).isEqualTo(1);
        assertThat(report.reclaimedCount()).isZero();
    }

    private static void delete(Path path) throws IOException {
        if (Files.isDirectory(path)) {
            try (Stream<Path> children = Files.list(path)) {
                for (Path child : children.toList()) {
                    delete(child);
                }
            }
        }
        Files.delete(path);
    }
}
