package io.alldocs.packument;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.alldocs.Env;
import io.alldocs.OperationInterruptedException;
import io.alldocs.cache.CacheKey;
import io.alldocs.cache.CacheMode;
import io.alldocs.cache.NotCachedException;
import io.alldocs.cache.RequestOptions;
import io.alldocs.cache.entry.EntrySource;
import io.alldocs.examples.registry.EmbeddedRegistry;
import io.alldocs.examples.registry.Fault;
import io.alldocs.examples.registry.NameState;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class PackumentClientTest {

    private static final RequestOptions FORCE = RequestOptions.of(CacheMode.FORCE_CACHE);
    private static final RequestOptions ASK = RequestOptions.of(CacheMode.NO_CACHE);

    private final EmbeddedRegistry registry = EmbeddedRegistry.builder()
            .names("express", "@babel/core", "gone", "other", "~'!()*", "JSONStream", "-")
            .start();
    private final Setup setup = new Setup();
    private PackumentClient client;

    @BeforeEach
    void build() {
        client = setup.client(registry.origin()).build();
    }

    @AfterEach
    void close() {
        client.close();
        setup.close();
        registry.close();
    }

    /** A part of a packument. */
    record Named(String name) {}

    @Test
    void as_ofADocument_isTheCallersClass_andOfNoneIsRefused() {
        assertThat(client.request("express").as(Named.class)).isEqualTo(new Named("express"));
        PackumentResult none = client.request("no-such-name");
        assertThatThrownBy(() -> none.as(Named.class))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("Check outcome() first");
    }

    @Test
    void request_packument_isStoredAsReceivedUnderTheDocumentedKey() throws IOException {
        PackumentResult result = client.request("express");

        assertThat(result.outcome()).isEqualTo(Outcome.OK);
        assertThat(result.source()).isEqualTo(EntrySource.FETCHED);
        assertThat(result.form()).isEqualTo(PackumentForm.FULL);
        assertThat(result.rev()).isEqualTo(registry.rev("express"));
        assertThat(result.json().path("name").asText()).isEqualTo("express");
        assertThat(keys())
                .containsExactly(
                        CacheKey.packument(registry.origin(), "express").toString());
        assertThat(result.entry().orElseThrow().encoding()).contains("gzip");
        assertThat(result.entry().orElseThrow().rawBody().sizeBytes())
                .isLessThan(registry.packument("express").orElseThrow().length);
        try (InputStream body = result.entry().orElseThrow().bodyStream()) {
            assertThat(body.readAllBytes())
                    .isEqualTo(registry.packument("express").orElseThrow());
        }
    }

    @ParameterizedTest
    @CsvSource({
        "/express, express",
        "/@babel%2fcore, @babel/core",
        "@babel%2Fcore, @babel/core",
        "/@babel/core, @babel/core"
    })
    void request_pathAndName_areOneEntryAndOneRequest(String path, String name) {
        PackumentResult byPath = client.request(path);
        PackumentResult byName = client.request(name, FORCE);

        assertThat(byPath.name()).isEqualTo(byName.name()).isEqualTo(name);
        assertThat(byName.source()).isEqualTo(EntrySource.HIT);
        assertThat(byName.json()).isEqualTo(byPath.json());
        assertThat(registry.requests().total()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"~'!()*", "JSONStream", "-"})
    void request_legacyName_isFound(String name) {
        assertThat(client.request(name).json().path("_id").asText()).isEqualTo(name);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "../../etc/passwd", "..", "a/b", "line\nbreak", "\ud800"})
    void request_invalidName_isRefusedBeforeAnyRequest(String raw) {
        assertThatIllegalArgumentException().isThrownBy(() -> client.request(raw));
        assertThat(client.requestAsync(raw)).failsWithin(60, TimeUnit.SECONDS);
        assertThat(registry.requests().total()).isZero();
        assertThat(keys()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(PackumentForm.class)
    void request_eachStateOfAName_isARecordedOutcome(PackumentForm form) {
        PackumentClient asking = setup.client(registry.origin()).form(form).build();
        for (NameState state : NameState.values()) {
            registry.set("gone", state);
            registry.requests().reset();

            PackumentResult result = asking.request("gone", RequestOptions.of(CacheMode.RELOAD));
            PackumentResult again = asking.request("gone", FORCE);

            assertThat(result.outcome()).as("%s", state).isEqualTo(expected(state));
            assertThat(again.outcome()).as("%s, recorded", state).isEqualTo(expected(state));
            assertThat(again.source()).isEqualTo(EntrySource.HIT);
            assertThat(registry.requests().total())
                    .as("%s, requests", state)
                    .isEqualTo(expected(state) == Outcome.MALFORMED ? 2 : 1);
            setup.cache.delete(keys().get(0));
        }
    }

    private static Outcome expected(NameState state) {
        return switch (state) {
            case PRESENT -> Outcome.OK;
            case NOT_FOUND -> Outcome.NOT_FOUND;
            case UNPUBLISHED -> Outcome.UNPUBLISHED;
            case SECURITY_HOLDER -> Outcome.SECURITY_HOLDER;
            case BLOCKED, FORBIDDEN -> Outcome.BLOCKED;
            case MALFORMED, WRONG_NAME -> Outcome.MALFORMED;
        };
    }

    @Test
    void request_nameTheRegistryNeverHeardOf_isNotFound() {
        PackumentResult result = client.request("no-such-name");

        assertThat(result.outcome()).isEqualTo(Outcome.NOT_FOUND);
        assertThat(result.head().status()).isEqualTo(404);
        assertThat(result.entry()).isEmpty();
        assertThat(result.lastGood()).isEmpty();
        assertThat(result.rev()).isEmpty();
        assertThatIllegalStateException()
                .isThrownBy(result::json)
                .withMessage("No document for \"no-such-name\": outcome NOT_FOUND (HTTP 404). Check outcome() first.");
    }

    @Test
    void request_unpublishedStub_isKept() {
        registry.unpublish("gone");

        PackumentResult result = client.request("gone");

        assertThat(result.json()
                        .path("time")
                        .path("unpublished")
                        .path("versions")
                        .path(0)
                        .asText())
                .isEqualTo("1.0.0");
        assertThat(client.request("gone", FORCE).json()).isEqualTo(result.json());
        assertThat(result.lastGood()).isEmpty();
        assertThat(result.rev()).isEqualTo(registry.rev("gone"));
    }

    @ParameterizedTest
    @EnumSource(value = NameState.class, mode = EnumSource.Mode.EXCLUDE, names = "PRESENT")
    void request_answerThatIsNotGood_keepsThePackumentThatWas(NameState state) {
        for (CacheMode mode : List.of(CacheMode.NO_CACHE, CacheMode.RELOAD)) {
            registry.set("gone", NameState.PRESENT);
            PackumentResult good = client.request("gone", RequestOptions.of(CacheMode.RELOAD));
            registry.set("gone", state);

            for (int i = 0; i < 2; i++) {
                PackumentResult result = client.request("gone", RequestOptions.of(mode));

                assertThat(result.outcome()).isEqualTo(expected(state));
                assertThat(result.entry()).isEmpty();
                assertThat(result.lastGood().orElseThrow().json()).isEqualTo(good.json());
            }
            PackumentResult stored = client.request("gone", FORCE);
            assertThat(stored.outcome()).isEqualTo(expected(state));
            assertThat(stored.entry()).isEmpty();
            assertThat(stored.lastGood().orElseThrow().json()).isEqualTo(good.json());

            registry.publish("gone");
            registry.set("gone", NameState.PRESENT);
            PackumentResult back = client.request("gone", ASK);
            assertThat(back.outcome()).isEqualTo(Outcome.OK);
            assertThat(back.rev()).isEqualTo(registry.rev("gone"));
            assertThat(back.json()).isNotEqualTo(good.json());
        }
    }

    @Test
    void request_notFoundAfterUnpublished_hasNoGoodPackument() {
        registry.unpublish("gone");
        client.request("gone");
        registry.set("gone", NameState.NOT_FOUND);

        PackumentResult result = client.request("gone", ASK);

        assertThat(result.outcome()).isEqualTo(Outcome.NOT_FOUND);
        assertThat(result.entry()).isEmpty();
        assertThat(result.lastGood()).isEmpty();
    }

    @Test
    void request_unchangedDocument_isRevalidatedBy304() {
        PackumentResult first = client.request("express");

        PackumentResult second = client.request("express", ASK);

        assertThat(second.source()).isEqualTo(EntrySource.REVALIDATED);
        assertThat(second.outcome()).isEqualTo(Outcome.OK);
        assertThat(second.rev()).isEqualTo(first.rev());
        assertThat(second.form()).isEqualTo(PackumentForm.FULL);
        assertThat(second.json()).isEqualTo(first.json());
        assertThat(registry.requests().status(304)).isEqualTo(1);
        PackumentResult stored = client.request("express", FORCE);
        assertThat(stored.outcome()).isEqualTo(Outcome.OK);
        assertThat(stored.rev()).isEqualTo(first.rev());
    }

    @Test
    void request_200WithTheSameTag_countsAsUnchangedAndStoresNoBody() {
        client.request("express");
        registry.faults().set(Fault.no304());
        int fetched = setup.driver.puts.get();
        setup.clock.advance(Duration.ofHours(1));

        PackumentResult second = client.request("express", ASK);

        assertThat(registry.requests().status(200)).isEqualTo(2);
        assertThat(second.source()).isEqualTo(EntrySource.REVALIDATED);
        assertThat(second.outcome()).isEqualTo(Outcome.OK);
        assertThat(second.head().storedAt()).isBefore(second.head().validatedAt());
        assertThat(fetched).isEqualTo(1);
    }

    @Test
    void request_changedDocument_replacesTheOld() {
        PackumentResult first = client.request("express");
        registry.publish("express");

        PackumentResult second = client.request("express", ASK);

        assertThat(second.source()).isEqualTo(EntrySource.FETCHED);
        assertThat(second.json().path("versions").size())
                .isEqualTo(first.json().path("versions").size() + 1);
        assertThat(client.request("express", FORCE).rev()).isEqualTo(registry.rev("express"));
    }

    @Test
    void request_bothForms_areTwoEntries() {
        PackumentClient abbreviated =
                setup.client(registry.origin()).form(PackumentForm.ABBREVIATED).build();

        PackumentResult full = client.request("express");
        PackumentResult small = abbreviated.request("express");

        assertThat(small.form()).isEqualTo(PackumentForm.ABBREVIATED);
        assertThat(small.outcome()).isEqualTo(Outcome.OK);
        assertThat(small.rev()).isEmpty();
        assertThat(small.json().has("modified")).isTrue();
        assertThat(small.json().has("time")).isFalse();
        assertThat(full.json().has("time")).isTrue();
        assertThat(keys())
                .containsExactlyInAnyOrder(
                        CacheKey.packument(registry.origin(), "express").toString(),
                        CacheKey.abbreviated(registry.origin(), "express").toString());
        assertThat(abbreviated.request("express", FORCE).json()).isEqualTo(small.json());
        assertThat(client.request("express", FORCE).json()).isEqualTo(full.json());
    }

    @Test
    void request_forceCache_readsOneHeadAndNoBodyUntilItIsNeeded() {
        client.request("express");
        setup.driver.heads.set(0);
        setup.driver.gets.set(0);
        registry.requests().reset();

        PackumentResult result = client.request("express", FORCE);

        assertThat(result.rev()).isEqualTo(registry.rev("express"));
        assertThat(setup.driver.heads.get()).isEqualTo(1);
        assertThat(setup.driver.gets.get()).isZero();
        assertThat(result.json().path("name").asText()).isEqualTo("express");
        assertThat(setup.driver.gets.get()).isEqualTo(1);
        assertThat(registry.requests().total()).isZero();
    }

    @Test
    void request_onlyIfCached_sendsNothing() {
        RequestOptions offline = RequestOptions.of(CacheMode.ONLY_IF_CACHED);

        assertThatExceptionOfType(NotCachedException.class).isThrownBy(() -> client.request("express", offline));
        client.request("express");

        assertThat(client.request("express", offline).outcome()).isEqualTo(Outcome.OK);
        assertThat(registry.requests().total()).isEqualTo(1);
    }

    @Test
    void request_noStore_leavesNothing() {
        assertThat(client.request("express", RequestOptions.of(CacheMode.NO_STORE))
                        .json()
                        .path("name")
                        .asText())
                .isEqualTo("express");
        assertThat(client.request("no-such-name", RequestOptions.of(CacheMode.NO_STORE))
                        .outcome())
                .isEqualTo(Outcome.NOT_FOUND);
        assertThat(keys()).isEmpty();
    }

    @Test
    void request_atLeastARevision_isSentOnlyIfTheStoredOneIsNotProven() {
        String first = client.request("express").rev().orElseThrow();
        registry.requests().reset();

        assertThat(client.request("express", RequestOptions.DEFAULT, first).source())
                .isEqualTo(EntrySource.HIT);
        assertThat(registry.requests().total()).isZero();

        registry.publish("express");
        String second = registry.rev("express").orElseThrow();
        PackumentResult result = client.request("express", RequestOptions.DEFAULT, second);
        assertThat(result.source()).isEqualTo(EntrySource.FETCHED);
        assertThat(result.rev()).contains(second);
        assertThat(result.reaches(second)).isTrue();
        assertThat(result.reaches("999-ahead")).isFalse();
        assertThat(result.reaches("damaged")).isTrue();
        assertThat(client.request("no-such-name").reaches("1-a")).isFalse();
        assertThat(registry.requests().ofName("express")).isEqualTo(1);
    }

    @Test
    void requestAsync_manyAtOnce_makeOneRequestPerName() {
        registry.faults().set(Fault.latency(Duration.ofMillis(200)));

        List<CompletableFuture<PackumentResult>> futures =
                Stream.generate(() -> client.requestAsync("express")).limit(8).toList();

        futures.forEach(future -> assertThat(future)
                .succeedsWithin(60, TimeUnit.SECONDS)
                .satisfies(result ->
                        assertThat(result.json().path("name").asText()).isEqualTo("express")));
        assertThat(registry.requests().ofName("express")).isEqualTo(1);
    }

    @Test
    void requestAsync_cancelled_interruptsTheRequest() throws InterruptedException {
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch ended = new CountDownLatch(1);
        PackumentClient own = setup.client(registry.origin())
                .executor(task -> new Thread(() -> {
                            asked.countDown();
                            task.run();
                            ended.countDown();
                        })
                        .start())
                .build();
        registry.faults().set(Fault.stall(1));

        CompletableFuture<PackumentResult> future = own.requestAsync("express");
        assertThat(asked.await(60, TimeUnit.SECONDS)).isTrue();
        awaitRequests(1);
        future.cancel(true);

        assertThat(ended.await(20, TimeUnit.SECONDS))
                .as("ended before the timeout of a stall")
                .isTrue();
        assertThatExceptionOfType(CancellationException.class).isThrownBy(future::join);
        assertThat(keys()).isEmpty();
    }

    @Test
    void close_withMoreFuturesThanThreads_endsThemAll() throws InterruptedException {
        registry.faults().set(Fault.stall(1));
        PackumentClient own = setup.client(registry.origin()).concurrency(2).build();
        List<CompletableFuture<PackumentResult>> futures =
                Stream.generate(() -> own.requestAsync("express")).limit(8).toList();
        awaitRequests(1);

        own.close();

        futures.forEach(future -> assertThat(future.handle((result, error) -> error))
                .succeedsWithin(10, TimeUnit.SECONDS)
                .isNotNull());
        assertThatThrownBy(futures.get(7)::join)
                .hasCauseInstanceOf(IllegalStateException.class)
                .hasMessageContaining("The client is closed.");
        assertThatThrownBy(own.requestAsync("express")::join).hasMessageContaining("The client is closed.");
    }

    @Test
    void requestAsync_whoseExecutorRefuses_fails() {
        PackumentClient own = setup.client(registry.origin())
                .executor(task -> {
                    throw new RejectedExecutionException("full");
                })
                .build();

        assertThatThrownBy(own.requestAsync("express")::join).hasMessageContaining("full");
    }

    @Test
    void request_interruptedThread_isCancelledAndStaysInterrupted() {
        Thread.currentThread().interrupt();

        assertThatExceptionOfType(OperationInterruptedException.class).isThrownBy(() -> client.request("express"));
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void builder_badSettings_areRefusedWithWhatIsWrong() {
        PackumentClientBuilder builder = setup.client(registry.origin());

        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.concurrency(0))
                .withMessageContaining("0");
        assertThatIllegalArgumentException().isThrownBy(() -> builder.rate(-1)).withMessageContaining("-1");
        assertThatIllegalArgumentException().isThrownBy(() -> builder.rate(Double.NaN));
        assertThatIllegalArgumentException().isThrownBy(() -> builder.consecutiveFailureLimit(0));
        assertThatIllegalArgumentException().isThrownBy(() -> builder.outcomeLifetime(Duration.ofSeconds(-1)));
        for (String bad : List.of("ftp://host/", "registry", "https://host/?q", "https://host/#f", "mailto:a@b")) {
            assertThatIllegalArgumentException().isThrownBy(() -> builder.registry(URI.create(bad)));
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.registry(URI.create("https://me:s3cret@host/")))
                .satisfies(e -> assertThat(e.getMessage()).doesNotContain("s3cret"));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PackumentClient.builder()
                        .env(Env.of(Map.of("NPM_REGISTRY", "https://me:s3cret@ho st/")))
                        .cache(setup.cache)
                        .http(setup.http)
                        .build())
                .satisfies(
                        e -> assertThat(e.getMessage()).contains("NPM_REGISTRY").doesNotContain("s3cret"));
    }

    private void awaitRequests(long count) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (registry.requests().total() < count && System.nanoTime() < end) {
            Thread.onSpinWait();
        }
        assertThat(registry.requests().total()).isEqualTo(count);
    }

    private List<String> keys() {
        try (Stream<String> keys = setup.cache.keys("")) {
            return keys.toList();
        }
    }
}
