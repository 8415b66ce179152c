package io.alldocs.storage.filesystem;

import static org.assertj.core.api.Assertions.assertThat;

import io.alldocs.cache.body.Body;
import io.alldocs.cache.entry.EntryMetadata;
import io.alldocs.cache.spi.StoredEntry;
import io.alldocs.spi.SriHash;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests the files byte by byte. The constants were created by cacache 20.0.4 or by the named programs. */
class FormatTest {
    private static final String KEY = "v1:packument:npm:65787072657373";
    /** {@code printf 'hello' | sha256sum}. */
    private static final String HELLO = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
    /** {@code printf '%s' v1:packument:npm:65787072657373 | sha256sum}. */
    private static final String KEY_HASH = "e640fb2b2bb940cb82a55187e054c70b42fcb23e4991e6ad00ba6959f3ab67aa";

    private static final Clock CLOCK = Clock.fixed(Instant.ofEpochMilli(1_785_000_000_000L), ZoneOffset.UTC);

    @TempDir
    Path folder;

    private FilesystemStorageDriver driver;

    @BeforeEach
    void open() {
        driver = FilesystemStorageDriver.builder(folder).clock(CLOCK).build();
    }

    @AfterEach
    void close() {
        driver.close();
    }

    @Test
    void put_value_writesContentNamedByItsDigest() throws IOException {
        Values.put(driver, KEY, "hello");

        Path content = folder.resolve("content-v2/sha256/2c/f2/" + HELLO.substring(4));
        assertThat(content).hasContent("hello");
    }

    @Test
    void put_value_appendsOneRecordWithTheHeadAsMetadata() throws IOException {
        byte[] hello = Values.utf8("hello");
        driver.put(KEY, Values.head(hello), Body.of(hello));

        Path bucket = folder.resolve(
                "index-v5/" + KEY_HASH.substring(0, 2) + "/" + KEY_HASH.substring(2, 4) + "/" + KEY_HASH.substring(4));
        assertThat(Files.readString(bucket))
                .isEqualTo(Values.line("{\"key\":\"" + KEY + "\","
                        + "\"integrity\":\"sha256-LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=\","
                        + "\"time\":1785585600123,\"size\":5,\"metadata\":"
                        + Values.head(hello).toJson() + "}"));
    }

    @Test
    void put_bareHead_leavesMetadataOutAsCacacheDoes() throws IOException {
        byte[] hello = Values.utf8("hello");
        driver.put("a \"quoted\" ü \u0001 key", Values.bare(hello), Body.of(hello));

        // cacache.put(dir, key, 'hello', { algorithms: ['sha256'], time: 1785585600123 })
        assertThat(Files.readString(Values.bucketFile(folder, "a \"quoted\" ü \u0001 key")))
                .isEqualTo(Values.line("""
                                {"key":"a \\"quoted\\" ü \\u0001 key",\
                                "integrity":"sha256-LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=",\
                                "time":1785585600123,"size":5}"""));
    }

    @Test
    void delete_presentKey_appendsATombstone() throws IOException {
        Values.put(driver, KEY, "hello");
        Path bucket = Values.bucketFile(folder, KEY);
        String before = Files.readString(bucket);

        driver.delete(KEY);

        assertThat(Files.readString(bucket))
                .isEqualTo(before + Values.line("{\"key\":\"" + KEY + "\",\"integrity\":null,\"time\":1785000000000}"));
    }

    @Test
    void delete_absentKey_writesNothing() throws IOException {
        driver.delete(KEY);

        assertThat(Values.bucketFile(folder, KEY)).doesNotExist();
    }

    @Test
    void put_again_appendsAndTheLastRecordCounts() throws IOException {
        Values.put(driver, KEY, "first");
        Values.put(driver, KEY, "second");

        assertThat(Files.readAllLines(Values.bucketFile(folder, KEY)))
                .hasSize(3)
                .first()
                .isEqualTo("");
        assertThat(Values.text(driver, KEY)).contains("second");
    }

    @Test
    void put_headWithoutIntegrity_isStoredUnderSha256AndReadUnchanged() throws IOException {
        byte[] hello = Values.utf8("hello");
        EntryMetadata head = EntryMetadata.bare(5, null, Values.STORED);

        driver.put(KEY, head, Body.of(hello));

        assertThat(Values.contentFile(folder, hello)).hasContent("hello");
        assertThat(driver.head(KEY)).contains(head);
    }

    @Test
    void put_headWithSha512_isStoredUnderSha512() throws IOException {
        byte[] hello = Values.utf8("hello");
        SriHash sha512 = Values.hash(SriHash.Algorithm.SHA512, hello);

        driver.put(KEY, EntryMetadata.bare(5, sha512.sri(), Values.STORED), Body.of(hello));

        assertThat(Values.contentFile(folder, sha512)).hasContent("hello");
        assertThat(Values.text(driver, KEY)).contains("hello");
    }

