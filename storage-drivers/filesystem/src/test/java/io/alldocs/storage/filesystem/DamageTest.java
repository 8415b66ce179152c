package io.alldocs.storage.filesystem;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.alldocs.cache.body.Body;
import io.alldocs.cache.spi.StorageException;
import io.alldocs.cache.spi.StoredEntry;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests how damage in the folder affects readers, and that storing again repairs it. */
class DamageTest {
    private static final String KEY = "v1:packument:npm:61";
    private static final byte[] VALUE = Values.utf8("the value");

    @TempDir
    Path folder;

    private FilesystemStorageDriver driver;

    @BeforeEach
    void open() {
        driver = FilesystemStorageDriver.open(folder);
        driver.put(KEY, Values.head(VALUE), Body.of(VALUE));
    }

    @AfterEach
    void close() {
        driver.close();
    }

    @Test
    void get_missingContent_isAbsentEverywhereButInTheListing() throws IOException {
        Files.delete(Values.contentFile(folder, VALUE));

        assertThat(driver.get(KEY)).isEmpty();
        assertThat(driver.head(KEY)).isEmpty();
        assertThat(driver.has(KEY)).isFalse();
        assertThat(driver.putHead(KEY, Values.head(VALUE))).isFalse();
        assertThat(Values.keys(driver)).containsExactly(KEY);
    }

    @Test
    void putIfAbsent_missingContent_stores() throws IOException {
        Files.delete(Values.contentFile(folder, VALUE));

        assertThat(driver.putIfAbsent(KEY, Values.head(VALUE), Body.of(VALUE))).isTrue();

        assertThat(Values.text(driver, KEY)).contains("the value");
    }

    @Test
    void head_truncatedContent_isAbsent_andGetShowsTheBytesToWhoeverChecksDigests() throws IOException {
        Files.write(Values.contentFile(folder, VALUE), Values.utf8("the"));

        assertThat(driver.has(KEY)).isFalse();
        assertThat(driver.head(KEY)).isEmpty();
        StoredEntry entry = driver.get(KEY).orElseThrow();
        assertThat(entry.head()).isEqualTo(Values.head(VALUE));
        assertThat(Values.text(entry)).isEqualTo("the");
    }

    @Test
    void put_overContentWithFlippedBits_healsIt() throws IOException {
        byte[] flipped = VALUE.clone();
        flipped[3] ^= 0x10;
        Files.write(Values.contentFile(folder, VALUE), flipped);

        driver.put(KEY, Values.head(VALUE), Body.of(VALUE));

        assertThat(Values.contentFile(folder, VALUE)).hasBinaryContent(VALUE);
    }

    @Test
    void put_overTruncatedContent_healsItForEveryKeyThatRefersToIt() throws IOException {
        driver.put("other", Values.head(VALUE), Body.of(VALUE));
        Files.write(Values.contentFile(folder, VALUE), new byte[0]);
        assertThat(driver.has("other")).isFalse();

        driver.put(KEY, Values.head(VALUE), Body.of(VALUE));

        assertThat(driver.has("other")).isTrue();
    }

    @Test
    void put_overDamagedLargeContent_healsIt() throws IOException {
        byte[] large = new byte[ContentStore.IN_MEMORY_BYTES + 12_345];
        new Random(1).nextBytes(large);
        driver.put("large", Values.bare(large), Body.of(large));
        byte[] flipped = large.clone();
        flipped[large.length - 1] ^= 1;
        Files.write(Values.contentFile(folder, large), flipped);

        driver.put("large", Values.bare(large), Body.of(large));

        assertThat(Arrays.equals(Files.readAllBytes(Values.contentFile(folder, large)), large))
                .isTrue();
    }

    @Test
    void get_recordWithWrongChecksum_givesTheOneBefore() throws IOException {
        Path bucket = Values.bucketFile(folder, KEY);
        byte[] before = Files.readAllBytes(bucket);
        Values.put(driver, KEY, "newer");
        byte[] after = Files.readAllBytes(bucket);
        after[before.length + 60] ^= 1;
        Files.write(bucket, after);

        assertThat(Values.text(driver, KEY)).contains("the value");
    }

