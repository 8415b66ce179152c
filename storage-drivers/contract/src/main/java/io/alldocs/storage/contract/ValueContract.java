package io.alldocs.storage.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.alldocs.cache.body.Body;
import io.alldocs.cache.entry.EntryMetadata;
import io.alldocs.cache.spi.StorageException;
import io.alldocs.cache.spi.StoredEntry;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The part of {@link StorageDriverContract} about single values and their metadata. */
abstract class ValueContract extends ContractFixture {
    @Test
    void get_absentKey_isEmpty() {
        assertThat(driver.get("v1:packument:npm:61")).isEmpty();
        assertThat(driver.head("v1:packument:npm:61")).isEmpty();
        assertThat(driver.has("v1:packument:npm:61")).isFalse();
        driver.delete("v1:packument:npm:61");
        driver.deleteBatch(List.of("v1:packument:npm:61", "v1:packument:npm:62"));
    }

    @Test
    void put_newKey_givesHeadAndBodyBack() {
        GeneratedBody body = new GeneratedBody(1, 10_000);
        EntryMetadata head = body.head();
        driver.put("k", head, body);
        assertStored(driver, "k", head, body);
    }

    @Test
    void put_gzipHead_keepsTheBytesAsTheyAre() {
        GeneratedBody body = new GeneratedBody(2, 777);
        EntryMetadata head =
                body.head().toBuilder().body("gzip", 777, body.integrity()).build();
        driver.put("k", head, body);
        assertStored(driver, "k", head, body);
    }