    @Test
    void putHead_presentKey_appendsARecordAndKeepsTheContent() throws IOException {
        byte[] hello = Values.utf8("hello");
        Values.put(driver, KEY, "hello");
        Path content = Values.contentFile(folder, hello);
        Object identity = Files.readAttributes(content, "*").get("fileKey");
        EntryMetadata newer = EntryMetadata.bare(5, Values.sha256(hello).sri(), Values.STORED.plusSeconds(60));

        assertThat(driver.putHead(KEY, newer)).isTrue();

        assertThat(driver.head(KEY)).contains(newer);
        assertThat(Files.readAttributes(content, "*").get("fileKey")).isEqualTo(identity);
    }

    @Test
    void get_recordsOfOtherWriters_giveHeadsMadeOfTheRecord() throws IOException {
        byte[] body = Values.utf8("{\"name\":\"express\"}");
        SriHash sha512 = Values.hash(SriHash.Algorithm.SHA512, body);
        String key = "make-fetch-happen:request-cache:https://registry.npmjs.com/express";
        Values.write(Values.contentFile(folder, sha512), body);
        Values.write(
                Values.bucketFile(folder, key),
                Values.utf8(Values.line("{\"key\":\"" + key + "\",\"integrity\":\"" + sha512.sri()
                        + "\",\"time\":1785585600123,\"size\":" + body.length
                        + ",\"metadata\":{\"time\":1785585600000,\"url\":\"https://registry.npmjs.com/express\","
                        + "\"reqHeaders\":{\"accept\":\"application/json\"},\"resHeaders\":{\"etag\":\"W/\\\"1\\\"\"},"
                        + "\"options\":{\"compress\":true}}}")));

        StoredEntry entry = driver.get(key).orElseThrow();

        assertThat(entry.head()).isEqualTo(EntryMetadata.bare(body.length, sha512.sri(), Values.STORED));
        assertThat(driver.head(key)).contains(entry.head());
        assertThat(Values.text(entry)).isEqualTo("{\"name\":\"express\"}");
        assertThat(Values.keys(driver)).containsExactly(key);
    }

    @Test
    void get_integrityOfSeveralHashes_readsTheStrongest() throws IOException {
        byte[] body = Values.utf8("body");
        SriHash sha512 = Values.hash(SriHash.Algorithm.SHA512, body);
        String sri = Values.hash(SriHash.Algorithm.SHA1, body).sri() + " " + sha512.sri() + "?foo sha999-AAAA";
        Values.write(Values.contentFile(folder, sha512), body);
        Values.write(
                Values.bucketFile(folder, "k"),
                Values.utf8(Values.line("{\"key\":\"k\",\"integrity\":\"" + sri + "\",\"time\":1,\"metadata\":null}")));

        assertThat(driver.get("k").map(StoredEntry::head))
                .contains(EntryMetadata.bare(4, sri, Instant.ofEpochMilli(1)));
        assertThat(driver.has("k")).isTrue();
    }

    @Test
    void open_newFolder_isMarkedAsACacheOfFormat1() {
        assertThat(folder.resolve("_all-docs-format")).hasContent("1\n");
        assertThat(folder.resolve("CACHEDIR.TAG"))
                .content()
                .startsWith("Signature: 8a477f597d28d172789f06886806bc55\n");
    }

    @Test
    void put_hostileKeys_leaveOnlyHashedNamesInTheFolder(@TempDir Path parent) throws IOException {
        Path inner = parent.resolve("cache");
        try (FilesystemStorageDriver hostile = FilesystemStorageDriver.open(inner)) {
            for (String key :
                    new String[] {"../../etc/passwd", "/etc/passwd", "..\\x", "C:\\x", "a\0b", "con", "a\nb\tc"}) {
                Values.put(hostile, key, "value of " + key);
                assertThat(Values.text(hostile, key)).contains("value of " + key);
            }
        }

        assertThat(Values.snapshot(parent).keySet())
                .allMatch(path -> path.matches("(cache(/(CACHEDIR.TAG|_all-docs-format|_all-docs-lock|tmp"
                        + "|content-v2(/sha256(/[0-9a-f]{2}(/[0-9a-f]{2}(/[0-9a-f]{60})?)?)?)?"
                        + "|index-v5(/[0-9a-f]{2}(/[0-9a-f]{2}(/[0-9a-f]{60})?)?)?))?)?"));
    }

    @Test
    void append_tornRecordBefore_harmsOnlyItself() throws IOException {
        Values.put(driver, KEY, "first");
        Files.writeString(
                Values.bucketFile(folder, KEY), "\n0123456789abcdef\t{\"key\":\"" + KEY, StandardOpenOption.APPEND);
        assertThat(Values.text(driver, KEY)).contains("first");

        Values.put(driver, KEY, "second");

        assertThat(Values.text(driver, KEY)).contains("second");
    }
}