    @Test
    void get_bucketOfGarbage_isAbsent() throws IOException {
        for (String garbage : new String[] {
            "",
            "\n",
            "\n\n\n",
            "x",
            "\t",
            "a\tb\n",
            Values.line("[]"),
            Values.line("{}"),
            Values.line("null"),
            Values.line("{\"key\":3}"),
            Values.line("{\"key\":\"" + KEY + "\"}"),
            Values.line("{"),
            Values.line("{\"key\":\"" + KEY + "\",\"integrity\":\"md9-abc\"}"),
            Values.line("{\"key\":\"" + KEY + "\",\"integrity\":\"sha256-abc\"}")
        }) {
            Files.writeString(Values.bucketFile(folder, KEY), garbage);

            assertThat(driver.get(KEY)).as(garbage).isEmpty();
            assertThat(driver.has(KEY)).as(garbage).isFalse();
        }
    }

    @Test
    void get_recordOfAnotherKeyInTheBucket_isIgnored() throws IOException {
        String stranger = Files.readString(Values.bucketFile(folder, KEY));
        Values.write(Values.bucketFile(folder, "collides"), Values.utf8(stranger));

        assertThat(driver.get("collides")).isEmpty();
        driver.put("collides", Values.head(VALUE), Body.of(VALUE));
        assertThat(driver.has("collides")).isTrue();
        driver.delete("collides");
        assertThat(driver.has("collides")).isFalse();
        assertThat(driver.has(KEY)).isTrue();
    }

    @Test
    void get_largeBody_staysReadableAfterItsFileIsGone() throws IOException {
        byte[] large = new byte[3 * ContentStore.IN_MEMORY_BYTES];
        new Random(2).nextBytes(large);
        driver.put("large", Values.bare(large), Body.of(large));

        try (Body body = driver.get("large").orElseThrow().body()) {
            Files.delete(Values.contentFile(folder, large));
            driver.close();
            assertThat(body.sizeBytes()).isEqualTo(large.length);
            assertThat(Arrays.equals(body.toByteArray(), large)).isTrue();
            try (InputStream again = body.openStream()) {
                again.skipNBytes(large.length - 3);
                assertThat(again.read()).isEqualTo(large[large.length - 3] & 0xff);
                assertThat(again.readAllBytes()).hasSize(2);
                assertThat(again.read()).isEqualTo(-1);
            }
        }
    }

    @Test
    void anyOperation_onAnInterruptedThread_succeedsAndKeepsTheFlag() {
        Thread.currentThread().interrupt();
        try {
            Values.put(driver, "k", "v");
            byte[] large = new byte[2 * ContentStore.IN_MEMORY_BYTES];
            driver.put("large", Values.bare(large), Body.of(large));
            assertThat(Values.text(driver, "k")).contains("v");
            assertThat(driver.get("large").orElseThrow().body().sizeBytes()).isEqualTo(large.length);
            assertThat(driver.putHead("k", Values.head(Values.utf8("v")))).isTrue();
            driver.delete("k");
            assertThat(Values.keys(driver)).containsExactlyInAnyOrder(KEY, "large");
            assertThat(Thread.currentThread().isInterrupted()).isTrue();
        } finally {
            assertThat(Thread.interrupted()).isTrue();
        }
    }

    @Test
    void put_afterTheFolderWasEmptiedByAnotherProgram_makesItsDirectoriesAgain() throws IOException {
        for (String name : new String[] {"content-v2", "index-v5", "tmp"}) {
            deleteTree(folder.resolve(name));
        }
        assertThat(driver.get(KEY)).isEmpty();
        assertThat(Values.keys(driver)).isEmpty();

        driver.put(KEY, Values.head(VALUE), Body.of(VALUE));

        assertThat(Values.text(driver, KEY)).contains("the value");
    }

    @Test
    void anyRead_bucketThatIsNoFile_failsWithItsPath() throws IOException {
        Path bucket = Values.bucketFile(folder, "k");
        Files.createDirectories(bucket);

        for (Runnable read : new Runnable[] {() -> driver.get("k"), () -> driver.has("k"), () -> Values.keys(driver)}) {
            assertThatExceptionOfType(StorageException.class)
                    .isThrownBy(read::run)
                    .withMessageContaining(folder.toString())
                    .withMessageContaining(bucket.toString())
                    .withCauseInstanceOf(IOException.class);
        }
    }

    private static void deleteTree(Path directory) throws IOException {
        try (var paths = Files.walk(directory)) {
            for (Path path : paths.sorted(java.util.Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
