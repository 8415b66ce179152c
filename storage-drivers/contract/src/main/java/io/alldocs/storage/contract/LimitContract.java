package io.alldocs.storage.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.alldocs.cache.body.Body;
import io.alldocs.cache.entry.EntryMetadata;
import io.alldocs.cache.spi.StorageCapabilities;
import io.alldocs.cache.spi.ValueTooLargeException;
import java.io.InputStream;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The part of {@link StorageDriverContract} about keys, and the limits of keys and values. */
abstract class LimitContract extends ValueContract {
    @Test
    void put_keyOfLimitLength_works() {
        for (String key : List.of(
                "x".repeat(can.maxKeyBytes()),
                "é".repeat(can.maxKeyBytes() / 2),
                "\uD83E\uDD84".repeat(can.maxKeyBytes() / 4))) {
            GeneratedBody body = new GeneratedBody(8, 100);
            EntryMetadata head = body.head();
            driver.put(key, head, body);
            assertStored(driver, key, head, body);
            assertThat(list(driver, key.substring(0, 20), null)).containsExactly(key);
            driver.delete(key);
            assertAbsent(key);
        }
    }

    @Test
    void put_invalidKey_isRefused() {
        List<String> keys = List.of(
                "",
                "x".repeat(can.maxKeyBytes() + 1),
                "é".repeat(can.maxKeyBytes() / 2) + "xx",
                "x".repeat(1_000_000),
                "\uD83E",
                "a\uDD84b");
        GeneratedBody body = new GeneratedBody(1, 10);
        for (String key : keys) {
            assertThatThrownBy(() -> driver.put(key, body.head(), body))
                    .isInstanceOf(IllegalArgumentException.class)
                    .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(1000));
            assertThatThrownBy(() -> driver.get(key)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> driver.head(key)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> driver.has(key)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> driver.delete(key)).isInstanceOf(IllegalArgumentException.class);
        }
        assertThat(list(driver, "", null)).isEmpty();
    }

    @Test
    void put_valueOfLimitSize_worksAndOneByteMoreIsRefused() {
        EntryMetadata sample = new GeneratedBody(9, 1).head();
        if (can.maxValueBytes() <= 64L << 20) {
            long headBytes = StorageCapabilities.valueBytes(headFor(sample, can.maxValueBytes()), new Unread(0));
            GeneratedBody body = new GeneratedBody(9, can.maxValueBytes() - headBytes);
            EntryMetadata head = headFor(body.head(), body.sizeBytes());
            driver.put("limit", head, body);
            assertStored(driver, "limit", head, body);
        }
        if (can.maxValueBytes() < Long.MAX_VALUE) {
            Unread tooLarge = new Unread(can.maxValueBytes() + 1);
            EntryMetadata head = EntryMetadata.bare(tooLarge.sizeBytes(), null, Instant.now());
            assertThatThrownBy(() -> driver.put("over", head, tooLarge)).isInstanceOf(ValueTooLargeException.class);
            assertAbsent("over");
            Unread withHead = new Unread(can.maxValueBytes() - 10);
            assertThatThrownBy(() -> driver.put("over", headFor(sample, withHead.sizeBytes()), withHead))
                    .isInstanceOf(ValueTooLargeException.class);
            assertAbsent("over");
        }
    }

    /** Returns a head whose JSON has the same length for all sizes near a limit. */
    private static EntryMetadata headFor(EntryMetadata sample, long size) {
        return sample.toBuilder()
                .body(null, size, new GeneratedBody(9, 1).integrity())
                .build();
    }

    /** A body that must not be opened, because the driver must reject it first. */
    private record Unread(long sizeBytes) implements Body {

        @Override
        public InputStream openStream() {
            throw new AssertionError("a value over the limit must be refused before it is read");
        }
    }

    @Test
    void put_hostileKeys_areKeysLikeAnyOther() {
        List<String> keys = hostileKeys();
        for (int i = 0; i < keys.size(); i++) {
            GeneratedBody body = new GeneratedBody(i, 50 + i);
            driver.put(keys.get(i), body.bareHead(), body);
        }
        for (int i = 0; i < keys.size(); i++) {
            GeneratedBody body = new GeneratedBody(i, 50 + i);
            String key = keys.get(i);
            eventually(() -> assertThat(digest(driver, key)).as(key).isEqualTo(body.integrity()));
        }
        assertListed(list(driver, "", null), keys);
        for (String key : keys) {
            assertThat(list(driver, key, null)).as("prefix %s", key).contains(key);
            driver.delete(key);
            assertAbsent(key);
        }
    }

    private List<String> hostileKeys() {
        List<String> keys = new ArrayList<>(List.of(
                "a",
                "A",
                "aa",
                "aA",
                "Aa",
                "ä",
                "a\u0308",
                "\u00e5",
                "\u212b",
                "ß",
                "SS",
                "ss",
                ".",
                "..",
                "...",
                "/",
                "//",
                "/etc/passwd",
                "../../etc/passwd",
                "a/b",
                "a/../b",
                "a/./b",
                "a/",
                "a//b",
                "C:\\x",
                "\\\\host\\share",
                "con",
                "NUL",
                "aux.txt",
                "com1",
                "a.",
                "a ",
                " a",
                "-rf",
                "--",
                "~",
                "$HOME",
                "%00",
                "%2e%2e",
                "%",
                "+",
                "a+b",
                "a b",
                "?",
                "*",
                "a*b",
                "[a]",
                "{a}",
                "<>|\"'`",
                "&a=b",
                "#",
                "a#b",
                ";",
                "'; drop table entries; --",
                "\\",
                "\\n",
                "_",
                "a_b",
                "a%b",
                "\u0000",
                "a\u0000b",
                "\n",
                "a\nb",
                "\t",
                "\r\n",
                "\u007f",
                "\u0085",
                "\u200b",
                "\u202e",
                "\ufeff",
                "\ufffd",
                "\uffff",
                "\ud7ff",
                "\ue000",
                "\uD83E\uDD84",
                "\uDBFF\uDFFF",
                "__proto__",
                "constructor",
                "null",
                "0",
                "-0",
                "1e3",
                "v1:packument:npm:61",
                "v1:packument:npm:6162",
                "x".repeat(can.maxKeyBytes()),
                "X".repeat(can.maxKeyBytes())));
        for (int length : new int[] {255, 256, 300}) {
            keys.add("k".repeat(length));
        }
        return keys;
    }
}
