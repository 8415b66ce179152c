package io.alldocs.cache;

import static io.alldocs.cache.Samples.EXPRESS;
import static io.alldocs.cache.Samples.REGISTRY;
import static io.alldocs.cache.Samples.head;
import static io.alldocs.cache.Samples.value;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.alldocs.cache.body.BodyReceiver;
import io.alldocs.cache.body.ByteBudget;
import io.alldocs.cache.entry.EntryMetadata;
import io.alldocs.cache.entry.EntrySource;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Tests the results of loaders that determine where, or whether, a body is stored. */
class LoadedTest {
    private static final int BUDGET = 1 << 20;
    private static final CacheKey ABBREVIATED = CacheKey.abbreviated(REGISTRY, "express");

    private final ByteBudget budget = ByteBudget.of(BUDGET);
    private final MemoryStorageDriver driver = new MemoryStorageDriver();
    private Cache cache;

    @TempDir
    Path folder;

    @BeforeEach
    void open() {
        cache = Cache.builder()
                .driver(driver)
                .receiver(new BodyReceiver(budget, folder, 64 << 20))
                .build();
    }

    @AfterEach
    void close() {
        cache.close();
        driver.close();
        assertThat(budget.availableBytes()).as("bodies are closed").isEqualTo(BUDGET);
    }

    @ParameterizedTest
    @EnumSource(
            value = CacheMode.class,
            names = {"DEFAULT", "RELOAD", "NO_CACHE"})
    void fetch_valueOfAnotherKey_isStoredThereAndReplacesTheRequestedEntry(CacheMode mode) {
        cache.fetch(ABBREVIATED, CacheMode.DEFAULT, stored -> value(cache.receiver(), "{\"old\":1}"));

        CacheEntry entry = cache.fetch(ABBREVIATED, mode, stored -> other("{\"full\":1}"));

        assertThat(entry.source()).isEqualTo(EntrySource.FETCHED);
        assertThat(entry.json().has("full")).isTrue();
        assertThat(cache.entry(EXPRESS).orElseThrow().json().has("full")).isTrue();
        assertThat(cache.head(ABBREVIATED)).isEmpty();
        assertThat(cache.fetchCounts().failed()).isZero();
    }

    @Test
    void fetch_valueOfAnotherKeyWithoutStoring_isReturnedAndTheStoreStays() {
        cache.fetch(EXPRESS, CacheMode.DEFAULT, stored -> value(cache.receiver(), "{\"old\":1}"));

        CacheEntry entry = cache.fetch(ABBREVIATED, CacheMode.NO_STORE, stored -> other("{\"full\":1}"));

        assertThat(entry.json().has("full")).isTrue();
        assertThat(cache.entry(EXPRESS).orElseThrow().json().has("old")).isTrue();
    }

    @ParameterizedTest
    @EnumSource(
            value = CacheMode.class,
            names = {"RELOAD", "NO_CACHE"})
    void fetch_betterBodyIsStored_keepsItAndRecordsTheResponse(CacheMode mode) {
        cache.fetch(EXPRESS, CacheMode.DEFAULT, stored -> value(cache.receiver(), "{\"versions\":{}}"));

        CacheEntry entry =
                cache.fetch(EXPRESS, mode, stored -> stub(old -> old.json().has("versions")));

        assertThat(entry.head().outcome()).isEqualTo("unpublished");
        CacheEntry kept = cache.entry(EXPRESS).orElseThrow();
        assertThat(kept.head().outcome()).isEqualTo("unpublished");
        assertThat(kept.json().has("versions")).isTrue();
    }

    @Test
    void fetch_storedBodyIsNotBetter_isReplaced() {
        cache.fetch(EXPRESS, CacheMode.DEFAULT, stored -> value(cache.receiver(), "{\"old\":1}"));

        cache.fetch(
                EXPRESS, CacheMode.NO_CACHE, stored -> stub(old -> old.json().has("versions")));

        assertThat(cache.entry(EXPRESS).orElseThrow().json().has("stub")).isTrue();
    }

