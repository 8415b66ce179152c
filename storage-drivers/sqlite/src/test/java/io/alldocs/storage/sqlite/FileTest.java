package io.alldocs.storage.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.alldocs.Env;
import io.alldocs.cache.body.Body;
import io.alldocs.cache.spi.StorageException;
import io.alldocs.cache.spi.StoredEntry;
import io.alldocs.cache.spi.UnsupportedStorageOperationException;
import io.alldocs.cache.spi.VerifyOptions;
import io.alldocs.storage.contract.Values;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests unusable files, full disks and locks held by others. */
class FileTest {
    @TempDir
    Path folder;

    private Path file() {
        return folder.resolve("cache.sqlite");
    }

    private static StorageException refused(Path file) {
        StorageException refused = catchThrowableOfType(
                StorageException.class, () -> SqliteStorageDriver.open(file).close());
        assertThat(refused).hasMessageContaining(file.toString());
        assertThat(refused.retryable()).isFalse();
        return refused;
    }

    @Test
    void open_directory_isRefused() throws IOException {
        Files.createDirectories(file());
        assertThat(refused(file())).hasMessageContaining("directory");
    }

    @Test
    void open_belowAFile_isRefused() throws IOException {
        Files.writeString(folder.resolve("file"), "text");
        assertThat(refused(folder.resolve("file").resolve("cache.sqlite"))).hasMessageContaining("is not a directory");
    }

    @Test
    void open_whatIsNoDatabase_isRefusedAndLeftAlone() throws IOException {
        String text = "This is a letter, not a database. ".repeat(500);
        Files.writeString(file(), text);
        assertThat(refused(file()))
                .hasMessageContaining("not a SQLite database")
                .hasCauseInstanceOf(SQLException.class);
        assertThat(file()).hasContent(text);
    }

    @Test
    void open_databaseOfAnotherProgram_isRefusedAndLeftAlone() throws Exception {
        Sql.change(file(), "CREATE TABLE bookmarks (url TEXT)");
        byte[] before = Files.readAllBytes(file());
        assertThat(refused(file())).hasMessageContaining("another program");
        assertThat(file()).hasBinaryContent(before);

        Path marked = folder.resolve("marked.sqlite");
        Sql.change(marked, "PRAGMA application_id = 7");
        assertThat(refused(marked)).hasMessageContaining("another program");
    }

    @Test
    void open_newerFormat_isRefused() throws SQLException {
        SqliteStorageDriver.open(file()).close();
        Sql.change(file(), "PRAGMA user_version = 2");
        assertThat(refused(file())).hasMessageContaining("format 2").hasMessageContaining("format 1");
    }

    @Test
    void open_emptyFile_makesItACache() throws IOException {
        Files.createFile(file());
        try (SqliteStorageDriver driver = SqliteStorageDriver.open(file())) {
            Values.put(driver, "k", "v");
            assertThat(Values.text(driver, "k")).contains("v");
        }
    }

    @Test
    void open_byManyAtOnce_createsTheTablesOnce() throws Exception {
        ExecutorService executor = Executors.newFixedThreadPool(8);
        try {
            for (int round = 0; round < 10; round++) {
                Path fresh = folder.resolve("fresh-" + round + ".sqlite");
                List<Future<?>> all = new ArrayList<>();
                for (int i = 0; i < 8; i++) {
                    String key = "k" + i;
                    all.add(executor.submit(() -> {
                        try (SqliteStorageDriver driver = SqliteStorageDriver.open(fresh)) {
                            Values.put(driver, key, key);
                        }
                    }));
                }
                for (Future<?> each : all) {
                    each.get();
                }
                try (SqliteStorageDriver driver = SqliteStorageDriver.open(fresh)) {
                    assertThat(Values.keys(driver)).hasSize(8);
                }
            }
        } finally {
            executor.shutdownNow();
        }
    }

    // ---- read-only

    @Test
    void readOnly_missingOrEmptyFile_isRefused() throws IOException {
        assertThatThrownBy(
                        () -> SqliteStorageDriver.builder(file()).readOnly(true).build())
                .isInstanceOf(StorageException.class)
                .hasMessageContaining("does not exist");
        assertThat(folder).isEmptyDirectory();
        Files.createFile(file());
        assertThatThrownBy(
                        () -> SqliteStorageDriver.builder(file()).readOnly(true).build())
                .isInstanceOf(StorageException.class)
                .hasMessageContaining("empty");
    }

    @Test
    void readOnly_readsWhatOthersWrite_andRefusesToWrite() {
        byte[] large = Values.random(1, 3 << 20);
        try (SqliteStorageDriver writer = SqliteStorageDriver.open(file());
                SqliteStorageDriver reader =
                        SqliteStorageDriver.builder(file()).readOnly(true).build()) {
            Values.put(writer, "k", "v");
            Values.put(writer, "large", large);

            assertThat(Values.text(reader, "k")).contains("v");
            assertThat(Values.bytes(reader, "large")).isEqualTo(large);
            assertThat(Values.keys(reader)).containsExactly("k", "large");
            assertThat(reader.verify(VerifyOptions.dryRun()).verifiedContent()).isEqualTo(2);

            assertThat(reader.capabilities().writable()).isFalse();
            assertThat(reader.capabilities().conditionalPut()).isFalse();
            byte[] value = Values.utf8("w");
            StoredEntry entry = new StoredEntry(Values.head(value), Body.of(value));
            for (Runnable write : List.<Runnable>of(
                    () -> Values.put(reader, "k", "w"),
                    () -> reader.putIfAbsent("k", entry.head(), entry.body()),
                    () -> reader.putHead("k", entry.head()),
                    () -> reader.putBatch(Map.of("k", entry)),
                    () -> reader.delete("k"),
                    () -> reader.deleteBatch(List.of("k")),
                    () -> reader.verify(VerifyOptions.repairing()))) {
                assertThatThrownBy(write::run).isInstanceOf(UnsupportedStorageOperationException.class);
            }
            assertThat(Values.text(reader, "k")).contains("v");
        }
    }

