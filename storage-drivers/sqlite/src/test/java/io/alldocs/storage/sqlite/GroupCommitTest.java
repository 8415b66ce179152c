package io.alldocs.storage.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.alldocs.cache.body.Body;
import io.alldocs.cache.entry.EntryMetadata;
import io.alldocs.cache.spi.KeyOrder;
import io.alldocs.cache.spi.StorageException;
import io.alldocs.cache.spi.StoredEntry;
import io.alldocs.storage.contract.Values;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests many threads on one driver. */
class GroupCommitTest {
    private static final int THREADS = 16;

    @TempDir
    Path folder;

    private final ExecutorService executor = Executors.newFixedThreadPool(2 * THREADS);

    @AfterEach
    void stop() throws InterruptedException {
        executor.shutdownNow();
        assertThat(executor.awaitTermination(30, TimeUnit.SECONDS)).isTrue();
    }

    private Path file() {
        return folder.resolve("cache.sqlite");
    }

    @Test
    void put_byOneThread_isOneCommitEach() {
        try (SqliteStorageDriver driver = SqliteStorageDriver.open(file())) {
            for (int i = 0; i < 10; i++) {
                Values.put(driver, "k" + i, "v");
                assertThat(driver.commits()).isEqualTo(i + 1);
            }
        }
    }

    @Test
    void put_bySixteenThreadsThatWait_isTwoCommits() throws Exception {
        try (SqliteStorageDriver driver = SqliteStorageDriver.open(file());
                Connection other = Sql.open(file())) {
            other.createStatement().execute("BEGIN IMMEDIATE");
            List<Thread> threads = new ArrayList<>();
            for (int i = 0; i < THREADS; i++) {
                String key = "k" + i;
                threads.add(new Thread(() -> Values.put(driver, key, key)));
            }
            threads.forEach(Thread::start);
            // The first thread leads and retries to get the lock; the others wait for it.
            while (threads.stream()
                            .filter(each -> each.getState() == Thread.State.WAITING)
                            .count()
                    < THREADS - 1) {
                Thread.onSpinWait();
            }
            other.createStatement().execute("COMMIT");
            for (Thread thread : threads) {
                thread.join();
            }

            assertThat(Values.keys(driver)).hasSize(THREADS);
            assertThat(driver.commits()).isEqualTo(2);
        }
    }

    @Test
    void put_bySixteenBusyThreads_sharesCommits() throws Exception {
        int rounds = 100;
        try (SqliteStorageDriver driver =
                SqliteStorageDriver.builder(file()).sync(true).build()) {
            List<Future<?>> all = new ArrayList<>();
            for (int thread = 0; thread < THREADS; thread++) {
                int number = thread;
                all.add(executor.submit(() -> {
                    for (int i = 0; i < rounds; i++) {
                        String key = number + ":" + i;
                        Values.put(driver, key, Values.random(i, 2_000));
                        // The change is committed: another connection sees it.
                        assertThat(driver.has(key)).isTrue();
                    }
                }));
            }
            for (Future<?> each : all) {
                each.get();
            }
            int puts = THREADS * rounds;
            assertThat(Values.keys(driver)).hasSize(puts);
            // How many changes share a commit depends on the speed of this machine.
            assertThat(driver.commits()).isLessThan(puts);
        }
    }

    @Test
    void putBatch_anySize_isFewCommits() {
        Map<String, StoredEntry> entries = new LinkedHashMap<>();
        for (int i = 0; i < 1_200; i++) {
            byte[] value = Values.random(i, 100);
            entries.put("k" + i, new StoredEntry(Values.head(value), Body.of(value)));
        }
        try (SqliteStorageDriver driver = SqliteStorageDriver.open(file())) {
            driver.putBatch(entries);
            assertThat(driver.commits()).isEqualTo(3);
            assertThat(Values.keys(driver)).hasSize(1_200);
            driver.deleteBatch(entries.keySet());
            assertThat(driver.commits()).isEqualTo(6);
            assertThat(Values.keys(driver)).isEmpty();
        }
    }

    @Test
    void put_truncatedBody_doesNotAffectOthers() throws Exception {
        try (SqliteStorageDriver driver = SqliteStorageDriver.open(file())) {
            List<Future<?>> all = new ArrayList<>();
            for (int thread = 0; thread < THREADS; thread++) {
                int number = thread;
                all.add(executor.submit(() -> {
                    for (int i = 0; i < 20; i++) {
                        int size = i % 2 == 0 ? 2 << 20 : 2_000;
                        String key = number + ":" + i;
                        byte[] value = Values.random(i, size);
                        if (number % 2 == 0) {
                            Values.put(driver, key, value);
                        } else {
                            EntryMetadata head = Values.head(value);
                            assertThatThrownBy(() -> driver.put(key, head, new CutOff(value)))
                                    .isInstanceOf(StorageException.class)
                                    .hasMessageContaining(key);
                        }
                    }
                }));
            }
            for (Future<?> each : all) {
                each.get();
            }
            assertThat(Values.keys(driver))
                    .hasSize(THREADS / 2 * 20)
                    .allMatch(key -> Integer.parseInt(key.substring(0, key.indexOf(':'))) % 2 == 0);
            assertThat(Sql.number(file(), "SELECT count(*) FROM parts")).isEqualTo(THREADS / 2 * 10 * 2);
        }
        assertThat(folder).isDirectoryNotContaining(path -> path.toString().endsWith(".tmp"));
    }

    /** A body with one byte less than its declared size. */
    private record CutOff(byte[] bytes) implements Body {
        @Override
        public long sizeBytes() {
            return bytes.length;
        }

        @Override
        public InputStream openStream() throws IOException {
            return Body.of(bytes, 0, bytes.length - 1).openStream();
        }
    }