    @Test
    void fetch_storedBodyIsDamaged_isReplacedWithoutTheRule() throws Exception {
        cache.fetch(EXPRESS, CacheMode.DEFAULT, stored -> value(cache.receiver(), "{\"versions\":{}}"));
        driver.get(EXPRESS.toString()).orElseThrow().body().toByteArray()[0] ^= 1;

        cache.fetch(EXPRESS, CacheMode.NO_CACHE, stored -> stub(old -> true));

        assertThat(cache.entry(EXPRESS).orElseThrow().json().has("stub")).isTrue();
    }

    @Test
    void fetch_ruleFails_itsExceptionArrivesAndTheEntryStays() {
        cache.fetch(EXPRESS, CacheMode.DEFAULT, stored -> value(cache.receiver(), "{\"versions\":{}}"));

        assertThatIllegalArgumentException()
                .isThrownBy(() -> cache.fetch(
                        EXPRESS,
                        CacheMode.NO_CACHE,
                        stored -> stub(old -> {
                            throw new IllegalArgumentException("the rule");
                        })))
                .withMessage("the rule");
        assertThat(cache.entry(EXPRESS).orElseThrow().json().has("versions")).isTrue();
    }

    @Test
    void fetch_doubtfulOutcome_isServedOnlyWhereNoRequestMayBeSent() {
        cache.fetch(
                EXPRESS,
                CacheMode.DEFAULT,
                stored -> new Loaded.HeadOnly(head(404).outcome("not_found").build()));
        Loader found = stored -> value(cache.receiver(), "{\"found\":1}");

        assertThat(cache.fetch(EXPRESS, CacheMode.ONLY_IF_CACHED, found).status())
                .isEqualTo(404);
        assertThat(cache.fetch(EXPRESS, CacheMode.FORCE_CACHE, found).status()).isEqualTo(200);
    }

    @ParameterizedTest
    @CsvSource({
        "DEFAULT,        true,  false, true,  false, false",
        "NO_STORE,       false, false, false, false, false",
        "RELOAD,         false, false, false, false, false",
        "NO_CACHE,       false, false, false, false, false",
        "FORCE_CACHE,    true,  true,  true,  false, false",
        "ONLY_IF_CACHED, true,  true,  true,  true,  true",
    })
    void serves_everyMode_dependsOnAgeAndOrigin(
            CacheMode mode, boolean fresh, boolean stale, boolean page, boolean doubtful, boolean pageOfOtherProgram) {
        EntryMetadata head = head(200, "cache-control", "max-age=60")
                .validatedAt(cache.clock().instant())
                .build();
        EntryMetadata old = head(200, "cache-control", "max-age=0").build();
        CacheKey partition = CacheKey.partition(Samples.REPLICA, "a", "b");

        assertThat(serves(mode, EXPRESS, head)).isEqualTo(fresh);
        assertThat(serves(mode, EXPRESS, old)).isEqualTo(stale);
        assertThat(serves(mode, EXPRESS, head.toBuilder().outcome("blocked").build()))
                .isEqualTo(doubtful);
        assertThat(serves(mode, partition, head.toBuilder().form("partition").build()))
                .isEqualTo(page);
        assertThat(serves(mode, partition, head.toBuilder().form(null).build())).isEqualTo(pageOfOtherProgram);
    }

    private boolean serves(CacheMode mode, CacheKey key, EntryMetadata head) {
        return mode.serves(key, head, cache.clock().instant());
    }

    private Loaded other(String json) {
        return new Loaded.Other(EXPRESS, value(cache.receiver(), json));
    }

    private Loaded stub(Predicate<CacheEntry> isBetter) {
        Loaded.Value stub = value(cache.receiver(), "{\"stub\":1}");
        Loaded.HeadOnly recorded = new Loaded.HeadOnly(
                head(200).outcome("unpublished").proven(true).build());
        return new Loaded.Value(
                stub.head(), stub.body(), Optional.empty(), Optional.of(new Loaded.IfBetter(isBetter, recorded)));
    }
}
