package io.alldocs.packument;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.alldocs.Env;
import io.alldocs.cache.Cache;
import io.alldocs.cache.CacheMode;
import io.alldocs.cache.RequestOptions;
import io.alldocs.cache.body.BodyReceiver;
import io.alldocs.cache.body.ByteBudget;
import io.alldocs.cache.entry.EntrySource;
import io.alldocs.cache.run.RunSummary;
import io.alldocs.cache.spi.StorageDriver;
import io.alldocs.cache.spi.StorageException;
import io.alldocs.cache.spi.StoredEntry;
import io.alldocs.examples.registry.EmbeddedRegistry;
import io.alldocs.examples.registry.Fault;
import io.alldocs.examples.registry.NameState;
import io.alldocs.http.AuthException;
import io.alldocs.http.BaseHttpClient;
import io.alldocs.http.Credentials;
import io.alldocs.http.HostLimiters;
import io.alldocs.http.RequestException;
import io.alldocs.http.RetryPolicy;
import io.alldocs.http.TemporaryException;
import io.alldocs.http.Timeouts;
import io.alldocs.packument.StubServer.Answer;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class PackumentRunTest {

    private static final RequestOptions FORCE = RequestOptions.of(CacheMode.FORCE_CACHE);

    private final Setup setup = new Setup();

    @AfterEach
    void close() {
        setup.close();
    }

    @Test
    void requestAll_everyName_hasItsOutcomeAndASecondRunSendsNothing() {
        try (EmbeddedRegistry registry = EmbeddedRegistry.builder()
                        .names(600)
                        .seed(3)
                        .mixedStates(true)
                        .start();
                PackumentClient client = setup.client(registry.origin()).build()) {
            registry.block(registry.names().get(7));
            registry.set(registry.names().get(8), NameState.FORBIDDEN);
            registry.set(registry.names().get(9), NameState.WRONG_NAME);
            Map<String, Outcome> first = new HashMap<>();
            RunSummary summary =
                    client.requestAll(registry.names(), FORCE, result -> first.put(result.name(), result.outcome()));

            assertThat(summary.items()).isEqualTo(600);
            assertThat(summary.failed()).isZero();
            assertThat(summary.bySource()).containsEntry(EntrySource.FETCHED, 600L);
            registry.names()
                    .forEach(name -> assertThat(first.get(name))
                            .as(name)
                            .isEqualTo(expected(registry.state(name).orElseThrow())));
            assertThat(first.get(registry.names().get(7))).isEqualTo(Outcome.BLOCKED);

            registry.requests().reset();
            setup.driver.gets.set(0);
            setup.driver.heads.set(0);
            Map<String, Outcome> second = new HashMap<>();
            summary = client.requestAll(registry.names(), FORCE, result -> second.put(result.name(), result.outcome()));

            assertThat(second).isEqualTo(first);
            assertThat(summary.bySource()).containsEntry(EntrySource.HIT, 600L);
            assertThat(registry.requests().total()).isZero();
            assertThat(setup.driver.gets.get()).isZero();
            assertThat(setup.driver.heads.get()).isEqualTo(600);
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

    static Stream<Arguments> faults() {
        return Stream.of(
                Arguments.of(
                        Fault.tooManyRequests(0.3).retryAfter(Duration.ZERO).times(3)),
                Arguments.of(Fault.tooManyRequests(1)
                        .retryAfter(Duration.ofSeconds(1))
                        .times(1)),
                Arguments.of(Fault.tooManyRequests(1).times(2)),
                Arguments.of(Fault.status(500, 0.3)),
                Arguments.of(Fault.status(503, 1).times(2)),
                Arguments.of(Fault.status(522, 0.3)),
                Arguments.of(Fault.status(408, 0.3)),
                Arguments.of(Fault.reset(0.3)),
                Arguments.of(Fault.stall(0.02)),
                Arguments.of(Fault.stallBody(0.02)),
                Arguments.of(Fault.cut(0.3)),
                Arguments.of(Fault.cutChunked(0.3)),
                Arguments.of(Fault.cutGzip(0.3)),
                Arguments.of(Fault.latency(Duration.ofMillis(10))),
                Arguments.of(Fault.emptyBody(0.3)),
                Arguments.of(Fault.html(0.3)),
                Arguments.of(Fault.otherJson(0.3)),
                Arguments.of(Fault.wrongJson(0.3)),
                Arguments.of(Fault.no304()));
    }

    /**
     * No fault may leave a wrong entry. Each name ends with the right document, with a typed error, or with MALFORMED
     * if the response was malformed.
     */
    @ParameterizedTest
    @MethodSource("faults")
    void requestAll_oneFaultAlone_leavesNoWrongEntry(Fault fault) {
        BaseHttpClient http = BaseHttpClient.builder()
                .limiters(HostLimiters.create())
                .retry(new RetryPolicy(3, Duration.ofMillis(1), Duration.ofMillis(5)))
                .timeouts(new Timeouts(Duration.ofSeconds(5), Duration.ofSeconds(10), Duration.ofMillis(400)))
                .build();
        try (http;
                EmbeddedRegistry registry = EmbeddedRegistry.builder()
                        .names(80)
                        .mixedStates(false)
                        .faults(List.of(fault))
                        .start();
                PackumentClient brief = setup.client(registry.origin())
                        .http(http)
                        .concurrency(8)
                        .consecutiveFailureLimit(1000)
                        .build();
                PackumentClient client =
                        setup.client(registry.origin()).concurrency(8).build()) {
            boolean wrongBodies = Set.of("html", "other-json", "wrong-json").contains(fault.switchName());
            Set<String> answered = new TreeSet<>();
            Map<String, RuntimeException> failed = new HashMap<>();

            brief.requestAll(
                    registry.names(),
                    FORCE,
                    result -> {
                        answered.add(result.name());
                        assertRight(registry, result, wrongBodies);
                    },
                    failed::put);

            assertThat(answered.size() + failed.size()).isEqualTo(80);
            assertThat(failed.values())
                    .allSatisfy(error -> assertThat(error)
                            .isInstanceOf(TemporaryException.class)
                            .hasMessageContaining("127.0.0.1"));

            registry.faults().clear();
            registry.requests().reset();
            client.requestAll(registry.names(), FORCE, result -> assertRight(registry, result, wrongBodies));
            assertThat(registry.requests().total()).isEqualTo(failed.size());

            client.requestAll(
                    registry.names(),
                    RequestOptions.of(CacheMode.NO_CACHE),
                    result -> assertRight(registry, result, false));
        }
    }

    private static void assertRight(EmbeddedRegistry registry, PackumentResult result, boolean wrongBodies) {
        if (wrongBodies && result.outcome() == Outcome.MALFORMED) {
            assertThat(result.entry()).isEmpty();
            return;
        }
        assertThat(result.outcome()).as(result.name()).isEqualTo(Outcome.OK);
        try (InputStream body = result.entry().orElseThrow().bodyStream()) {
            assertThat(body.readAllBytes())
                    .isEqualTo(registry.packument(result.name()).orElseThrow());
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void requestAll_rate_isObeyedAsCountedAtTheRegistryRetriesIncluded() {
        try (EmbeddedRegistry registry = EmbeddedRegistry.builder()
                        .names(45)
                        .mixedStates(false)
                        .faults(List.of(Fault.status(500, 0.2)))
                        .start();
                PackumentClient client =
                        setup.client(registry.origin()).rate(30).build()) {
            RunSummary summary = client.requestAll(registry.names(), RequestOptions.DEFAULT, result -> {});

            long requests = registry.requests().total();
            assertThat(requests).isGreaterThan(45);
            assertThat(summary.elapsed()).isGreaterThan(Duration.ofMillis(1000 * (requests - 1) / 30 - 50));
            // The limiter spaces the starts of requests. On a busy machine, requests of up to half a second may arrive
            // in one burst.
            assertThat(registry.requests().mostWithin(Duration.ofSeconds(1))).isLessThanOrEqualTo(45);
        }
    }

    @Test
    void builder_defaultRate_isPoliteAbroadFreeAtHomeAndNeverOverridesAnother() {
        HostLimiters limiters = HostLimiters.create();
        URI abroad = URI.create("http://registry.invalid/");
        URI slow = URI.create("http://slow.invalid/");
        URI home = URI.create("http://127.0.0.1:1/");
        limiters.of(slow).setRate(7);
        BaseHttpClient http = BaseHttpClient.builder()
                .limiters(limiters)
                .retry(new RetryPolicy(1, Duration.ofMillis(1), Duration.ofMillis(1)))
                .build();
        try (http) {
            for (URI registry : List.of(abroad, slow, home)) {
                assertThatExceptionOfType(TemporaryException.class)
                        .isThrownBy(
                                () -> setup.client(registry).http(http).build().request("a"));
            }
            assertThat(limiters.of(abroad).currentRate()).isEqualTo(50);
            assertThat(limiters.of(slow).currentRate()).isEqualTo(7);
            assertThat(limiters.of(home).currentRate()).isZero();

            assertThatExceptionOfType(TemporaryException.class)
                    .isThrownBy(() ->
                            setup.client(abroad).http(http).rate(0).build().request("a"));
            assertThat(limiters.of(abroad).currentRate()).isZero();
        }
    }

    @Test
    void requestAll_fiveThousandNames_keepsNoMoreThanItsConcurrencyInFlight() {
        try (EmbeddedRegistry registry = EmbeddedRegistry.builder()
                        .names(5_000)
                        .mixedStates(false)
                        .faults(List.of(Fault.latency(Duration.ofMillis(
                                2)))) // otherwise each response arrives before the next request starts
                        .start();
                PackumentClient client =
                        setup.client(registry.origin()).concurrency(12).build()) {
            AtomicInteger taken = new AtomicInteger();
            AtomicInteger done = new AtomicInteger();
            AtomicInteger mostAhead = new AtomicInteger();
            Iterable<String> names = () -> registry.names().stream()
                    .peek(name -> mostAhead.accumulateAndGet(taken.incrementAndGet() - done.get(), Math::max))
                    .iterator();

            RunSummary summary = client.requestAll(names, RequestOptions.of(CacheMode.NO_STORE), result -> {
                assertThat(result.outcome()).isEqualTo(Outcome.OK);
                done.incrementAndGet();
            });

            assertThat(summary.items()).isEqualTo(5_000);
            assertThat(summary.failed()).isZero();
            assertThat(mostAhead.get()).isLessThanOrEqualTo(3 * 12);
            // Each of the two server threads may have sent a response that it has not counted yet. The client may
            // already request the next name.
            assertThat(registry.requests().mostUnderWay()).isLessThanOrEqualTo(12 + 2);
            assertThat(registry.requests().total()).isEqualTo(5_000);
            assertThat(keys()).isEmpty();
        }
    }

    @Test
    void requestAll_giantsInFlight_spoolBeyondTheBudgetAndLeaveNothingBehind(@TempDir Path folder) {
        Path spool = folder.resolve("spool");
        int giantBytes = 3_000_000;
        byte[] filler = new byte[giantBytes];
        new Random(1).nextBytes(filler);
        String readme = Base64.getEncoder().encodeToString(filler);
        try (StubServer server = new StubServer(asked -> {
                    String name = asked.path().substring(1);
                    return Answer.json(
                            200,
                            "{\"name\":\"" + name + "\",\"versions\":{\"1.0.0\":{}},\"readme\":\"" + readme + "\"}");
                });
                Cache cache = Cache.builder()
                        .driver(setup.driver)
                        .receiver(new BodyReceiver(ByteBudget.of(3_000_000), spool, 1L << 28))
                        .build();
                PackumentClient client = setup.client(server.origin())
                        .cache(cache)
                        .concurrency(8)
                        .build()) {
            List<String> names =
                    IntStream.range(0, 24).mapToObj(i -> "giant-" + i).toList();

            RunSummary summary = client.requestAll(names, RequestOptions.DEFAULT, result -> {
                assertThat(result.outcome()).isEqualTo(Outcome.OK);
                assertThat(result.head().sizeBytes()).isGreaterThan(giantBytes);
            });

            assertThat(summary.failed()).isZero();
            assertThat(spool).as("made when the budget is used up").isEmptyDirectory();
        }
    }

    @Test
    void requestAll_invalidNames_failAloneAndTheRunContinues() {
        try (EmbeddedRegistry registry =
                        EmbeddedRegistry.builder().names("a", "b").start();
                PackumentClient client = setup.client(registry.origin()).build()) {
            Map<String, RuntimeException> failed = new HashMap<>();
            List<String> done = new ArrayList<>();

            RunSummary summary = client.requestAll(
                    List.of("a", "../../etc/passwd", "", "b"), FORCE, result -> done.add(result.name()), failed::put);

            assertThat(done).containsExactlyInAnyOrder("a", "b");
            assertThat(failed).containsOnlyKeys("../../etc/passwd", "");
            assertThat(failed.values()).allSatisfy(e -> assertThat(e).isInstanceOf(IllegalArgumentException.class));
            assertThat(summary.failed()).isEqualTo(2);
        }
    }

    @Test
    void requestAll_unauthorized_endsTheRunAtOnce() {
        try (EmbeddedRegistry registry =
                        EmbeddedRegistry.builder().names(500).token("right").start();
                PackumentClient client =
                        setup.client(registry.origin()).concurrency(4).build()) {
            assertThatExceptionOfType(AuthException.class)
                    .isThrownBy(() -> client.requestAll(registry.names(), FORCE, result -> {}))
                    .satisfies(e -> assertThat(e.status()).hasValue(401));
            assertThat(registry.requests().total()).isLessThanOrEqualTo(8);
            assertThat(keys()).isEmpty();
        }
    }

    @Test
    void requestAll_everythingForbidden_endsAfterTheLimitAndRecordsNothing() {
        try (EmbeddedRegistry registry = EmbeddedRegistry.builder()
                        .names(300)
                        .mixedStates(false)
                        .faults(List.of(Fault.status(403, 1)))
                        .start();
                PackumentClient client =
                        setup.client(registry.origin()).concurrency(4).build()) {
            AtomicInteger blocked = new AtomicInteger();
            assertThatExceptionOfType(AuthException.class)
                    .isThrownBy(() -> client.requestAll(registry.names(), FORCE, result -> blocked.incrementAndGet()))
                    .satisfies(e -> assertThat(e.status()).hasValue(403));
            assertThat(registry.requests().total()).isBetween(20L, 30L);
            assertThat(blocked.get()).isLessThanOrEqualTo(24);
            assertThat(keys()).isEmpty();

            registry.faults().clear();
            RunSummary summary = client.requestAll(
                    registry.names(),
                    FORCE,
                    result -> assertThat(result.outcome()).isEqualTo(Outcome.OK));
            assertThat(summary.items()).isEqualTo(300);
        }
    }

    @Test
    void requestAll_refusalsAmongGoodAnswers_areBlockedNames() {
        try (EmbeddedRegistry registry =
                        EmbeddedRegistry.builder().names(200).mixedStates(false).start();
                PackumentClient client =
                        setup.client(registry.origin()).concurrency(1).build()) {
            for (int i = 0; i < 200; i += 2) {
                registry.set(registry.names().get(i), NameState.FORBIDDEN);
            }
            AtomicInteger blocked = new AtomicInteger();

            client.requestAll(
                    registry.names(), FORCE, result -> blocked.addAndGet(result.outcome() == Outcome.BLOCKED ? 1 : 0));

            assertThat(blocked.get()).isEqualTo(100);
            assertThat(keys()).hasSize(200);
        }
    }

    @Test
    void requestAll_originIsAWebSite_endsAfterTheLimitAndRecordsNothing() {
        try (EmbeddedRegistry registry = EmbeddedRegistry.builder()
                        .names(300)
                        .mixedStates(false)
                        .faults(List.of(Fault.html(1)))
                        .start();
                PackumentClient client =
                        setup.client(registry.origin()).concurrency(4).build()) {
            assertThatExceptionOfType(NotARegistryException.class)
                    .isThrownBy(() -> client.requestAll(registry.names(), FORCE, result -> {}))
                    .withMessageContaining(registry.origin().toString())
                    .withMessageContaining("did not come from a registry");
            assertThat(registry.requests().total()).isBetween(20L, 30L);
            assertThat(keys()).isEmpty();
        }
    }

    @Test
    void requestAll_consumerThatThrows_endsTheRunWithItsError() {
        try (EmbeddedRegistry registry = EmbeddedRegistry.builder().names(300).start();
                PackumentClient client =
                        setup.client(registry.origin()).concurrency(2).build()) {
            assertThatExceptionOfType(ArithmeticException.class)
                    .isThrownBy(() -> client.requestAll(registry.names(), FORCE, result -> {
                        throw new ArithmeticException("enough");
                    }));
            assertThat(registry.requests().total()).isLessThan(50);
        }
    }

    @Test
    void requestAll_registryGone_failsEachNameWithATypedError() {
        try (PackumentClient client =
                setup.client(URI.create("http://127.0.0.1:1/")).build()) {
            List<RuntimeException> errors = new ArrayList<>();

            client.requestAll(List.of("a", "b"), FORCE, result -> {}, (name, error) -> errors.add(error));

            assertThat(errors).hasSize(2).allSatisfy(e -> assertThat(e).isInstanceOf(RequestException.class));
        }
    }

    @Test
    void everything_plantedToken_appearsNowhereButInTheRequest() throws IOException {
        String token = "npm_PLANTEDtokenPLANTEDtoken";
        List<String> said = new CopyOnWriteArrayList<>();
        Handler listener = new Handler() {
            @Override
            public void publish(LogRecord entry) {
                said.add(entry.getMessage() + Arrays.toString(entry.getParameters()) + entry.getThrown());
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
        Logger logger = Logger.getLogger("io.alldocs");
        logger.addHandler(listener);
        logger.setLevel(Level.ALL);
        logger.setUseParentHandlers(false);
        Credentials credentials = uri -> Optional.of("Bearer " + token);
        try (Setup own = new Setup(credentials);
                StubServer server = new StubServer(asked -> switch (asked.path()) {
                    case "/ok" ->
                        Answer.packument("ok", "1.0.0")
                                .with("set-cookie", token)
                                .with("x-echo", "fine");
                    case "/missing" -> Answer.json(404, "{\"error\":\"" + asked.header("authorization") + "\"}");
                    case "/broken" -> Answer.json(500, "{\"error\":\"" + asked.header("authorization") + "\"}");
                    case "/odd" -> Answer.json(418, asked.header("authorization"));
                    case "/malformed" -> Answer.json(200, "<p>" + asked.header("authorization"));
                    default -> Answer.json(401, "no " + asked.header("authorization"));
                });
                PackumentClient client = own.client(server.origin()).build()) {
            for (String name : List.of("ok", "missing", "broken", "odd", "malformed", "secret")) {
                try {
                    said.add(client.request(name).toString());
                } catch (RequestException e) {
                    for (Throwable t = e; t != null; t = t.getCause()) {
                        said.add(t.toString());
                    }
                }
            }
            assertThat(server.asked())
                    .allSatisfy(
                            asked -> assertThat(asked.header("authorization")).contains(token));
            try (Stream<String> keys = own.cache.keys("")) {
                keys.forEach(key -> {
                    said.add(key);
                    StoredEntry entry = own.driver.get(key).orElseThrow();
                    said.add(entry.head().toJson());
                    try {
                        said.add(new String(entry.body().toByteArray(), StandardCharsets.ISO_8859_1));
                    } catch (IOException e) {
                        throw new AssertionError(e);
                    }
                });
            }
        } finally {
            logger.removeHandler(listener);
            logger.setLevel(null);
            logger.setUseParentHandlers(true);
        }
        assertThat(said)
                .hasSizeGreaterThan(8)
                .allSatisfy(text -> assertThat(text).doesNotContain("PLANTED"));
    }

    @Test
    void requestAll_storeThatIsGone_endsTheRun() {
        try (EmbeddedRegistry registry = EmbeddedRegistry.builder().names(300).start()) {
            StorageDriver broken = org.mockito.Mockito.mock(StorageDriver.class, call -> {
                if (List.of("get", "head", "put").contains(call.getMethod().getName())) {
                    throw new StorageException("Cannot reach the store", false, null);
                }
                return call.getMethod().invoke(setup.driver, call.getArguments());
            });
            try (Cache cache = Cache.builder().driver(broken).build();
                    PackumentClient client = PackumentClient.builder()
                            .env(Env.of(Map.of()))
                            .cache(cache)
                            .http(setup.http)
                            .registry(registry.origin())
                            .concurrency(4)
                            .build()) {
                assertThatExceptionOfType(StorageException.class)
                        .isThrownBy(() -> client.requestAll(registry.names(), FORCE, result -> {}));
                assertThat(registry.requests().total()).isLessThan(20);
            }
        }
    }

    private List<String> keys() {
        try (Stream<String> keys = setup.cache.keys("")) {
            return keys.toList();
        }
    }
}
