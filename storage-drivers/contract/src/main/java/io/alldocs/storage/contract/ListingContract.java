package io.alldocs.storage.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.alldocs.cache.body.Body;
import io.alldocs.cache.spi.KeyOrder;
import io.alldocs.cache.spi.StoredEntry;
import java.io.IOException;
import java.io.InputStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The part of {@link StorageDriverContract} about listings and batches. */
abstract class ListingContract extends LimitContract {
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
}
