package io.alldocs.storage.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.alldocs.OperationInterruptedException;
import io.alldocs.cache.body.Body;
import io.alldocs.cache.entry.EntryMetadata;
import io.alldocs.cache.entry.IntegrityException;
import io.alldocs.cache.spi.StorageException;
import io.alldocs.cache.spi.VerifyOptions;
import io.alldocs.cache.spi.VerifyReport;
import io.alldocs.storage.contract.Values;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VerifyTest {
    private static final VerifyOptions DRY = new VerifyOptions(false, Duration.ZERO, 2);
    private static final VerifyOptions REPAIR = new VerifyOptions(true, Duration.ZERO, 2);

    @TempDir
    Path folder;

    private Path file() {
        return folder.resolve("cache.sqlite");
    }

    @Test
    void verify_withAnExecutor_runsOnIt() {
        try (SqliteStorageDriver driver = SqliteStorageDriver.open(file())) {
            Values.put(driver, "a", Values.random(1, 3_000));
            AtomicInteger started = new AtomicInteger();
            VerifyOptions options = DRY.withExecutor(task -> {
                started.incrementAndGet();
                new Thread(task).start();
            });
            assertThat(driver.verify(options).verifiedContent()).isEqualTo(1);
            assertThat(started).hasValue(DRY.concurrency());
        }
    }

    @Test
    void verify_everyKindOfDamage_isFoundNamedAndRepaired() throws SQLException {
        try (SqliteStorageDriver driver = SqliteStorageDriver.open(file())) {
            for (int i = 0; i < 20; i++) {
                Values.put(driver, "good" + i, Values.random(i, 3_000));
            }
            Values.put(driver, "good-large", Values.random(1, 3 << 20));
            for (String key : new String[] {"flipped", "shortened", "bodiless", "headless"}) {
                Values.put(driver, key, Values.random(key.hashCode(), 3_000));
            }
            for (String key : new String[] {"part-flipped", "part-missing"}) {
                Values.put(driver, key, Values.random(key.hashCode(), 3 << 20));
            }
            Sql.change(file(), "UPDATE bodies SET bytes = zeroblob(3000) WHERE id = " + id("flipped"));
            Sql.change(file(), "UPDATE bodies SET bytes = substr(bytes, 1, 2999) WHERE id = " + id("shortened"));
            Sql.change(file(), "DELETE FROM bodies WHERE id = " + id("bodiless"));
            Sql.change(file(), "UPDATE entries SET head = substr(head, 2) WHERE key = 'headless'");
            Sql.change(
                    file(), "UPDATE parts SET bytes = zeroblob(1048576) WHERE part = 1 AND id = " + id("part-flipped"));
            Sql.change(file(), "DELETE FROM parts WHERE part = 1 AND id = " + id("part-missing"));
            Sql.change(file(), "INSERT INTO bodies (id, bytes) VALUES (1000000, zeroblob(77))");
            Sql.change(file(), "INSERT INTO parts (id, part, bytes) VALUES (1000001, 0, zeroblob(10))");
            Sql.change(file(), "INSERT INTO parts (id, part, bytes) VALUES (1000001, 1, zeroblob(13))");

            assertThatThrownBy(() -> driver.get("bodiless"))
                    .isInstanceOf(IntegrityException.class)
                    .hasMessageContaining("bodiless");
            assertThatThrownBy(() -> driver.head("headless"))
                    .isInstanceOf(IntegrityException.class)
                    .hasMessageContaining("headless");

            VerifyReport found = driver.verify(DRY);
            assertThat(found.totalEntries()).isEqualTo(27);
            assertThat(found.verifiedContent()).isEqualTo(21);
            assertThat(found.keptSizeBytes()).isEqualTo(20 * 3_000 + (3 << 20));
            assertThat(found.badContentCount()).isEqualTo(4);
            assertThat(found.missingContent()).isEqualTo(1);
            assertThat(found.rejectedEntries()).isEqualTo(1);
            assertThat(found.reclaimedCount()).isEqualTo(2);
            assertThat(found.reclaimedSizeBytes()).isEqualTo(100);
            assertThat(found.clean()).isFalse();
            for (String key :
                    new String[] {"flipped", "shortened", "bodiless", "headless", "part-flipped", "part-missing"}) {
                assertThat(found.problems())
                        .filteredOn(problem -> problem.startsWith(key + ":"))
                        .as(key)
                        .hasSize(1);
            }
            assertThat(driver.verify(DRY))
                    .as("a dry run changes nothing")
                    .usingRecursiveComparison()
                    .ignoringFields("elapsed", "problems")
                    .isEqualTo(found);

            VerifyReport repaired = driver.verify(REPAIR);
            assertThat(repaired)
                    .usingRecursiveComparison()
                    .ignoringFields("elapsed", "problems")
                    .isEqualTo(found);
            VerifyReport after = driver.verify(DRY);
            assertThat(after.clean()).isTrue();
            assertThat(after.totalEntries()).isEqualTo(21);
            assertThat(after.reclaimedCount()).isZero();
            assertThat(Values.keys(driver)).hasSize(21).allMatch(key -> key.startsWith("good"));
        }
    }

    private long id(String key) throws SQLException {
        return Sql.number(file(), "SELECT id FROM entries WHERE key = ?", key);
    }

    @Test
    void verify_youngDamage_isReportedAndLeftAlone() throws SQLException {
        Clock clock = Clock.fixed(Values.STORED.plus(Duration.ofMinutes(5)), ZoneOffset.UTC);
        try (SqliteStorageDriver driver =
                SqliteStorageDriver.builder(file()).clock(clock).build()) {
            Values.put(driver, "k", Values.random(1, 3_000));
            Sql.change(file(), "UPDATE bodies SET bytes = zeroblob(3000)");

            VerifyReport young = driver.verify(new VerifyOptions(true, Duration.ofMinutes(6), 1));
            assertThat(young.badContentCount()).isEqualTo(1);
            assertThat(young.problems()).singleElement().asString().contains("too recent");
            assertThat(driver.has("k")).isTrue();

            driver.verify(new VerifyOptions(true, Duration.ofMinutes(4), 1));
            assertThat(driver.has("k")).isFalse();
        }
    }

    @Test
    void verify_brokenPages_isReportedAsBeyondRepair() throws Exception {
        try (SqliteStorageDriver driver = SqliteStorageDriver.open(file())) {
            for (int i = 0; i < 200; i++) {
                Values.put(driver, "key-" + i, Values.random(i, 20_000));
            }
        }
        long rootOfBodies = Sql.number(file(), "SELECT rootpage FROM sqlite_master WHERE name = 'bodies'");
        try (RandomAccessFile raw = new RandomAccessFile(file().toFile(), "rw")) {
            raw.seek((rootOfBodies - 1) * 8192);
            raw.write(Values.random(1, 8192));
        }
        try (SqliteStorageDriver driver = SqliteStorageDriver.open(file())) {
            assertThatThrownBy(() -> driver.get("key-7"))
                    .isInstanceOf(StorageException.class)
                    .hasMessageContaining("key-7")
                    .hasMessageContaining("damaged")
                    .satisfies(
                            e -> assertThat(((StorageException) e).retryable()).isFalse());
            assertThat(driver.head("key-7")).isPresent();

            VerifyReport report = driver.verify(DRY);
            assertThat(report.clean()).isFalse();
            assertThat(report.rejectedEntries()).isPositive();
            assertThat(report.problems()).anyMatch(problem -> problem.contains(file().toString()));
        }
    }

    @Test
    void repair_duringWrites_neverRemovesWhatWasWrittenAgain() throws Exception {
        ExecutorService executor = Executors.newSingleThreadExecutor();
        try (SqliteStorageDriver driver = SqliteStorageDriver.open(file());
                SqliteStorageDriver other = SqliteStorageDriver.open(file())) {
            for (int i = 0; i < 60; i++) {
                byte[] value = Values.random(i, 100_000);
                Values.put(driver, "k", value);
                Sql.change(file(), "UPDATE bodies SET bytes = zeroblob(100000)");
                Future<VerifyReport> repair = executor.submit(() -> other.verify(REPAIR));
                for (int spin = 0; spin < i * 2_000; spin++) {
                    Thread.onSpinWait();
                }
                Values.put(driver, "k", value);
                repair.get();
                assertThat(Values.bytes(driver, "k")).isEqualTo(value);
            }
        } finally {
            executor.shutdownNow();
        }
    }

    @Test
    void verify_interrupted_endsAndRestoresTheFlag() {
        try (SqliteStorageDriver driver = SqliteStorageDriver.open(file())) {
            Values.put(driver, "k", "v");
            Thread.currentThread().interrupt();
            assertThatThrownBy(() -> driver.verify(DRY)).isInstanceOf(OperationInterruptedException.class);
            assertThat(Thread.interrupted()).isTrue();
            assertThat(driver.verify(DRY).clean()).isTrue();
        }
    }

    @Test
    void verify_headWithoutDigest_countsByItsSize() {
        try (SqliteStorageDriver driver = SqliteStorageDriver.open(file())) {
            driver.put("bare", EntryMetadata.bare(3, null, Instant.EPOCH), Body.of(new byte[3]));
            assertThat(driver.verify(DRY).verifiedContent()).isEqualTo(1);
        }
    }
}
