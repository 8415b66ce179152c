package io.alldocs.storage.sqlite;

import static org.assertj.core.api.Assertions.assertThat;

import io.alldocs.Env;
import io.alldocs.cache.StorageDrivers;
import io.alldocs.cache.body.Body;
import io.alldocs.cache.entry.EntryMetadata;
import io.alldocs.cache.spi.KeyOrder;
import io.alldocs.cache.spi.StorageDriver;
import io.alldocs.cache.spi.VerifyOptions;
import io.alldocs.storage.contract.Values;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests the tables of the file as other programs read them. */
class FormatTest {
    @TempDir
    Path folder;

    private Path file() {
        return folder.resolve("cache.sqlite");
    }

    @Test
    void file_ofADriver_saysWhatItIs() throws SQLException {
        try (SqliteStorageDriver driver = SqliteStorageDriver.open(file())) {
            assertThat(driver.file()).isEqualTo(file());

            assertThat(Sql.query(file(), "PRAGMA application_id")).containsExactly("" + 0x616c6c64);
            assertThat(Sql.query(file(), "PRAGMA user_version")).containsExactly("1");
            assertThat(Sql.query(file(), "PRAGMA journal_mode")).containsExactly("wal");
            assertThat(Sql.query(file(), "PRAGMA auto_vacuum")).containsExactly("2");
            assertThat(Sql.query(file(), "PRAGMA page_size")).containsExactly("8192");
            assertThat(Sql.query(file(), "PRAGMA encoding")).containsExactly("UTF-8");
        }
    }

    @Test
    void entries_queriedWithJson_answer() throws SQLException {
        try (SqliteStorageDriver driver = SqliteStorageDriver.open(file())) {
            Values.put(driver, "v1:packument:npm:61", "first");
            Values.put(driver, "v1:packument:npm:6162", "the second");
            EntryMetadata gone = Values.head(new byte[0]).toBuilder()
                    .status(404)
                    .outcome("not_found")
                    .build();
            driver.put("v1:packument:npm:c3bc", gone, Body.of(new byte[0]));
            Values.put(driver, "v1:packument:npn:61", "elsewhere");
            Values.put(driver, "v1:partition:npm::", "a page");

            assertThat(Sql.query(
                            file(),
                            "SELECT json_extract(head, '$.outcome') AS outcome, count(*), sum(json_extract(head, '$.size'))"
                                    + " FROM entries WHERE key >= 'v1:packument:npm:' AND key < 'v1:packument:npm;'"
                                    + " GROUP BY outcome"))
                    .containsExactly("not_found|1|0", "ok|2|15");
            assertThat(
                            Sql.query(
                                    file(),
                                    "SELECT CAST(unhex(substr(key, 18)) AS TEXT) FROM entries WHERE json_extract(head, '$.status') = 404"))
                    .containsExactly("ü");
            assertThat(Sql.query(
                            file(), "SELECT json_extract(head, '$.headers.etag') FROM entries WHERE key LIKE '%:6162'"))
                    .containsExactly("\"ü  1\"");
            assertThat(Sql.bytes(file(), "SELECT bytes FROM bodies JOIN entries USING (id) WHERE key LIKE '%:6162'"))
                    .isEqualTo(Values.utf8("the second"));
        }
    }

    @Test
    void bodies_aboveOneMebibyte_areInParts() throws SQLException {
        byte[] whole = Values.random(1, 1 << 20);
        byte[] large = Values.random(2, (2 << 20) + 5);
        try (SqliteStorageDriver driver = SqliteStorageDriver.open(file())) {
            Values.put(driver, "whole", whole);
            Values.put(driver, "large", large);

            assertThat(Sql.query(file(), "SELECT key, length(bytes) FROM bodies JOIN entries USING (id)"))
                    .containsExactly("whole|1048576");
            assertThat(Sql.query(
                            file(),
                            "SELECT key, part, length(bytes) FROM parts JOIN entries USING (id) ORDER BY id, part"))
                    .containsExactly("large|0|1048576", "large|1|1048576", "large|2|5");
            assertThat(Values.bytes(driver, "large")).isEqualTo(large);
        }
    }

    @Test
    void put_ofASmallerBody_leavesNothingOfTheLargeOne() throws SQLException {
        try (SqliteStorageDriver driver = SqliteStorageDriver.open(file())) {
            Values.put(driver, "k", Values.random(1, 3 << 20));
            Values.put(driver, "k", "small");
            Values.put(driver, "gone", Values.random(2, 3 << 20));
            driver.delete("gone");

            assertThat(Sql.number(file(), "SELECT count(*) FROM parts")).isZero();
            assertThat(Sql.number(file(), "SELECT count(*) FROM bodies")).isEqualTo(1);
            assertThat(Values.text(driver, "k")).contains("small");
        }
    }

    @Test
    void delete_byAnotherProgram_takesTheBodyWithIt() throws SQLException {
        try (SqliteStorageDriver driver = SqliteStorageDriver.open(file())) {
            Values.put(driver, "small", "small");
            Values.put(driver, "large", Values.random(1, 3 << 20));
            Values.put(driver, "stays", "stays");

            assertThat(Sql.change(file(), "DELETE FROM entries WHERE key <> 'stays'"))
                    .isEqualTo(2);

            assertThat(Sql.number(file(), "SELECT count(*) FROM bodies")).isEqualTo(1);
            assertThat(Sql.number(file(), "SELECT count(*) FROM parts")).isZero();
            assertThat(Values.keys(driver)).containsExactly("stays");
        }
    }

