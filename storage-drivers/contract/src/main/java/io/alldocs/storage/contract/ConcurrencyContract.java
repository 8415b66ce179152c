package io.alldocs.storage.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.alldocs.cache.body.Body;
import io.alldocs.cache.entry.EntryMetadata;
import io.alldocs.cache.spi.StorageDriver;
import io.alldocs.cache.spi.StoredEntry;
import io.alldocs.cache.spi.UnsupportedStorageOperationException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** The part of {@link StorageDriverContract} about conditional puts, threads, and several drivers on one store. */
abstract class ConcurrencyContract extends ListingContract {
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

    // ---- threads and drivers

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
}