    @Test
    void put_bareHead_givesTheBodyBackAndABareHead() throws IOException {
        byte[] json = "{\"rows\":100}".getBytes(StandardCharsets.UTF_8);
        driver.put("k", EntryMetadata.bare(json.length, null, Instant.now()), Body.of(json));
        eventually(() -> {
            try (Body body = driver.get("k").orElseThrow().body()) {
                assertThat(body.toByteArray()).isEqualTo(json);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            EntryMetadata head = driver.head("k").orElseThrow();
            assertThat(head.isBare()).isTrue();
            assertThat(head.sizeBytes()).isEqualTo(json.length);
        });
    }

    @Test
    void put_existingKey_replacesHeadAndBody() {
        GeneratedBody first = new GeneratedBody(1, 5_000);
        GeneratedBody second = new GeneratedBody(2, 50);
        driver.put("k", first.head(), first);
        EntryMetadata head = second.head();
        driver.put("k", head, second);
        assertStored(driver, "k", head, second);
        assertThat(list(driver, "", null)).containsExactly("k");
    }

    @Test
    void put_sameBodyUnderTwoKeys_deletingOneLeavesTheOther() {
        GeneratedBody body = new GeneratedBody(3, 2_000);
        EntryMetadata head = body.head();
        driver.put("one", head, body);
        driver.put("two", head, body);
        driver.delete("one");
        assertAbsent("one");
        assertStored(driver, "two", head, body);
    }

    @Test
    void put_emptyBody_isAValue() {
        GeneratedBody body = new GeneratedBody(1, 0);
        EntryMetadata head = body.head();
        driver.put("k", head, body);
        assertStored(driver, "k", head, body);
    }

    @Test
    void put_everyByte_comesBack() {
        byte[] all = new byte[512];
        for (int i = 0; i < all.length; i++) {
            all[i] = (byte) i;
        }
        // A store that concatenates head and body must not interpret the first bytes of a body as a head.
        for (byte[] bytes :
                List.of(all, new byte[] {0}, new byte[] {0, 'a', 'l', 'l', 'd', 'o', 'c', 1, 0, 0, 0, 0}, new byte[] {
                    0x1f, (byte) 0x8b
                })) {
            driver.put("k", EntryMetadata.bare(bytes.length, null, Instant.now()), Body.of(bytes.clone()));
            eventually(() -> assertThat(bytes(driver, "k")).isEqualTo(bytes));
        }
    }

    @Test
    void put_headOfAnotherSize_isRefusedAndStoresNothing() {
        GeneratedBody body = new GeneratedBody(1, 3_000);
        EntryMetadata wrong = new GeneratedBody(1, 2_999).head();
        List<Runnable> writes = new ArrayList<>(List.of(
                () -> driver.put("k", wrong, body), () -> driver.putBatch(Map.of("k", new StoredEntry(wrong, body)))));
        if (can.conditionalPut()) {
            writes.add(() -> driver.putIfAbsent("k", wrong, body));
        }
        for (Runnable write : writes) {
            assertThatThrownBy(write::run)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("2999")
                    .hasMessageContaining("3000");
        }
        assertAbsent("k");
    }

    @Test
    void put_bodyThatBreaksOff_failsAndKeepsTheOldValue() {
        GeneratedBody old = new GeneratedBody(1, 3_000);
        EntryMetadata head = old.head();
        driver.put("k", head, old);
        for (long position : new long[] {0, 1, 100_000}) {
            GeneratedBody broken = new GeneratedBody(2, 200_000).breakingAt(position);
            EntryMetadata brokenHead = new GeneratedBody(2, 200_000).head();
            assertThatThrownBy(() -> driver.put("k", brokenHead, broken))
                    .isInstanceOf(StorageException.class)
                    .hasMessageContaining("k");
            assertThatThrownBy(() -> driver.put("new", brokenHead, broken)).isInstanceOf(StorageException.class);
        }
        assertStored(driver, "k", head, old);
        assertAbsent("new");
        assertThat(list(driver, "", null)).containsExactly("k");
    }

    @Test
    void get_twice_givesBodiesThatAreReadIndependently() throws IOException {
        GeneratedBody body = new GeneratedBody(4, 100_000);
        driver.put("k", body.head(), body);
        eventually(() -> assertThat(driver.has("k")).isTrue());
        try (Body one = driver.get("k").orElseThrow().body();
                Body two = driver.get("k").orElseThrow().body();
                InputStream first = one.openStream();
                InputStream again = one.openStream();
                InputStream second = two.openStream()) {
            assertThat(first.readNBytes(50_000)).isEqualTo(second.readNBytes(50_000));
            assertThat(GeneratedBody.digest(again)).isEqualTo(body.integrity());
            assertThat(first.readAllBytes()).isEqualTo(second.readAllBytes()).hasSize(50_000);
        }
    }

    @Test
    void put_largeValue_isStreamed() throws IOException {
        long size = Math.min(64L << 20, can.maxValueBytes() - 64 * 1024);
        GeneratedBody body = new GeneratedBody(5, size);
        EntryMetadata head = body.head();
        driver.put("warm-up", head.toBuilder().body(null, 10, null).build(), new GeneratedBody(5, 10));
        long before = allocatedBytes();
        driver.put("k", head, body);
        eventually(() -> assertThat(driver.has("k")).isTrue());
        String digest;
        try (Body stored = driver.get("k").orElseThrow().body();
                InputStream in = stored.openStream()) {
            digest = GeneratedBody.digest(in);
        }
        long allocated = allocatedBytes() - before;
        assertThat(digest).isEqualTo(head.integrity());
        assertThat(allocated)
                .as("bytes allocated for a value of %d bytes", size)
                .isLessThan(largeValueHeapBytes());
    }

    private static long allocatedBytes() {
        return ((com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean())
                .getThreadAllocatedBytes(Thread.currentThread().getId());
    }

    // ---- heads

    @Test
    void putHead_existingKey_replacesTheHeadAlone() {
        GeneratedBody body = new GeneratedBody(6, 20_000);
        driver.put("k", body.head(), body);
        eventually(() -> assertThat(driver.has("k")).isTrue());
        EntryMetadata changed = body.head().toBuilder()
                .status(404)
                .outcome("not_found")
                .validatedAt(Instant.now().plusSeconds(60))
                .build();
        assertThat(driver.putHead("k", changed)).isTrue();
        assertStored(driver, "k", changed, body);
    }

    @Test
    void putHead_headOfAnotherBody_isFalseAndLeavesTheEntry() {
        List<EntryMetadata> others = Stream.of(
                        new GeneratedBody(7, 20_000), new GeneratedBody(8, 20_001), new GeneratedBody(9, 1))
                .map(GeneratedBody::head)
                .toList();
        GeneratedBody body = new GeneratedBody(6, 20_000);
        EntryMetadata head = body.head();
        driver.put("k", head, body);
        assertStored(driver, "k", head, body);
        for (EntryMetadata other : others) {
            assertThat(driver.putHead("k", other)).isFalse();
            assertStored(driver, "k", head, body);
        }
    }

    @Test
    void putHead_absentKey_isFalseAndStoresNothing() {
        assertThat(driver.putHead("k", new GeneratedBody(1, 10).head())).isFalse();
        assertAbsent("k");
        assertThat(list(driver, "", null)).isEmpty();
    }

    @Test
    void head_withManyHeaders_comesBackWhole() {
        GeneratedBody body = new GeneratedBody(7, 10);
        EntryMetadata head = body.head().toBuilder()
                .headers(Map.of(
                        "link",
                        List.of("<a>; rel=\"next\"".repeat(300)),
                        "npm-notice",
                        List.of("é\"\\\u0007 \uD83E\uDD84")))
                .build();
        driver.put("k", head, body);
        assertStored(driver, "k", head, body);
    }
}
