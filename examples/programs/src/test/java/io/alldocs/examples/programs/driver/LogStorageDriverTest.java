package io.alldocs.examples.programs.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.alldocs.cache.Body;
import io.alldocs.cache.Cache;
import io.alldocs.cache.EntryHead;
import io.alldocs.cache.StorageException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogStorageDriverTest {
    @TempDir
    private Path folder;

    @Test
    void open_afterACrash_dropsWhatWasCutOff() throws Exception {
        Path log = folder.resolve("cache.log");
        set(log, "a", "first");
        long whole = Files.size(log);
        set(log, "b", "second");
        long end = Files.size(log);

        for (long cut = whole + 1; cut < end; cut++) {
            Path torn = Files.copy(log, folder.resolve("torn-" + cut));
            try (RandomAccessFile file = new RandomAccessFile(torn.toFile(), "rw")) {
                file.setLength(cut);
            }
            try (LogStorageDriver driver = LogStorageDriver.open(torn);
                    Cache cache = Cache.builder().driver(driver).build()) {
                assertThat(cache.get("a", String.class)).contains("first");
                assertThat(cache.has("b")).isFalse();
                cache.set("b", "again");
            }
            try (LogStorageDriver driver = LogStorageDriver.open(torn);
                    Cache cache = Cache.builder().driver(driver).build()) {
                assertThat(cache.get("b", String.class)).contains("again");
            }
        }
    }

    @Test
    void open_damagedInTheMiddle_refusesAndKeepsTheFile() throws Exception {
        Path log = folder.resolve("cache.log");
        set(log, "a", "first");
        set(log, "b", "second");
        long size = Files.size(log);
        try (RandomAccessFile file = new RandomAccessFile(log.toFile(), "rw")) {
            file.seek(14);
            file.write('z');
        }

        assertThatThrownBy(() -> LogStorageDriver.open(log))
                .isInstanceOf(StorageException.class)
                .hasMessageContaining(log.toString())
                .hasMessageContaining("damaged at byte 0");
        assertThat(Files.size(log)).isEqualTo(size);
    }

    @Test
    void put_bodyThatIsNotWhatItsHeadSays_isRefusedAndLeavesNoTrace() throws Exception {
        Path log = folder.resolve("cache.log");
        set(log, "a", "first");
        long size = Files.size(log);
        try (LogStorageDriver driver = LogStorageDriver.open(log)) {
            EntryHead head = EntryHead.bare(10, null, Instant.EPOCH);
            assertThatThrownBy(() -> driver.put("b", head, Body.of(new byte[9])))
                    .isInstanceOf(StorageException.class)
                    .hasMessageContaining("9 bytes");
            assertThat(driver.has("b")).isFalse();
        }
        assertThat(Files.size(log)).isEqualTo(size);
    }

    private static void set(Path log, String key, String value) {
        try (LogStorageDriver driver = LogStorageDriver.open(log);
                Cache cache = Cache.builder().driver(driver).build()) {
            cache.set(key, value);
        }
    }
}
