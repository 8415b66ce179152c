package io.alldocs.cache.spi;

import static io.alldocs.cache.Samples.EXPRESS;
import static io.alldocs.cache.Samples.head;
import static io.alldocs.cache.Samples.value;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.alldocs.cache.Cache;
import io.alldocs.cache.CacheEntry;
import io.alldocs.cache.CacheMode;
import io.alldocs.cache.CountingDriver;
import io.alldocs.cache.JsonTree;
import io.alldocs.cache.Loaded;
import io.alldocs.cache.Loader;
import io.alldocs.cache.Samples;
import io.alldocs.cache.body.Body;
import io.alldocs.cache.body.BodyReceiver;
import io.alldocs.cache.body.ByteBudget;
import io.alldocs.cache.entry.EntryFormat;
import io.alldocs.cache.entry.EntryMetadata;
import io.alldocs.cache.entry.EntrySource;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Tests a store with a maximum value size, as edge stores have. */
class ValueTooLargeTest {
    private static final int BUDGET = 1 << 20;

    private final byte[] packument = Samples.packument("express");
    private final ByteBudget budget = ByteBudget.of(BUDGET);
    private long limit = Long.MAX_VALUE;
    private final CountingDriver driver = new CountingDriver() {
        @Override
        public StorageCapabilities capabilities() {
            return new StorageCapabilities(true, 8192, limit, true, true, true, 1);
        }

        @Override
        public synchronized void put(String key, EntryMetadata head, Body body) {
            capabilities().requireEntry(key, head, body);
            super.put(key, head, body);
        }
    };

    @TempDir
    Path folder;

    @AfterEach
    void close() {
        driver.close();
    }

    private Cache cache(EntryFormat format) {
        return Cache.builder()
                .driver(driver)
                .format(format)
                .receiver(new BodyReceiver(budget, folder, 64 << 20))
                .build();
    }

    private static Loader loader(Cache cache, byte[] gzip, Optional<Loaded.HeadOnly> ifTooLarge) {
        return stored -> {
            Loaded.Value value = value(cache.receiver(), gzip);
            return new Loaded.Value(value.head(), value.body(), ifTooLarge, Optional.empty());
        };
    }

    private static Optional<Loaded.HeadOnly> recorded() {
        return Optional.of(
                new Loaded.HeadOnly(head(200).outcome("too_large").rev("2-b").build()));
    }

    @ParameterizedTest
    @EnumSource(EntryFormat.class)
    void fetch_tooLargeAndNothingToRecord_isATypedErrorThatNamesSizeAndLimit(EntryFormat format) {
        limit = 10_000;
        try (Cache cache = cache(format)) {
            assertThatThrownBy(
                            () -> cache.fetch(EXPRESS, CacheMode.DEFAULT, loader(cache, packument, Optional.empty())))
                    .isInstanceOf(ValueTooLargeException.class)
                    .hasMessageContaining(EXPRESS.toString())
                    .hasMessageContaining("but the store accepts at most 10000 bytes");
            assertThat(cache.head(EXPRESS)).isEmpty();
            assertThatThrownBy(() -> cache.set("v", "x".repeat(10_001))).isInstanceOf(ValueTooLargeException.class);
        }
        assertThat(budget.availableBytes()).isEqualTo(BUDGET);
    }

    @ParameterizedTest
    @EnumSource(EntryFormat.class)
    void fetch_tooLarge_recordsTheHeadInstead(EntryFormat format) {
        limit = 10_000;
        try (Cache cache = cache(format)) {
            CacheEntry entry = cache.fetch(EXPRESS, CacheMode.DEFAULT, loader(cache, packument, recorded()));
            assertThat(entry.source()).isEqualTo(EntrySource.FETCHED);
            EntryMetadata stored = cache.head(EXPRESS).orElseThrow();
            assertThat(stored.outcome()).isEqualTo("too_large");
            assertThat(stored.rev()).isEqualTo("2-b");
            assertThat(stored.sizeBytes()).isZero();
            assertThat(entry.head().outcome()).isEqualTo("too_large");
        }
        assertThat(budget.availableBytes()).isEqualTo(BUDGET);
    }

    @ParameterizedTest
    @EnumSource(
            value = CacheMode.class,
            names = {"NO_CACHE", "RELOAD"})
    void fetch_tooLargeNow_keepsTheGoodBody(CacheMode mode) throws IOException {
        byte[] small = Samples.gzip(Samples.utf8("{\"v\":1}"));
        try (Cache cache = cache(EntryFormat.NATIVE)) {
            cache.fetch(EXPRESS, CacheMode.DEFAULT, loader(cache, small, recorded()));
            limit = 10_000;
            cache.fetch(EXPRESS, mode, loader(cache, packument, recorded()));
            CacheEntry entry = cache.entry(EXPRESS).orElseThrow();
            assertThat(entry.head().outcome()).isEqualTo("too_large");
            assertThat(entry.rawBody().toByteArray()).isEqualTo(small);
        }
    }

    @Test
    void fetch_onlyItsJsonFormIsTooLarge_isStoredAsReceived() throws IOException {
        limit = packument.length + 1_000L;
        assertThat(Samples.gunzip(packument).length).as("as JSON").isGreaterThan((int) limit);
        try (Cache cache = cache(EntryFormat.JSON)) {
            cache.fetch(EXPRESS, CacheMode.DEFAULT, loader(cache, packument, recorded()));
            CacheEntry entry = cache.entry(EXPRESS).orElseThrow();
            assertThat(entry.head().outcome()).isNull();
            assertThat(entry.encoding()).contains("gzip");
            assertThat(entry.rawBody().toByteArray()).isEqualTo(packument);
            assertThat(entry.json()).isEqualTo(JsonTree.parse(Samples.gunzip(packument)));
        }
    }

    @Test
    void fetch_jsonFormOfTheVeryLimit_isStoredInIt_andOneByteLessIsNot() {
        byte[] json = Samples.utf8("{\"text\":\"" + "x".repeat(5_000) + "\"}");
        try (Cache cache = cache(EntryFormat.JSON)) {
            Loader loader = loader(cache, Samples.gzip(json), Optional.empty());
            cache.fetch(EXPRESS, CacheMode.RELOAD, loader);
            limit = driver.get(EXPRESS.toString()).orElseThrow().head().sizeBytes();
            cache.fetch(EXPRESS, CacheMode.RELOAD, loader);
            assertThat(driver.head(EXPRESS.toString()).orElseThrow().isBare()).isTrue();
            limit--;
            cache.fetch(EXPRESS, CacheMode.RELOAD, loader);
            assertThat(driver.head(EXPRESS.toString()).orElseThrow().isBare()).isFalse();
            assertThat(cache.entry(EXPRESS).orElseThrow().json().path("text").asText())
                    .hasSize(5_000);
        }
    }
}
