package io.alldocs.storage.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;

import io.alldocs.cache.body.Body;
import io.alldocs.cache.entry.EntryMetadata;
import io.alldocs.cache.spi.KeyOrder;
import io.alldocs.cache.spi.StorageCapabilities;
import io.alldocs.cache.spi.StorageDriver;
import io.alldocs.cache.spi.StorageException;
import io.alldocs.cache.spi.StoredEntry;
import io.alldocs.cache.spi.UnsupportedStorageOperationException;
import io.alldocs.cache.spi.ValueTooLargeException;
import io.alldocs.cache.spi.VerifyOptions;
import io.alldocs.cache.spi.VerifyReport;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The requirements that every {@link StorageDriver} must meet. Extend this class in the driver's tests and implement
 * the three abstract methods. Test against the most realistic store that runs without an account or special setup.
 *
 * <p>The suite reads the driver's {@link StorageCapabilities} and checks them. Supported operations must work, and
 * unsupported operations must throw {@link UnsupportedStorageOperationException}. Each test verifies that the store is
 * empty before and after it.
 *
 * <p>If {@link StorageCapabilities#readAfterWrite()} is false, the suite waits up to {@link #patience()} for a write to
 * become visible.
 */
public abstract class StorageDriverContract {
    private static final int THREADS = 16;

    private StorageDriver driver;
    private StorageCapabilities can;

    /** For subclasses; JUnit makes one instance per test. */
    @SuppressWarnings("NullAway.Init") // begin() initializes both fields
    protected StorageDriverContract() {}

    /**
     * Creates a driver on the store under test. All drivers created during one test see the same store. The suite
     * closes them.
     */
    protected abstract StorageDriver newDriver() throws Exception;

    /** Empties the store under test without using a driver. */
    protected abstract void clear() throws Exception;

    /**
     * Changes at least one byte of the body stored under {@code key}, without using a driver and without changing the
     * length of the body.
     */
    protected abstract void corrupt(String key) throws Exception;

    /** Returns how long an eventually consistent store may take to show a write. Default: 30 seconds. */
    protected Duration patience() {
        return Duration.ofSeconds(30);
    }

    /** Returns the number of keys in the listing test, which must exceed one page of the store. Default: 1,200. */
    protected int listedKeys() {
        return 1200;
    }

    /** Returns the number of writes of each thread in the concurrency tests. Default: 30. */
    protected int rounds() {
        return 30;
    }

    /**
     * Returns how much heap the calling thread may allocate to store and read a large value. Default: 16 MiB, for a
     * value of up to 64 MiB.
     */
    protected long largeValueHeapBytes() {
        return 16L << 20;
    }

    /** Returns the driver of this test. */
    protected final StorageDriver driver() {
        return driver;
    }

    @BeforeEach
    final void begin() throws Exception {
        clear();
        driver = newDriver();
        can = driver.capabilities();
        assertThat(can.writable()).as("the store under test must be writable").isTrue();
        awaitEmpty("before the test");
    }

    @AfterEach
    final void end() throws Exception {
        driver.close();
        clear();
        try (StorageDriver fresh = newDriver()) {
            driver = fresh;
            awaitEmpty("after the test");
        }
    }

    private void awaitEmpty(String when) {
        eventually(() -> assertThat(list(driver, "", null))
                .as("the store must be empty %s", when)
                .isEmpty());
    }

    // ---- identity

    @Test
    void name_always_isShortAndPlain() {
        assertThat(driver.name()).matches("[a-z][a-z0-9-]{0,30}");
    }

    @Test
    void capabilities_always_areUsable() {
        assertThat(can.maxKeyBytes())
                .as("keys of real names in hex have up to 512 bytes")
                .isGreaterThanOrEqualTo(StorageCapabilities.MIN_KEY_BYTES);
        assertThat(can.maxValueBytes()).isGreaterThanOrEqualTo(StorageCapabilities.MIN_VALUE_BYTES);
        assertThat(can.maxBatch()).isPositive();
        assertThat(driver.capabilities()).isEqualTo(can);
    }

    // ---- one value

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

    // ---- limits

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
    void put_keyThatIsNone_isRefused() {
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

    // ---- listing

    @Test
    void list_prefixNeighbours_areKeptApart() {
        putSmall(
                "v1:packument:npm:61",
                "v1:packument:npm:6162",
                "v1:packument:npm:62",
                "v1:packument:npn:61",
                "v1:partition:npm::");
        assertListed(
                list(driver, "v1:packument:npm:", null),
                List.of("v1:packument:npm:61", "v1:packument:npm:6162", "v1:packument:npm:62"));
        assertListed(
                list(driver, "v1:packument:npm:61", null), List.of("v1:packument:npm:61", "v1:packument:npm:6162"));
        driver.delete("v1:packument:npm:61");
        assertAbsent("v1:packument:npm:61");
        assertThat(driver.has("v1:packument:npm:6162")).isTrue();
        assertListed(list(driver, "v1:packument:npm:61", null), List.of("v1:packument:npm:6162"));
        assertThat(list(driver, "v1:packument:npm:619", null)).isEmpty();
        assertThat(list(driver, "zzz", null)).isEmpty();
    }

    @Test
    void list_prefixWithPatternCharacters_isTakenLiterally() {
        putSmall("a%b", "axb", "a_b", "a*b", "a.b", "A%b");
        assertListed(list(driver, "a%", null), List.of("a%b"));
        assertListed(list(driver, "a_", null), List.of("a_b"));
        assertListed(list(driver, "a*", null), List.of("a*b"));
        assertListed(list(driver, "a.", null), List.of("a.b"));
    }

    @Test
    void list_moreThanAPage_givesEveryKeyOnceAndInOrderIfOffered() {
        List<String> keys = IntStream.range(0, listedKeys())
                .mapToObj(i -> "p:" + Integer.toHexString(i * 7919))
                .toList();
        putBatch(keys);
        putSmall("o:before", "q:after", "p");
        eventually(() -> assertListed(list(driver, "p:", null), keys));
        try (Stream<String> listed = driver.list("", null)) {
            assertThat(listed.limit(5)).hasSize(5);
        }
    }

    @Test
    void list_startAfter_leavesOutWhatIsNotAfterIt() {
        List<String> keys = List.of("p:a", "p:b", "p:b\u0000", "p:c", "p:é", "p:\uFFFD", "p:\uD83E\uDD84");
        putSmall(keys.toArray(String[]::new));
        putSmall("o", "q");
        for (String after :
                List.of("p:a", "p:aa", "p:b", "p:c", "p:é", "p:\uFFFD", "p:\uD83E\uDD84", "a", "p:", "q", "z")) {
            List<String> expected = keys.stream()
                    .filter(key -> KeyOrder.UTF8.compare(key, after) > 0)
                    .toList();
            assertListed(list(driver, "p:", after), expected);
        }
    }

    @Test
    void list_whileOthersWrite_givesEveryLastingKeyOnce() throws Exception {
        List<String> lasting = IntStream.range(0, 300).mapToObj(i -> "l:" + i).toList();
        putBatch(lasting);
        eventually(() -> assertListed(list(driver, "l:", null), lasting));
        AtomicBoolean done = new AtomicBoolean();
        CountDownLatch writing = new CountDownLatch(1);
        ExecutorService executor = Executors.newSingleThreadExecutor();
        try {
            Future<?> writer = executor.submit(() -> {
                for (int i = 0; !done.get() || i < 20; i++) {
                    putSmall("l:passing-" + i % 40);
                    driver.delete("l:passing-" + (i + 20) % 40);
                    putSmall("l:" + i % 300);
                    writing.countDown();
                }
            });
            assertThat(writing.await(60, TimeUnit.SECONDS)).isTrue();
            for (int i = 0; i < 5; i++) {
                List<String> seen = list(driver, "l:", null);
                assertThat(seen).doesNotHaveDuplicates();
                assertThat(seen).containsAll(lasting);
            }
            done.set(true);
            writer.get(60, TimeUnit.SECONDS);
        } finally {
            done.set(true);
            stop(executor);
        }
    }

    // ---- batches

    @Test
    void getBatch_withMissingKeys_givesWhatIsThere() throws IOException {
        GeneratedBody one = new GeneratedBody(1, 100);
        GeneratedBody three = new GeneratedBody(3, 300);
        Map<String, StoredEntry> entries = new LinkedHashMap<>();
        entries.put("b:1", new StoredEntry(one.head(), one));
        entries.put("b:3", new StoredEntry(three.head(), three));
        driver.putBatch(entries);
        eventually(() -> assertThat(driver.has("b:1") && driver.has("b:3")).isTrue());
        Map<String, StoredEntry> found = driver.getBatch(List.of("b:1", "b:2", "b:3", "absent"));
        assertThat(found).containsOnlyKeys("b:1", "b:3");
        for (Map.Entry<String, StoredEntry> entry : found.entrySet()) {
            assertThat(entry.getValue().head())
                    .isEqualTo(
                            Objects.requireNonNull(entries.get(entry.getKey())).head());
            try (Body body = entry.getValue().body();
                    InputStream in = body.openStream()) {
                assertThat(GeneratedBody.digest(in))
                        .isEqualTo(entry.getValue().head().integrity());
            }
        }
        driver.deleteBatch(List.of("b:1", "b:2", "b:3"));
        assertAbsent("b:1");
        assertAbsent("b:3");
    }

    @Test
    void batches_ofNothing_doNothing() {
        assertThat(driver.getBatch(List.of())).isEmpty();
        driver.putBatch(Map.of());
        driver.deleteBatch(List.of());
    }

    @Test
    void batches_largerThanOneRequest_areComplete() {
        List<String> keys = IntStream.range(0, 250).mapToObj(i -> "b:" + i).toList();
        putBatch(keys);
        eventually(() -> {
            Map<String, StoredEntry> found = driver.getBatch(keys);
            found.values().forEach(entry -> entry.body().close());
            assertThat(found.keySet()).containsExactlyInAnyOrderElementsOf(keys);
        });
        driver.deleteBatch(keys);
        eventually(() -> assertThat(list(driver, "b:", null)).isEmpty());
    }

    // ---- conditional put

    @Test
    void putIfAbsent_asOffered_storesOnceOrIsRefused() {
        GeneratedBody first = new GeneratedBody(1, 100);
        GeneratedBody second = new GeneratedBody(2, 100);
        EntryMetadata head = first.head();
        if (!can.conditionalPut()) {
            assertThatThrownBy(() -> driver.putIfAbsent("k", head, first))
                    .isInstanceOf(UnsupportedStorageOperationException.class);
            assertAbsent("k");
            return;
        }
        assertThat(driver.putIfAbsent("k", head, first)).isTrue();
        assertThat(driver.putIfAbsent("k", second.head(), second)).isFalse();
        assertStored(driver, "k", head, first);
        driver.delete("k");
        assertAbsent("k");
        EntryMetadata again = second.head();
        assertThat(driver.putIfAbsent("k", again, second)).isTrue();
        assertStored(driver, "k", again, second);
    }

    @Test
    void putIfAbsent_sixteenThreads_hasOneWinner() throws Exception {
        if (!can.conditionalPut()) {
            GeneratedBody body = new GeneratedBody(1, 1);
            assertThatThrownBy(() -> driver.putIfAbsent("k", body.head(), body))
                    .isInstanceOf(UnsupportedStorageOperationException.class);
            return;
        }
        for (int round = 0; round < Math.min(rounds(), 20); round++) {
            String key = "race:" + round;
            AtomicInteger winners = new AtomicInteger();
            AtomicInteger winner = new AtomicInteger(-1);
            CountDownLatch start = new CountDownLatch(1);
            try (StorageDriver other = newDriver()) {
                inParallel(
                        thread -> {
                            GeneratedBody body = new GeneratedBody(thread, 100 + thread);
                            EntryMetadata head = body.head();
                            awaitLatch(start);
                            StorageDriver mine = thread % 2 == 0 ? driver : other;
                            if (mine.putIfAbsent(key, head, body)) {
                                winners.incrementAndGet();
                                winner.set(thread);
                            }
                        },
                        start);
            }
            assertThat(winners).hasValue(1);
            assertThat(digest(driver, key)).isEqualTo(new GeneratedBody(winner.get(), 100 + winner.get()).integrity());
        }
    }

    // ---- concurrency

    @Test
    void put_sixteenThreadsOnOneKey_neverMixesHeadAndBody() throws Exception {
        GeneratedBody initial = new GeneratedBody(0, 1_000);
        driver.put("k", initial.head(), initial);
        eventually(() -> assertThat(driver.has("k")).isTrue());
        CountDownLatch start = new CountDownLatch(1);
        inParallel(
                thread -> {
                    awaitLatch(start);
                    for (int i = 0; i < rounds(); i++) {
                        if (thread % 2 == 0) {
                            GeneratedBody body = new GeneratedBody(thread * 1_000L + i, 500 + 997L * thread);
                            driver.put("k", body.head(), body);
                        } else {
                            EntryMetadata read = assertWhole("k");
                            if (thread % 4 == 1) {
                                driver.putHead(
                                        "k", read.toBuilder().outcome("changed").build());
                            }
                        }
                    }
                },
                start);
        assertWhole("k");
        assertThat(list(driver, "", null)).containsExactly("k");
    }

    private EntryMetadata assertWhole(String key) {
        StoredEntry entry =
                driver.get(key).orElseThrow(() -> new AssertionError(key + " was absent while it was overwritten"));
        try (Body body = entry.body();
                InputStream in = body.openStream()) {
            assertThat(GeneratedBody.digest(in))
                    .as("digest of %s beside its head", key)
                    .isEqualTo(entry.head().integrity());
            assertThat(body.sizeBytes()).isEqualTo(entry.head().sizeBytes());
            return entry.head();
        } catch (IOException e) {
            throw new UncheckedIOException("reading a value that was overwritten meanwhile", e);
        }
    }

    @Test
    void put_sixteenThreadsOnTheirOwnKeys_losesNothing() throws Exception {
        CountDownLatch start = new CountDownLatch(1);
        inParallel(
                thread -> {
                    awaitLatch(start);
                    for (int i = 0; i < rounds(); i++) {
                        GeneratedBody body = new GeneratedBody(thread * 1_000L + i, 200);
                        driver.put("t:" + thread + ":" + i, body.head(), body);
                    }
                },
                start);
        List<String> keys = new ArrayList<>();
        for (int thread = 0; thread < THREADS; thread++) {
            for (int i = 0; i < rounds(); i++) {
                keys.add("t:" + thread + ":" + i);
            }
        }
        eventually(() -> assertListed(list(driver, "t:", null), keys));
        for (int thread = 0; thread < THREADS; thread++) {
            String key = "t:" + thread + ":" + (rounds() - 1);
            assertThat(digest(driver, key))
                    .isEqualTo(new GeneratedBody(thread * 1_000L + rounds() - 1, 200).integrity());
        }
    }

    @Test
    void twoDrivers_onOneStore_seeEachOthersWrites() throws Exception {
        try (StorageDriver other = newDriver()) {
            for (int i = 0; i < 20; i++) {
                StorageDriver writer = i % 2 == 0 ? driver : other;
                StorageDriver reader = i % 2 == 0 ? other : driver;
                GeneratedBody body = new GeneratedBody(i, 1_000 + i);
                EntryMetadata head = body.head();
                writer.put("shared", head, body);
                assertStored(reader, "shared", head, body);
                EntryMetadata changed = head.toBuilder().outcome("changed-" + i).build();
                assertThat(reader.putHead("shared", changed)).isTrue();
                assertStored(writer, "shared", changed, body);
            }
            other.delete("shared");
            assertAbsent("shared");
            assertThat(list(driver, "", null)).isEmpty();
        }
        putSmall("after");
        eventually(() -> assertThat(driver.has("after"))
                .as("closing one driver leaves the other open")
                .isTrue());
    }

    @Test
    void newDriver_afterClose_findsWhatWasStored() throws Exception {
        GeneratedBody body = new GeneratedBody(11, 5_000);
        EntryMetadata head = body.head();
        try (StorageDriver first = newDriver()) {
            first.put("k", head, body);
        }
        try (StorageDriver second = newDriver()) {
            assertStored(second, "k", head, body);
        }
    }

    // ---- verify

    @Test
    void verify_wholeStore_isClean() {
        putBatch(IntStream.range(0, 50).mapToObj(i -> "v:" + i).toList());
        eventually(() -> {
            VerifyReport report = driver.verify(VerifyOptions.dryRun());
            assertThat(report.clean()).as("%s", report).isTrue();
            assertThat(report.totalEntries()).isEqualTo(50);
            assertThat(report.verifiedContent()).isEqualTo(50);
            assertThat(report.problems()).isEmpty();
        });
    }

    @Test
    void verify_damagedBody_isFoundReportedAndRepaired() throws Exception {
        putBatch(IntStream.range(0, 10).mapToObj(i -> "v:" + i).toList());
        GeneratedBody body = new GeneratedBody(4, 5_000);
        driver.put("v:damaged", body.head(), body);
        eventually(() -> assertThat(list(driver, "v:", null)).hasSize(11));
        corrupt("v:damaged");
        VerifyOptions all = new VerifyOptions(false, Duration.ZERO, 2);
        VerifyReport found = driver.verify(all);
        assertThat(found.clean()).isFalse();
        assertThat(found.badContentCount()).isEqualTo(1);
        assertThat(found.verifiedContent()).isEqualTo(10);
        assertThat(found.problems()).hasSize(1);
        assertThat(driver.has("v:damaged")).as("a dry run changes nothing").isTrue();

        driver.verify(new VerifyOptions(true, Duration.ofHours(1), 2));
        assertThat(driver.has("v:damaged")).as("recent content is not changed").isTrue();

        VerifyReport repaired = driver.verify(new VerifyOptions(true, Duration.ZERO, 2));
        assertThat(repaired.badContentCount()).isEqualTo(1);
        assertAbsent("v:damaged");
        eventually(() -> {
            VerifyReport after = driver.verify(all);
            assertThat(after.clean()).as("%s", after).isTrue();
            assertThat(after.totalEntries()).isEqualTo(10);
        });
    }

    @Test
    void verify_emptyStore_isClean() {
        VerifyReport report = driver.verify(VerifyOptions.repairing());
        assertThat(report.clean()).isTrue();
        assertThat(report.totalEntries()).isZero();
    }

    // ---- close

    @Test
    void everyMethod_afterClose_isRefused() throws Exception {
        StorageDriver closed = newDriver();
        closed.close();
        closed.close();
        GeneratedBody body = new GeneratedBody(1, 10);
        EntryMetadata head = body.head();
        List<Runnable> calls = List.of(
                () -> closed.get("k"),
                () -> closed.head("k"),
                () -> closed.has("k"),
                () -> closed.put("k", head, body),
                () -> closed.putHead("k", head),
                () -> closed.delete("k"),
                () -> list(closed, "", null),
                () -> closed.getBatch(List.of("k")),
                () -> closed.putBatch(Map.of("k", new StoredEntry(head, body))),
                () -> closed.deleteBatch(List.of("k")),
                () -> closed.verify(VerifyOptions.dryRun()));
        for (int i = 0; i < calls.size(); i++) {
            assertThatThrownBy(calls.get(i)::run).as("call %d", i).isInstanceOf(IllegalStateException.class);
        }
        if (can.conditionalPut()) {
            assertThatThrownBy(() -> closed.putIfAbsent("k", head, body)).isInstanceOf(IllegalStateException.class);
        }
        assertThat(closed.name()).isEqualTo(driver.name());
        assertAbsent("k");
    }

    // ---- helpers

    private void putSmall(String... keys) {
        for (String key : keys) {
            GeneratedBody body = new GeneratedBody(key.hashCode(), 20);
            driver.put(key, body.head(), body);
        }
        eventually(() -> assertThat(Arrays.stream(keys).allMatch(driver::has)).isTrue());
    }

    private void putBatch(List<String> keys) {
        Map<String, StoredEntry> entries = new LinkedHashMap<>();
        for (String key : keys) {
            GeneratedBody body = new GeneratedBody(key.hashCode(), 20);
            entries.put(key, new StoredEntry(body.head(), body));
        }
        driver.putBatch(entries);
    }

    private void assertStored(StorageDriver reader, String key, EntryMetadata head, GeneratedBody body) {
        eventually(() -> {
            assertThat(reader.has(key)).as("has %s", shorten(key)).isTrue();
            assertThat(reader.head(key)).as("head of %s", shorten(key)).contains(head);
            StoredEntry entry = reader.get(key).orElseThrow(() -> new AssertionError("absent: " + shorten(key)));
            assertThat(entry.head()).isEqualTo(head);
            try (Body stored = entry.body();
                    InputStream in = stored.openStream()) {
                assertThat(stored.sizeBytes()).isEqualTo(body.sizeBytes());
                assertThat(GeneratedBody.digest(in)).isEqualTo(body.integrity());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    private void assertAbsent(String key) {
        eventually(() -> {
            assertThat(driver.get(key)).as("get %s", shorten(key)).isEmpty();
            assertThat(driver.head(key)).isEmpty();
            assertThat(driver.has(key)).isFalse();
        });
    }

    private void assertListed(List<String> listed, List<String> expected) {
        if (can.orderedListing()) {
            Set<String> ordered = new TreeSet<>(KeyOrder.UTF8);
            ordered.addAll(expected);
            assertThat(listed).containsExactlyElementsOf(ordered);
        } else {
            assertThat(listed).doesNotHaveDuplicates().containsExactlyInAnyOrderElementsOf(new HashSet<>(expected));
        }
    }

    private static List<String> list(StorageDriver driver, String prefix, @Nullable String startAfter) {
        List<String> keys = new ArrayList<>();
        try (Stream<String> stream = driver.list(prefix, startAfter)) {
            for (Iterator<String> each = stream.iterator(); each.hasNext(); ) {
                keys.add(each.next());
            }
        }
        return keys;
    }

    private static byte[] bytes(StorageDriver driver, String key) {
        Optional<StoredEntry> entry = driver.get(key);
        try (Body body = entry.orElseThrow().body()) {
            return body.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String digest(StorageDriver driver, String key) {
        try (Body body = driver.get(key).orElseThrow().body();
                InputStream in = body.openStream()) {
            return GeneratedBody.digest(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Runs the assertion at once if the store is consistent after a write; otherwise retries it within
     * {@link #patience()}.
     */
    private void eventually(Runnable assertion) {
        long deadline =
                System.nanoTime() + (can.readAfterWrite() ? 0 : patience().toNanos());
        while (true) {
            try {
                assertion.run();
                return;
            } catch (AssertionError | RuntimeException e) {
                if (System.nanoTime() >= deadline) {
                    throw e;
                }
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
            }
        }
    }

    private static void inParallel(Consumer<Integer> task, CountDownLatch start) throws Exception {
        ExecutorService executor = Executors.newFixedThreadPool(THREADS);
        try {
            List<Future<?>> all = new ArrayList<>();
            for (int thread = 0; thread < THREADS; thread++) {
                int number = thread;
                all.add(executor.submit(() -> task.accept(number)));
            }
            start.countDown();
            for (Future<?> each : all) {
                each.get(120, TimeUnit.SECONDS);
            }
        } catch (ExecutionException e) {
            throw new AssertionError("a thread failed: " + e.getCause(), e.getCause());
        } finally {
            stop(executor);
        }
    }

    private static void stop(ExecutorService executor) throws InterruptedException {
        executor.shutdownNow();
        if (!executor.awaitTermination(60, TimeUnit.SECONDS)) {
            fail("threads of the test did not end");
        }
    }

    private static void awaitLatch(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    private static String shorten(String key) {
        return key.length() <= 100 ? key : key.substring(0, 100) + "…";
    }
}
