package io.alldocs.partition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.alldocs.Env;
import io.alldocs.OperationInterruptedException;
import io.alldocs.cache.Cache;
import io.alldocs.cache.CacheEntry;
import io.alldocs.cache.CacheMode;
import io.alldocs.cache.NotCachedException;
import io.alldocs.cache.PartitionCheckpoint;
import io.alldocs.cache.RequestOptions;
import io.alldocs.cache.body.Body;
import io.alldocs.cache.entry.EntrySource;
import io.alldocs.cache.run.RunSummary;
import io.alldocs.cache.spi.StorageDriver;
import io.alldocs.cache.spi.StoredEntry;
import io.alldocs.examples.registry.EmbeddedRegistry;
import io.alldocs.examples.registry.Endpoint;
import io.alldocs.examples.registry.Fault;
import io.alldocs.http.AuthException;
import io.alldocs.http.BaseHttpClient;
import io.alldocs.http.HostLimiters;
import io.alldocs.http.NpmConfig;
import io.alldocs.http.RetryPolicy;
import io.alldocs.http.TemporaryException;
import io.alldocs.http.Timeouts;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class PartitionClientTest {
    private static final int NAMES = 3_000;
    private static final String TOKEN = "npm_plantedSecretToken0123456789";

    private EmbeddedRegistry registry;
    private Cache cache;
    private BaseHttpClient http;
    private PartitionClient client;

    @BeforeEach
    void open() {
        registry = EmbeddedRegistry.builder().names(NAMES).token(TOKEN).start();
        cache = Cache.builder().build();
        http = http(TOKEN);
        client = client(1_000);
    }

    @AfterEach
    void close() {
        client.close();
        http.close();
        cache.close();
        registry.close();
    }

    private static BaseHttpClient http(String token) {
        return http(token, Duration.ofSeconds(5));
    }

    private static BaseHttpClient http(String token, Duration stall) {
        return BaseHttpClient.builder()
                .credentials(uri -> java.util.Optional.of("Bearer " + token))
                .limiters(HostLimiters.create())
                .retry(new RetryPolicy(6, Duration.ofMillis(1), Duration.ofMillis(2)))
                .timeouts(new Timeouts(Duration.ofSeconds(5), Duration.ofSeconds(5), stall))
                .build();
    }

    private URI origin() {
        return URI.create(registry.origin() + "/registry");
    }

    private PartitionClient client(int pageLimit) {
        return client(pageLimit, http);
    }

    private PartitionClient client(int pageLimit, BaseHttpClient own) {
        return PartitionClient.builder()
                .origin(origin())
                .cache(cache)
                .http(own)
                .pageLimit(pageLimit)
                .build();
    }

    private List<String> names(PartitionRows source) {
        List<String> names = new ArrayList<>();
        try (source) {
            source.forEachRemaining(row -> names.add(row.id()));
        }
        return names;
    }

    private List<String> names(CacheEntry entry) {
        return entry.json().path("rows").stream()
                .map(row -> row.path("id").asText())
                .toList();
    }

    private String name(int index) {
        return registry.names().get(index);
    }

    @Test
    void request_partitionOfOnePage_holdsItsRowsAndIsStoredAsReceived() {
        Partition partition = Partition.of(name(10) + "!", name(500) + "!");

        CacheEntry entry = client.request(partition);

        assertThat(names(entry)).isEqualTo(registry.names().subList(11, 501));
        assertThat(entry.source()).isEqualTo(EntrySource.FETCHED);
        assertThat(entry.encoding()).contains("gzip");
        assertThat(entry.head().form()).isEqualTo("partition");
        assertThat(entry.head().lifetime()).isEqualTo(Duration.ofHours(1));
        assertThat(entry.status()).isEqualTo(200);
    }

    @Test
    void request_again_isAHitWithoutARequest() {
        Partition partition = Partition.of(name(10), name(500));
        client.request(partition);
        long asked = registry.requests().total();

        CacheEntry again = client.request(partition);

        assertThat(again.source()).isEqualTo(EntrySource.HIT);
        assertThat(registry.requests().total()).isEqualTo(asked);
        assertThat(client.requestAsync(partition).join().source()).isEqualTo(EntrySource.HIT);
    }

    @Test
    void request_afterItsLifetime_isSentAgain() {
        try (PartitionClient brief = PartitionClient.builder()
                .origin(origin())
                .cache(cache)
                .http(http)
                .lifetime(Duration.ZERO)
                .build()) {
            Partition partition = Partition.of(name(10), name(500));
            brief.request(partition);

            assertThat(brief.request(partition).source()).isEqualTo(EntrySource.FETCHED);
            assertThat(brief.request(partition, RequestOptions.of(CacheMode.FORCE_CACHE))
                            .source())
                    .isEqualTo(EntrySource.STALE);
        }
    }

    @Test
    void request_endKeyIsAName_cutsThatRowOut() {
        CacheEntry entry = client.request(Partition.of(name(10), name(500)));

        assertThat(names(entry)).isEqualTo(registry.names().subList(10, 500));
        assertThat(entry.encoding()).contains("gzip");
        assertThat(registry.requests().count(Endpoint.ALL_DOCS)).isEqualTo(1);
    }

    @Test
    void request_neighboursAtAName_shareNoRow() {
        List<String> both = new ArrayList<>(names(client.request(Partition.of(name(0), name(400)))));
        both.addAll(names(client.request(Partition.of(name(400), name(900)))));

        assertThat(both).isEqualTo(registry.names().subList(0, 900));
    }

    @Test
    void request_moreThanAPage_namesTheWaysOut() {
        assertThatThrownBy(() -> client.request(Partition.all()))
                .isInstanceOfSatisfying(PartitionTooLargeException.class, e -> {
                    assertThat(e)
                            .hasMessageContainingAll(
                                    "[null-null]",
                                    "1000 rows",
                                    name(999),
                                    "PartitionClient.rows",
                                    "PartitionClient.requestAll");
                    assertThat(e.rowsSeen()).isEqualTo(1_000);
                    assertThat(e.partition()).isEqualTo(Partition.all());
                });
        assertThat(cache.has(Partition.all().key(origin()).toString())).isFalse();
        assertThatThrownBy(() -> client.requestAsync(Partition.all()).join())
                .hasCauseInstanceOf(PartitionTooLargeException.class);
    }

    @Test
    void request_exactlyAPage_isWhole() {
        assertThat(names(client.request(Partition.of(name(0), name(999) + "!"))))
                .hasSize(1_000);
        assertThatThrownBy(() -> client.request(Partition.of(name(0), name(1_000) + "!")))
                .isInstanceOf(PartitionTooLargeException.class);
    }

    @Test
    void request_cappedBelowTheLimit_isNotComplete() {
        registry.faults().set(Fault.pageCap(100));

        assertThatThrownBy(() -> client.request(Partition.of(name(0), name(500))))
                .isInstanceOf(PartitionTooLargeException.class);
    }

    @Test
    void request_keysThatNeedEscaping_arrive() {
        assertThat(names(client.request(Partition.of("a\"\\+%&=#?é \u0001", "a~\uD83D\uDE00"))))
                .isNotEmpty();
        assertThat(names(client.request(Partition.of("../../etc/passwd", "../../etc/passwd0"))))
                .isEmpty();
    }

    @Test
    void request_whatAnotherProgramStored_isLoadedAgain() {
        Partition partition = Partition.of(name(10), name(500));
        cache.set(partition.key(origin()).toString(), Map.of("rows", List.of()));

        assertThat(names(client.request(partition, RequestOptions.of(CacheMode.FORCE_CACHE))))
                .isEqualTo(registry.names().subList(10, 500));
    }

    @Test
    void requestAll_anyPivots_storesEveryNameOnce() {
        PartitionSet set = Partition.fromPivots(name(1_000), name(1_200), name(2_999));
        List<PartitionResult> pages = new ArrayList<>();

        RunSummary summary = client.requestAll(set, RequestOptions.DEFAULT, pages::add);

        assertThat(summary.failed()).isZero();
        assertThat(summary.items()).isEqualTo(4);
        assertThat(summary.bySource()).containsOnly(Map.entry(EntrySource.FETCHED, (long) pages.size()));
        assertThat(pages.stream().mapToLong(PartitionResult::rows).sum()).isEqualTo(NAMES);
        long asked = registry.requests().total();
        assertThat(names(client.rows(set, RequestOptions.of(CacheMode.ONLY_IF_CACHED))))
                .isEqualTo(registry.names());
        assertThat(registry.requests().total()).isEqualTo(asked);
    }

    @Test
    void requestAll_reloaded_replacesItsPages() {
        client.requestAll(List.of(Partition.all()), RequestOptions.DEFAULT, page -> {});
        long stored;
        try (Stream<String> keys = cache.keys("v1:")) {
            stored = keys.count();
        }
        registry.publish(name(1_500) + "-new");
        List<PartitionResult> pages = new ArrayList<>();

        client.requestAll(List.of(Partition.all()), RequestOptions.of(CacheMode.RELOAD), pages::add);

        assertThat(pages).allMatch(page -> page.entry().source() == EntrySource.FETCHED);
        assertThat(names(client.rows(Partition.all(), RequestOptions.of(CacheMode.ONLY_IF_CACHED))))
                .isEqualTo(registry.names());
        try (Stream<String> keys = cache.keys("v1:")) {
            assertThat(keys.count()).isBetween(stored, stored + 2);
        }
    }

    @Test
    void requestAll_storedPageOrRecordDamaged_isRequestedAgainAndNeverServed() {
        client.requestAll(List.of(Partition.all()), RequestOptions.DEFAULT, page -> {});
        List<String> keys;
        try (Stream<String> stored = cache.keys("v1:")) {
            keys = stored.toList();
        }
        for (String key : keys) {
            try (StoredEntryBody damaged =
                    new StoredEntryBody(cache.driver().get(key).orElseThrow())) {
                damaged.flipAByte(cache.driver(), key);
            }

            List<PartitionResult> pages = new ArrayList<>();
            RunSummary summary =
                    client.requestAll(List.of(Partition.all()), RequestOptions.of(CacheMode.FORCE_CACHE), pages::add);

            assertThat(summary.failures()).isEmpty();
            assertThat(pages).anyMatch(page -> page.entry().source() == EntrySource.FETCHED);
            assertThat(names(client.rows(Partition.all(), RequestOptions.of(CacheMode.ONLY_IF_CACHED))))
                    .isEqualTo(registry.names());
        }
        assertThat(keys).anyMatch(key -> key.startsWith("v1:split:")).anyMatch(key -> key.startsWith("v1:partition:"));
    }

    /** A stored value that a test damages before it is read again. */
    private record StoredEntryBody(StoredEntry entry) implements AutoCloseable {
        void flipAByte(StorageDriver driver, String key) {
            try {
                byte[] bytes = entry.body().toByteArray().clone();
                bytes[bytes.length / 2] ^= 1;
                driver.put(key, entry.head(), Body.of(bytes));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public void close() {
            entry.body().close();
        }
    }

    @Test
    void requestAll_noStore_leavesNothing() {
        List<PartitionResult> pages = new ArrayList<>();

        client.requestAll(List.of(Partition.all()), RequestOptions.of(CacheMode.NO_STORE), pages::add);

        assertThat(pages.stream().mapToLong(PartitionResult::rows).sum()).isEqualTo(NAMES);
        try (Stream<String> keys = cache.keys("")) {
            assertThat(keys).isEmpty();
        }
    }

    @Test
    void requestAll_oneFails_othersAreWalked() {
        registry.faults().set(Fault.status(500, 1).on(Endpoint.ALL_DOCS).times(6));
        List<Partition> failed = new ArrayList<>();
        PartitionSet set = Partition.fromPivots(name(1_000), name(2_000));
        try (PartitionClient oneByOne = PartitionClient.builder()
                .origin(origin())
                .cache(cache)
                .http(http)
                .concurrency(1)
                .build()) {
            RunSummary summary = oneByOne.requestAll(
                    set, RequestOptions.DEFAULT, page -> {}, (partition, e) -> failed.add(partition));

            assertThat(failed).containsExactly(set.get(0));
            assertThat(summary.failed()).isEqualTo(1);
            assertThat(summary.failures()).containsOnlyKeys(set.get(0).toString());
            assertThat(names(oneByOne.rows(set.get(2), RequestOptions.of(CacheMode.ONLY_IF_CACHED))))
                    .hasSize(1_000);
        }
    }

    @Test
    void requestAll_refusedCredentials_endTheRun() {
        try (BaseHttpClient wrong = http("wrong-" + TOKEN);
                PartitionClient refused = PartitionClient.builder()
                        .origin(origin())
                        .cache(cache)
                        .http(wrong)
                        .concurrency(1)
                        .build()) {
            PartitionSet set = Partition.fromPivots("b", "c", "d");

            assertThatThrownBy(() -> refused.requestAll(set, RequestOptions.DEFAULT, page -> {}))
                    .isInstanceOf(AuthException.class)
                    .satisfies(e -> assertThat(everythingAbout(e)).doesNotContain(TOKEN));
            assertThat(registry.requests().count(Endpoint.ALL_DOCS)).isEqualTo(1);
        }
    }

    @Test
    void requestAll_consumerThrows_thatReachesTheCaller() {
        IllegalStateException thrown = new IllegalStateException("enough");

        assertThatThrownBy(() -> client.requestAll(List.of(Partition.all()), RequestOptions.DEFAULT, page -> {
                    throw thrown;
                }))
                .isSameAs(thrown);
    }

    @Test
    void requestAll_interrupted_endsWithTheFlagSet() throws InterruptedException {
        AtomicInteger pages = new AtomicInteger();
        boolean[] flag = {false};
        Throwable[] thrown = {new AssertionError("nothing thrown")};
        Thread runner = new Thread(() -> {
            try {
                client.requestAll(List.of(Partition.all()), RequestOptions.DEFAULT, page -> {
                    pages.incrementAndGet();
                    registry.faults().set(Fault.stall(1));
                });
            } catch (RuntimeException e) {
                thrown[0] = e;
                flag[0] = Thread.currentThread().isInterrupted();
            }
        });
        runner.start();
        while (pages.get() == 0) {
            Thread.onSpinWait();
        }
        runner.interrupt();
        runner.join(60_000);

        assertThat(runner.isAlive()).isFalse();
        assertThat(thrown[0]).isInstanceOf(OperationInterruptedException.class);
        assertThat(flag[0]).isTrue();
    }

    @Test
    void rows_anyPartition_streamsNamesAndRevisions() {
        try (PartitionRows rows = client.rows(Partition.from(name(500)))) {
            int index = 500;
            while (rows.hasNext()) {
                PartitionRow row = rows.next();
                assertThat(row.id()).isEqualTo(name(index));
                assertThat(registry.rev(row.id())).contains(String.valueOf(row.rev()));
                index++;
            }
            assertThat(index).isEqualTo(NAMES);
        }
    }

    @Test
    void rows_designDocuments_areLeftOutAndOthersWithUnderscoreStay() {
        try (EmbeddedRegistry other = EmbeddedRegistry.builder()
                        .names("Zoo", "_design/app", "_design0", "_designs", "_name", "a")
                        .start();
                PartitionClient reader = PartitionClient.builder()
                        .origin(other.origin())
                        .cache(cache)
                        .http(http)
                        .build()) {
            List<PartitionResult> pages = new ArrayList<>();
            List<String> ids = new ArrayList<>();
            reader.requestAll(List.of(Partition.all()), RequestOptions.DEFAULT, page -> {
                pages.add(page);
                ids.addAll(names(page.entry()));
            });

            assertThat(names(reader.rows(Partition.all())))
                    .containsExactly("Zoo", "_design0", "_designs", "_name", "a");
            assertThat(ids).hasSize(6);
            assertThat(pages).singleElement().satisfies(page -> {
                assertThat(page.rows()).isEqualTo(5);
                assertThat(page.designDocuments()).isEqualTo(1);
                assertThatIllegalStateException()
                        .isThrownBy(() -> names(page.entry()))
                        .withMessageContaining("its entry is closed");
            });
        }
    }

    @Test
    void rows_onlyIfCachedButNot_saysSo() {
        assertThatThrownBy(() -> names(client.rows(Partition.all(), RequestOptions.of(CacheMode.ONLY_IF_CACHED))))
                .isInstanceOf(NotCachedException.class);
        assertThat(registry.requests().total()).isZero();
    }

    @Test
    void checkpoint_interruptedRun_resumesWithoutAskingForWhatIsStored() {
        PartitionSet set = Partition.fromPivots(name(900), name(1_800));
        PartitionCheckpoint checkpoint = checkpoint("resume", set);
        client.close();
        client = client(200);
        AtomicInteger pages = new AtomicInteger();
        assertThatThrownBy(() -> client.requestAll(
                        checkpoint,
                        RequestOptions.DEFAULT,
                        page -> {
                            if (pages.incrementAndGet() == 6) {
                                throw new IllegalStateException("killed");
                            }
                        },
                        (partition, e) -> {}))
                .hasMessage("killed");
        registry.requests().reset();
        List<PartitionResult> rest = new ArrayList<>();

        client.requestAll(
                new PartitionCheckpoint(cache, "resume"), RequestOptions.DEFAULT, rest::add, (partition, e) -> {});

        long fetched = rest.stream()
                .filter(page -> page.entry().source() == EntrySource.FETCHED)
                .count();
        long hits = rest.size() - fetched;
        assertThat(hits).isPositive();
        assertThat(registry.requests().count(Endpoint.ALL_DOCS)).isLessThanOrEqualTo(fetched + set.size());
        assertThat(names(client.rows(checkpoint))).isEqualTo(registry.names());
        assertThat(checkpoint.getProgress().complete()).isEqualTo(3);
        assertThat(checkpoint.getProgress().rows()).isEqualTo(NAMES);
        registry.requests().reset();
        RunSummary nothing = client.requestAll(checkpoint, RequestOptions.DEFAULT, page -> {}, (partition, e) -> {});
        assertThat(nothing.items()).isZero();
        assertThat(registry.requests().total()).isZero();
    }

    @Test
    void checkpoint_onePartition_isWalkedAndRecorded_once() {
        PartitionSet set = Partition.fromPivots(name(900), name(1_800));
        PartitionCheckpoint checkpoint = checkpoint("one", set);
        List<PartitionResult> pages = new ArrayList<>();

        client.request(checkpoint, 1, RequestOptions.of(CacheMode.RELOAD), pages::add);

        assertThat(checkpoint.record(1).state()).isEqualTo(PartitionCheckpoint.State.COMPLETE);
        assertThat(checkpoint.record(0).state()).isEqualTo(PartitionCheckpoint.State.PENDING);
        assertThat(pages.stream().mapToLong(PartitionResult::rows).sum()).isEqualTo(900);
        registry.requests().reset();
        client.request(checkpoint, 1, RequestOptions.of(CacheMode.RELOAD), pages::add);
        assertThat(registry.requests().total()).isZero();
        assertThatThrownBy(() -> client.request(checkpoint, 3, RequestOptions.DEFAULT, page -> {}))
                .isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void checkpoint_onePartitionThatFails_isRecorded_andTheErrorReachesTheCaller() {
        PartitionCheckpoint checkpoint = checkpoint("fails", Partition.fromPivots(name(900)));
        registry.faults().set(Fault.status(500, 1));

        assertThatThrownBy(() -> client.request(checkpoint, 0, RequestOptions.of(CacheMode.RELOAD), page -> {}))
                .isInstanceOf(TemporaryException.class);

        assertThat(checkpoint.record(0).state()).isEqualTo(PartitionCheckpoint.State.FAILED);
        registry.faults().clear();
        assertThatThrownBy(() -> client.request(checkpoint, 0, RequestOptions.of(CacheMode.RELOAD), page -> {
                    throw new IllegalStateException("the caller's own");
                }))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("the caller's own");
    }

    @Test
    void checkpoint_onePartitionOfAnInterruptedThread_isLeftAsItWas() {
        PartitionCheckpoint checkpoint = checkpoint("interrupted", Partition.fromPivots(name(900)));
        Thread.currentThread().interrupt();

        assertThatThrownBy(() -> client.request(checkpoint, 0, RequestOptions.DEFAULT, page -> {}))
                .isInstanceOf(OperationInterruptedException.class)
                .hasMessageContaining("partition 0");
        assertThat(Thread.interrupted()).isTrue();
        assertThat(checkpoint.record(0).state()).isEqualTo(PartitionCheckpoint.State.PENDING);
    }

    @Test
    void checkpoint_newRun_doesNotTakePagesFromBeforeIt() {
        PartitionSet set = Partition.fromPivots(name(900), name(1_800));
        client.requestAll(set, RequestOptions.DEFAULT, page -> {});
        List<PartitionResult> pages = new ArrayList<>();
        PartitionCheckpoint checkpoint = new PartitionCheckpoint(cache, "new");
        checkpoint.recordPartitions(new PartitionCheckpoint.Header(
                "run-2",
                Clock.systemUTC().instant().plusSeconds(1),
                origin().toString(),
                "names",
                null,
                set.partitions().stream()
                        .map(partition -> partition.key(origin()))
                        .toList()));

        client.requestAll(checkpoint, RequestOptions.DEFAULT, pages::add, (partition, e) -> {});

        assertThat(pages).isNotEmpty().allMatch(page -> page.entry().source() == EntrySource.FETCHED);
    }

    @Test
    void checkpoint_ofAnotherOriginOrWithoutHeader_isRefused() {
        PartitionCheckpoint empty = new PartitionCheckpoint(cache, "empty");
        PartitionCheckpoint foreign = new PartitionCheckpoint(cache, "foreign");
        foreign.recordPartitions(new PartitionCheckpoint.Header(
                "run",
                Clock.systemUTC().instant(),
                "https://replicate.npmjs.com",
                "names",
                null,
                List.of(Partition.all().key(URI.create("https://replicate.npmjs.com")))));

        assertThatThrownBy(() -> client.rows(empty))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("no header");
        assertThatThrownBy(() -> client.rows(foreign))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("npm");
    }

    private PartitionCheckpoint checkpoint(String set, PartitionSet partitions) {
        PartitionCheckpoint checkpoint = new PartitionCheckpoint(cache, set);
        checkpoint.recordPartitions(new PartitionCheckpoint.Header(
                "run-1",
                cache.clock().instant(),
                origin().toString(),
                "names",
                client.info().updateSeq().toJson(),
                partitions.partitions().stream()
                        .map(partition -> partition.key(origin()))
                        .toList()));
        return checkpoint;
    }

    static Stream<Fault> faults() {
        return Stream.of(
                Fault.status(500, 0.3),
                Fault.status(503, 0.3),
                Fault.tooManyRequests(0.2),
                Fault.tooManyRequests(0.2).retryAfter(Duration.ZERO),
                Fault.reset(0.3),
                Fault.stall(0.1),
                Fault.stallBody(0.1),
                Fault.cut(0.3),
                Fault.cutChunked(0.3),
                Fault.cutGzip(0.3),
                Fault.wrongJson(0.2),
                Fault.emptyBody(0.2),
                Fault.html(0.2),
                Fault.otherJson(0.2),
                Fault.latency(Duration.ofMillis(5)),
                Fault.pageCap(70),
                Fault.pageCap(2),
                Fault.pageCap(1),
                Fault.zeroOffset(),
                Fault.nullOffset());
    }

    @ParameterizedTest
    @MethodSource("faults")
    void requestAll_eachFaultAlone_storesEveryNameOrFailsButNeverLies(Fault fault) {
        String first = name(100);
        String last = name(400);
        PartitionSet set = Partition.fromPivots(name(200), name(300)).clip(Partition.of(first, last));
        registry.faults().set(fault);
        List<Partition> failed = new ArrayList<>();
        // This test expects responses that stall, so it uses a short timeout. The other tests count requests and must
        // not time out on a slow response.
        try (BaseHttpClient briefHttp = http(TOKEN, Duration.ofMillis(300));
                PartitionClient brief = client(1_000, briefHttp)) {
            for (int run = 0; run < 10 && (run == 0 || !failed.isEmpty()); run++) {
                failed.clear();
                brief.requestAll(
                        set,
                        RequestOptions.of(CacheMode.FORCE_CACHE),
                        page -> {},
                        (partition, e) -> failed.add(partition));
            }
        }
        registry.faults().clear();

        assertThat(failed).isEmpty();
        assertThat(names(client.rows(set, RequestOptions.of(CacheMode.ONLY_IF_CACHED))))
                .isEqualTo(registry.names().subList(100, 400));
    }

    @Test
    void rows_namesComeAndGo_thoseThatStayedAreThereOnce() {
        List<String> before = new ArrayList<>(registry.names());
        client.close();
        client = client(50);
        registry.faults().set(Fault.drift(1));

        List<String> found = names(client.rows(Partition.all()));

        registry.faults().clear();
        List<String> stayed = new ArrayList<>(before);
        stayed.retainAll(registry.names());
        assertThat(stayed).hasSizeLessThan(before.size());
        assertThat(found).doesNotHaveDuplicates().containsAll(stayed);
    }

    @Test
    void request_webPage_isRefusedAfterAFewTries() {
        registry.faults().set(Fault.html(1));

        assertThatThrownBy(() -> client.request(Partition.all())).isInstanceOfSatisfying(OriginException.class, e -> {
            assertThat(e).hasMessageContainingAll(origin().toString(), "text/html", "200", "web page", "Check");
            assertThat(e.status()).isEqualTo(200);
        });
        assertThat(registry.requests().total()).isEqualTo(3);
    }

    @Test
    void request_damagedForEver_isRefusedAfterAFewTries() {
        for (Fault fault : List.of(Fault.emptyBody(1), Fault.otherJson(1), Fault.wrongJson(1))) {
            registry.faults().clear();
            registry.faults().set(fault);
            registry.requests().reset();

            assertThatThrownBy(() -> client.request(Partition.until("b"))).isInstanceOf(RuntimeException.class);
            assertThat(registry.requests().total()).isBetween(3L, 6L);
            assertThat(cache.has(Partition.until("b").key(origin()).toString())).isFalse();
        }
    }

    @Test
    void request_noDatabaseThere_saysWhatToGive() {
        try (PartitionClient lost = PartitionClient.builder()
                .origin(URI.create(registry.origin() + "/no-such-database"))
                .cache(cache)
                .http(http)
                .build()) {
            assertThatThrownBy(() -> lost.request(Partition.all()))
                    .isInstanceOf(OriginException.class)
                    .hasMessageContainingAll("/no-such-database", "404", "its path included");
            assertThat(registry.requests().total()).isEqualTo(1);
        }
    }

    @Test
    void info_database_returnsCountAndSequence() {
        OriginInfo info = client.info();

        assertThat(info.docCount()).isEqualTo(NAMES);
        assertThat(info.updateSeq()).isEqualTo(Sequence.of(registry.updateSeq()));
    }

    @Test
    void everything_plantedToken_isNowhere() {
        client.requestAll(Partition.fromPivots(name(1_000)), RequestOptions.DEFAULT, page -> {});
        List<String> seen = new ArrayList<>();
        try (Stream<String> keys = cache.keys("")) {
            keys.forEach(key -> {
                seen.add(key);
                cache.driver().get(key).ifPresent(stored -> {
                    seen.add(stored.head().toJson());
                    stored.body().close();
                });
            });
        }
        registry.faults().set(Fault.status(400, 1));
        seen.add(everythingAbout(
                org.assertj.core.api.Assertions.catchThrowable(() -> client.request(Partition.from("b")))));

        assertThat(seen).hasSizeGreaterThan(4).noneMatch(text -> text.contains(TOKEN));
    }

    private static String everythingAbout(Throwable e) {
        java.io.StringWriter out = new java.io.StringWriter();
        e.printStackTrace(new java.io.PrintWriter(out));
        return out.toString();
    }

    @Test
    void builder_badSettings_areRefused() {
        PartitionClientBuilder builder = PartitionClient.builder();
        for (int rows : new int[] {-1, 0, 1, 10_001}) {
            assertThatThrownBy(() -> builder.pageLimit(rows)).isInstanceOf(IllegalArgumentException.class);
        }
        assertThatThrownBy(() -> builder.concurrency(0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> builder.lifetime(Duration.ofSeconds(-1))).isInstanceOf(IllegalArgumentException.class);
        for (String origin :
                List.of("ftp://host/", "/registry", "http://user:" + TOKEN + "@host/", "http://host/?token=" + TOKEN)) {
            assertThatThrownBy(() -> PartitionClient.builder()
                            .cache(cache)
                            .origin(URI.create(origin))
                            .build())
                    .isInstanceOf(IllegalArgumentException.class)
                    .satisfies(e -> assertThat(everythingAbout(e)).doesNotContain(TOKEN));
        }
        assertThatThrownBy(() -> PartitionClient.builder()
                        .cache(cache)
                        .env(Env.of(Map.of("NPM_ORIGIN", "http://user:" + TOKEN + " @host")))
                        .build())
                .isInstanceOf(IllegalArgumentException.class)
                .satisfies(e -> assertThat(everythingAbout(e)).doesNotContain(TOKEN));
    }

    @Test
    void origin_npmInItsSpellings_isOne() {
        for (String spelling : List.of(
                "https://replicate.npmjs.com",
                "https://replicate.npmjs.com/",
                "https://replicate.npmjs.com/registry",
                "https://replicate.npmjs.com/registry/")) {
            try (PartitionClient npm = PartitionClient.builder()
                    .cache(cache)
                    .npmConfig(NpmConfig.empty())
                    .origin(URI.create(spelling))
                    .build()) {
                assertThat(Partition.until("a").key(npm.origin())).hasToString("v1:partition:npm::61");
            }
        }
        try (PartitionClient named = PartitionClient.builder()
                .cache(cache)
                .env(Env.of(Map.of("NPM_ORIGIN", "http://127.0.0.1:5984/registry/")))
                .build()) {
            assertThat(named.origin()).isEqualTo(URI.create("http://127.0.0.1:5984/registry"));
        }
    }
}