    @Test
    void body_openBeforeItIsReplaced_staysReadable() throws IOException {
        byte[] old = Values.random(1, 3 << 20);
        SqliteStorageDriver driver = SqliteStorageDriver.open(file());
        Values.put(driver, "k", old);
        try (Body body = driver.get("k").orElseThrow().body()) {
            Values.put(driver, "k", "new");
            driver.close();
            assertThat(body.toByteArray()).isEqualTo(old);
            assertThat(body.toByteArray()).isEqualTo(old);
        }
        assertThat(folder).isDirectoryNotContaining(path -> path.toString().endsWith(".tmp"));
    }

    @Test
    void space_ofReplacedValues_isUsedAgain_andVerifyGivesItBack() throws Exception {
        try (SqliteStorageDriver driver = SqliteStorageDriver.open(file())) {
            fill(driver, 0);
            long once = pages();
            for (int round = 1; round < 5; round++) {
                fill(driver, round);
            }
            assertThat(pages()).isLessThan(once + once / 10);

            driver.deleteBatch(Values.keys(driver));
            assertThat(Sql.number(file(), "PRAGMA freelist_count")).isGreaterThan(once / 2);
            driver.verify(new VerifyOptions(false, Duration.ZERO, 1));
            assertThat(pages()).as("a dry run changes nothing").isGreaterThan(once / 2);
            driver.verify(new VerifyOptions(true, Duration.ZERO, 1));
            assertThat(Sql.number(file(), "PRAGMA freelist_count")).isZero();
            assertThat(Files.size(file())).isLessThan(20 * 8192L);
        }
    }

    private static void fill(SqliteStorageDriver driver, int round) {
        for (int i = 0; i < 60; i++) {
            Values.put(driver, "k" + i, Values.random(round, 30_000));
        }
    }

    private long pages() throws SQLException {
        return Sql.number(file(), "PRAGMA page_count");
    }

    @Test
    void close_ofTheLastDriver_leavesOneFile() throws IOException {
        SqliteStorageDriver one = SqliteStorageDriver.open(file());
        SqliteStorageDriver two = SqliteStorageDriver.open(file());
        Values.put(one, "a", "1");
        Values.put(two, "b", "2");
        one.close();
        assertThat(Values.text(two, "a")).contains("1");
        two.close();

        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files).containsExactly(file());
        }
    }

    @Test
    void list_anyKeys_isInTheOrderOfTheirBytes_whileSqlSaysTheSame() throws SQLException {
        List<String> keys = List.of("a", "a\u0000b", "aa", "B", "é", "\uFFFD", "\uD83E\uDD84", "\uDBFF\uDFFF");
        try (SqliteStorageDriver driver = SqliteStorageDriver.open(file())) {
            keys.forEach(key -> Values.put(driver, key, key));

            assertThat(Values.keys(driver))
                    .containsExactlyElementsOf(
                            keys.stream().sorted(KeyOrder.UTF8).toList());
            assertThat(Sql.query(file(), "SELECT key FROM entries ORDER BY key"))
                    .isEqualTo(Values.keys(driver));
        }
    }

    @Test
    void heads_andLists_readNoBodies() throws SQLException {
        try (SqliteStorageDriver driver = SqliteStorageDriver.open(file())) {
            assertThat(Sql.query(file(), "EXPLAIN QUERY PLAN SELECT key FROM entries WHERE key >= 'a' ORDER BY key"))
                    .singleElement()
                    .asString()
                    .contains("COVERING INDEX");
            IntStream.range(0, 50).forEach(i -> Values.put(driver, "k" + i, Values.random(i, 30_000)));
            // Without the bodies, heads, has and lists still work.
            Sql.change(file(), "DELETE FROM bodies");
            assertThat(driver.head("k7")).contains(Values.head(Values.random(7, 30_000)));
            assertThat(driver.has("k7")).isTrue();
            assertThat(Values.keys(driver)).hasSize(50);
        }
    }

    @Test
    void provider_byName_takesItsFileFromTheEnvironment() throws IOException {
        Path named = folder.resolve("a folder?/b%20#c.db");
        Map<String, String> byFile = Map.of("STORAGE_DRIVER", "sqlite", "SQLITE_FILE", named.toString());
        try (StorageDriver driver = StorageDrivers.create(Env.of(byFile))) {
            assertThat(driver.name()).isEqualTo("sqlite");
            Values.put(driver, "k", "v");
            assertThat(driver).hasToString("sqlite:" + named);
        }
        assertThat(named).isRegularFile();

        Path cache = folder.resolve("cache dir");
        Map<String, String> byFolder =
                Map.of("STORAGE_DRIVER", "sqlite", "CACHE_DIR", cache.toString(), "CACHE_SYNC", "true");
        try (StorageDriver driver = StorageDrivers.create(Env.of(byFolder))) {
            Values.put(driver, "k", "v");
        }
        Map<String, String> readOnly =
                Map.of("STORAGE_DRIVER", "sqlite", "CACHE_DIR", cache.toString(), "CACHE_READ_ONLY", "true");
        try (StorageDriver driver = StorageDrivers.create(Env.of(readOnly))) {
            assertThat(driver.capabilities().writable()).isFalse();
            assertThat(Values.text(driver, "k")).contains("v");
        }
        try (Stream<Path> files = Files.walk(folder).sorted(Comparator.naturalOrder())) {
            assertThat(files.filter(Files::isRegularFile)).contains(cache.resolve("all-docs.sqlite"), named);
        }
    }
}