    // ---- a full disk

    @Test
    void put_onAFullDisk_failsAndLosesNothing() {
        int stored = 0;
        try (SqliteStorageDriver driver =
                SqliteStorageDriver.builder(file()).maxPages(100).build()) {
            StorageException full = null;
            while (full == null) {
                try {
                    Values.put(driver, "k" + stored, Values.random(stored, 30_000));
                    stored++;
                } catch (StorageException e) {
                    full = e;
                }
            }
            assertThat(stored).isBetween(10, 40);
            assertThat(full.retryable()).isTrue();
            assertThat(full)
                    .hasMessageContaining("k" + stored)
                    .hasMessageContaining(file().toString())
                    .hasMessageContaining("no space");
            assertThat(Values.keys(driver)).hasSize(stored);
            byte[] large = Values.random(9, 5 << 20);
            assertThatThrownBy(() -> Values.put(driver, "large", large))
                    .isInstanceOf(StorageException.class)
                    .hasMessageContaining("no space");
            assertThat(driver.has("large")).isFalse();

            driver.delete("k0");
            Values.put(driver, "again", Values.random(1, 20_000));
            assertThat(driver.verify(VerifyOptions.dryRun()).clean()).isTrue();
            assertThat(driver.verify(VerifyOptions.dryRun()).verifiedContent()).isEqualTo(stored);
        }
    }

    @Test
    void put_byManyThreadsOnAFullDisk_failsOnlyWhatHasNoRoom() throws Exception {
        ExecutorService executor = Executors.newFixedThreadPool(16);
        try (SqliteStorageDriver driver =
                SqliteStorageDriver.builder(file()).maxPages(300).build()) {
            List<Future<Boolean>> small = new ArrayList<>();
            for (int i = 0; i < 64; i++) {
                int number = i;
                // Every fourth value is larger than the disk.
                int size = i % 4 == 0 ? 4 << 20 : 2_000;
                small.add(executor.submit(() -> {
                    try {
                        Values.put(driver, "k" + number, Values.random(number, size));
                        return true;
                    } catch (StorageException e) {
                        assertThat(e.retryable()).isTrue();
                        return false;
                    }
                }));
            }
            for (int i = 0; i < 64; i++) {
                assertThat(small.get(i).get()).as("put %d", i).isEqualTo(i % 4 != 0);
                assertThat(driver.has("k" + i)).isEqualTo(i % 4 != 0);
            }
        } finally {
            executor.shutdownNow();
        }
    }

    // ---- a lock

    @Test
    void put_whileAnotherProgramHoldsTheLock_waitsForPatienceOnly() throws SQLException {
        try (SqliteStorageDriver driver = SqliteStorageDriver.builder(file())
                        .patience(Duration.ofMillis(150))
                        .build();
                Connection other = Sql.open(file())) {
            Values.put(driver, "k", "old");
            other.createStatement().execute("BEGIN IMMEDIATE");

            StorageException busy = catchThrowableOfType(StorageException.class, () -> Values.put(driver, "k", "new"));
            assertThat(busy.retryable()).isTrue();
            assertThat(busy).hasMessageContaining("lock").hasMessageContaining(file().toString());
            assertThat(Values.text(driver, "k")).as("readers do not wait").contains("old");

            other.createStatement().execute("COMMIT");
            Values.put(driver, "k", "new");
            assertThat(Values.text(driver, "k")).contains("new");
        }
    }

    @Test
    void put_inAnInterruptedThread_isDoneAndTheFlagStays() throws Exception {
        try (SqliteStorageDriver driver = SqliteStorageDriver.open(file());
                Connection other = Sql.open(file())) {
            other.createStatement().execute("BEGIN IMMEDIATE");
            AtomicBoolean done = new AtomicBoolean();
            Thread thread = new Thread(() -> {
                Thread.currentThread().interrupt();
                Values.put(driver, "k", Values.random(1, 3 << 20));
                boolean flag = Thread.currentThread().isInterrupted();
                done.set(flag && driver.has("k") && Values.keys(driver).size() == 1);
            });
            thread.start();
            while (thread.getState() != Thread.State.TIMED_WAITING) {
                Thread.onSpinWait();
            }
            other.createStatement().execute("COMMIT");
            thread.join();
            assertThat(done).isTrue();
            assertThat(Values.bytes(driver, "k")).hasSize(3 << 20);
        }
    }

    @Test
    void provider_wrongValues_areRefused() {
        for (Map<String, String> wrong :
                List.of(Map.of("SQLITE_FILE", "a\u0000b"), Map.of("CACHE_DIR", folder.toString(), "CACHE_SYNC", "1"))) {
            assertThatThrownBy(() -> new SqliteStorageProvider().create(Env.of(wrong)))
                    .isInstanceOf(IllegalArgumentException.class);
        }
        assertThatThrownBy(() -> SqliteStorageDriver.builder(file()).patience(Duration.ofMillis(-1)))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