    @Test
    void list_duringWrites_returnsEveryOtherKeyOnceInOrder() throws Exception {
        AtomicBoolean stop = new AtomicBoolean();
        try (SqliteStorageDriver driver = SqliteStorageDriver.open(file())) {
            Map<String, StoredEntry> entries = new LinkedHashMap<>();
            for (int i = 0; i < 6_000; i++) {
                byte[] value = Values.utf8("v");
                entries.put(String.format("k%05d", i), new StoredEntry(Values.head(value), Body.of(value)));
            }
            driver.putBatch(entries);
            List<Future<?>> writers = new ArrayList<>();
            for (int thread = 0; thread < 4; thread++) {
                int number = thread;
                writers.add(executor.submit(() -> {
                    for (int i = 0; !stop.get(); i = (i + 37) % 6_000) {
                        String key = String.format("k%05d-%d", i, number);
                        Values.put(driver, key, "w");
                        Values.put(driver, String.format("k%05d", i), "replaced");
                        driver.delete(key);
                    }
                }));
            }
            for (int round = 0; round < 10; round++) {
                List<String> listed = Values.keys(driver);
                assertThat(listed).isSortedAccordingTo(KeyOrder.UTF8);
                assertThat(listed.stream().filter(key -> key.length() == 6))
                        .containsExactlyElementsOf(entries.keySet());
            }
            stop.set(true);
            for (Future<?> each : writers) {
                each.get();
            }
        }
    }

    @Test
    void log_whileListsAreHalfRead_staysBounded() throws Exception {
        try (SqliteStorageDriver driver = SqliteStorageDriver.open(file())) {
            for (int i = 0; i < 300; i++) {
                Values.put(driver, "k" + i, "v");
            }
            try (Stream<String> keys = driver.list("", null)) {
                Iterator<String> halfRead = keys.iterator();
                assertThat(halfRead.next()).isEqualTo("k0");
                // 240 MB in all. A listing that read in one transaction would keep all of it in the log.
                replace(driver, "a large one", 240);
                assertThat(Files.size(driver.database().log())).isLessThan(Database.MAX_LOG_BYTES);
                halfRead.forEachRemaining(key -> assertThat(key).startsWith("k").isNotEqualTo("k0"));
            }
        }
    }

    /** Replaces the value repeatedly, with one megabyte each time. */
    private static void replace(SqliteStorageDriver driver, String key, int times) {
        byte[] value = Values.random(times, 1_000_000);
        EntryMetadata head = Values.head(value);
        for (int i = 0; i < times; i++) {
            driver.put(key, head, Body.of(value));
        }
    }

    @Test
    void log_withAReaderThatLasts_growsAndIsEmptiedAfterIt() throws Exception {
        try (SqliteStorageDriver driver = SqliteStorageDriver.open(file())) {
            Values.put(driver, "k", "v");
            try (Connection other = Sql.open(file())) {
                other.createStatement().execute("BEGIN");
                other.createStatement()
                        .executeQuery("SELECT count(*) FROM entries")
                        .close();
                replace(driver, "large", 150);
                assertThat(Files.size(driver.database().log())).isGreaterThan(Database.MAX_LOG_BYTES);
            }
            replace(driver, "large", 150);
            assertThat(Files.size(driver.database().log())).isLessThan(Database.MAX_LOG_BYTES);
        }
    }

    @Test
    void close_duringWrites_losesNothingThatReturned() throws Exception {
        for (int round = 0; round < 10; round++) {
            SqliteStorageDriver driver = SqliteStorageDriver.open(file());
            AtomicInteger returned = new AtomicInteger();
            List<Future<?>> all = new ArrayList<>();
            for (int thread = 0; thread < THREADS; thread++) {
                String prefix = round + ":" + thread + ":";
                all.add(executor.submit(() -> {
                    try {
                        for (int i = 0; ; i++) {
                            Values.put(driver, prefix + i, "v");
                            returned.incrementAndGet();
                            Values.keys(driver);
                        }
                    } catch (IllegalStateException closed) {
                        return;
                    }
                }));
            }
            while (returned.get() < 50) {
                Thread.onSpinWait();
            }
            driver.close();
            for (Future<?> each : all) {
                each.get();
            }
            try (SqliteStorageDriver again = SqliteStorageDriver.open(file());
                    Stream<String> keys = again.list(round + ":", null)) {
                assertThat(keys.count()).isEqualTo(returned.get());
            }
        }
    }

    @Test
    void get_byManyThreads_sharesFewConnections() throws Exception {
        try (SqliteStorageDriver driver = SqliteStorageDriver.open(file())) {
            byte[] large = Values.random(1, 2 << 20);
            Values.put(driver, "large", large);
            Values.put(driver, "k", "v");
            List<Future<?>> all = new ArrayList<>();
            for (int thread = 0; thread < 2 * THREADS; thread++) {
                all.add(executor.submit(() -> {
                    for (int i = 0; i < 10; i++) {
                        assertThat(Values.text(driver, "k")).contains("v");
                        assertThat(Values.bytes(driver, "large")).isEqualTo(large);
                    }
                }));
            }
            for (Future<?> each : all) {
                each.get();
            }
        }
    }

    @Test
    void sql_ofAnotherProgram_isSeenAtOnce() throws SQLException {
        try (SqliteStorageDriver driver = SqliteStorageDriver.open(file())) {
            Values.put(driver, "k", "v");
            assertThat(driver.has("k")).isTrue();
            Sql.change(file(), "UPDATE entries SET key = 'renamed'");
            assertThat(Values.keys(driver)).containsExactly("renamed");
            assertThat(Values.text(driver, "renamed")).contains("v");
        }
    }
}
