package io.alldocs.storage.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.alldocs.cache.body.Body;
import io.alldocs.cache.spi.StorageException;
import io.alldocs.cache.spi.VerifyOptions;
import io.alldocs.storage.contract.Values;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Tests a file that disappears while a driver is open, as when its disk is unmounted. */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "Windows neither moves nor deletes an open file")
class MissingFileTest {
    private static final byte[] VALUE = Values.random(1, 10_000);
    private static final byte[] LARGE = Values.random(2, 3 << 20);

    @TempDir
    Path parent;

    private Path disk;
    private Path away;
    private SqliteStorageDriver driver;

    @BeforeEach
    void open() throws IOException {
        disk = parent.resolve("disk");
        away = parent.resolve("unmounted");
        Files.createDirectory(disk);
        driver = SqliteStorageDriver.open(file());
        Values.put(driver, "stored", VALUE);
    }

    @AfterEach
    void close() {
        driver.close();
    }

    private Path file() {
        return disk.resolve("cache.sqlite");
    }

    private static StorageException failure(Runnable call) {
        StorageException e = catchThrowableOfType(StorageException.class, call::run);
        assertThat(e).isNotNull();
        return e;
    }

    private List<Runnable> operations() {
        return List.of(
                () -> Values.put(driver, "new", VALUE),
                () -> Values.put(driver, "new", LARGE),
                () -> driver.putIfAbsent("new", Values.head(VALUE), Body.of(VALUE)),
                () -> driver.putHead("stored", Values.head(VALUE)),
                () -> driver.delete("stored"),
                () -> driver.deleteBatch(List.of("stored")),
                () -> driver.get("stored"),
                () -> driver.head("stored"),
                () -> driver.has("absent"),
                () -> Values.keys(driver),
                () -> driver.verify(VerifyOptions.dryRun()),
                () -> driver.verify(VerifyOptions.repairing()));
    }

    /** The first write is committed to the file that is no longer at its path, and fails like the others. */
    private void assertRefused() {
        for (Runnable operation : operations()) {
            StorageException e = failure(operation);
            assertThat(e.retryable()).as("%s", e).isTrue();
            assertThat(e)
                    .hasMessageContaining(file().toString())
                    .hasMessageContaining("disappeared")
                    .hasMessageContaining("mount it again");
        }
    }

    @Test
    void fileWhoseDiskIsUnmounted_isNotCreatedAgain_andLosesNothing() throws IOException {
        Files.move(disk, away);

        assertRefused();
        assertThat(disk).doesNotExist();

        Files.move(away, disk);
        assertThat(Values.bytes(driver, "stored")).isEqualTo(VALUE);
        Values.put(driver, "large", LARGE);
        assertThat(Values.bytes(driver, "large")).isEqualTo(LARGE);
        assertThat(driver.verify(VerifyOptions.repairing()).clean()).isTrue();
    }

    @Test
    void mountPointThatIsLeftEmpty_isNotWrittenTo() throws IOException {
        Files.move(disk, away);
        Files.createDirectory(disk);

        assertRefused();
        assertThat(disk).isEmptyDirectory();

        Files.delete(disk);
        Files.move(away, disk);
        assertThat(Values.bytes(driver, "stored")).isEqualTo(VALUE);
    }

    @Test
    void fileDeletedDuringARun_isUsedAgainOnceAnotherDriverCreatedIt() throws IOException {
        deleteFiles();
        assertRefused();

        try (SqliteStorageDriver other = SqliteStorageDriver.open(file())) {
            Values.put(other, "other", VALUE);
            assertThat(driver.has("stored")).isFalse();
            Values.put(driver, "new", VALUE);
            assertThat(Values.keys(other)).containsExactly("new", "other");
            assertThat(Values.keys(driver)).containsExactly("new", "other");
        }
    }

    @Test
    void fileReplacedByADatabaseOfAnotherProgram_isRefusedAndLeftAlone() throws IOException, SQLException {
        deleteFiles();
        Sql.change(file(), "CREATE TABLE bookmarks (url TEXT)");
        byte[] before = Files.readAllBytes(file());

        assertThat(failure(() -> driver.get("stored"))).hasMessageContaining("another program");
        failure(() -> Values.put(driver, "new", VALUE));
        assertThat(failure(() -> Values.put(driver, "new", VALUE))).hasMessageContaining("another program");
        assertThat(file()).hasBinaryContent(before);
    }

    @Test
    void readOnlyDriver_reportsTheMissingFile() throws IOException {
        try (SqliteStorageDriver reader =
                SqliteStorageDriver.builder(file()).readOnly(true).build()) {
            assertThat(Values.bytes(reader, "stored")).isEqualTo(VALUE);
            Files.move(disk, away);
            StorageException e = failure(() -> reader.get("stored"));
            assertThat(e.retryable()).isTrue();
            assertThat(e).hasMessageContaining("disappeared");
            Files.move(away, disk);
            assertThat(Values.bytes(reader, "stored")).isEqualTo(VALUE);
        }
    }

    /** What a put stored is in the file that was moved away, however the two overlap. */
    @Test
    void fileMovedDuringWrites_holdsEachValueWhosePutReturned() throws Exception {
        AtomicInteger stored = new AtomicInteger();
        AtomicBoolean refused = new AtomicBoolean();
        Thread thread = new Thread(() -> {
            while (!refused.get()) {
                try {
                    Values.put(driver, "key-" + stored.get(), VALUE);
                    stored.incrementAndGet();
                } catch (StorageException e) {
                    refused.set(true);
                }
            }
        });
        thread.start();
        while (stored.get() < 50) {
            Thread.onSpinWait();
        }
        Files.move(disk, away);
        thread.join();

        assertThat(disk).doesNotExist();
        Files.move(away, disk);
        for (int i = 0; i < stored.get(); i++) {
            assertThat(driver.has("key-" + i)).as("key-%d of %s", i, stored).isTrue();
        }
    }

    private void deleteFiles() throws IOException {
        try (Stream<Path> files = Files.list(disk)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
    }
}
