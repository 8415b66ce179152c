package io.alldocs.packument;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.alldocs.Env;
import io.alldocs.cache.Cache;
import io.alldocs.cache.CacheKey;
import io.alldocs.cache.CacheMode;
import io.alldocs.cache.NotCachedException;
import io.alldocs.cache.RequestOptions;
import io.alldocs.cache.body.Body;
import io.alldocs.cache.body.BodyReceiver;
import io.alldocs.cache.body.BodyTooLargeException;
import io.alldocs.cache.body.ByteBudget;
import io.alldocs.cache.entry.EntryFormat;
import io.alldocs.cache.entry.EntryMetadata;
import io.alldocs.cache.entry.EntrySource;
import io.alldocs.http.NpmConfig;
import io.alldocs.http.TemporaryException;
import io.alldocs.packument.StubServer.Answer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests registries other than npm, with responses that mirrors and proxies have been seen to send. */
class PackumentMirrorTest {

    private static final RequestOptions FORCE = RequestOptions.of(CacheMode.FORCE_CACHE);
    private static final RequestOptions ASK = RequestOptions.of(CacheMode.NO_CACHE);

    private final Setup setup = new Setup();

    @AfterEach
    void close() {
        setup.close();
    }

    @ParameterizedTest
    @MethodSource("io.alldocs.packument.RealPackuments#names")
    void request_realPackument_comesBackByteForByte(String name) throws IOException {
        Answer answer = new Answer(
                200,
                Map.of(
                        "content-type",
                        "application/json",
                        "content-encoding",
                        "gzip",
                        "etag",
                        "\"" + name.hashCode() + "\""),
                RealPackuments.gzip(name));
        try (StubServer server = new StubServer(asked -> answer);
                PackumentClient client = setup.client(server.origin()).build()) {
            PackumentResult result = client.request("/" + name);

            assertThat(result.outcome()).isEqualTo(Outcome.OK);
            assertThat(result.entry().orElseThrow().rawBody().toByteArray()).isEqualTo(answer.body());
            try (InputStream body = result.entry().orElseThrow().bodyStream()) {
                assertThat(body.readAllBytes()).isEqualTo(RealPackuments.json(name));
            }
            assertThat(client.request(name, FORCE).json().path("versions").size())
                    .isPositive();
            assertThat(server.asked()).hasSize(1);
            assertThat(server.asked().get(0).header("accept-encoding")).isEqualTo("gzip");
            assertThat(server.asked().get(0).header("accept")).isEqualTo("application/json");
        }
    }

    @Test
    void request_abbreviatedOfAMirrorWithOnlyTheFullForm_isServedAndFoundAgain() {
        try (StubServer server = new StubServer(asked -> Answer.packument("a", "1.0.0"));
                PackumentClient client = setup.client(server.origin())
                        .form(PackumentForm.ABBREVIATED)
                        .build()) {
            PackumentResult result = client.request("a");

            assertThat(server.asked().get(0).header("accept"))
                    .isEqualTo("application/vnd.npm.install-v1+json; q=1.0, application/json; q=0.8");
            assertThat(result.outcome()).isEqualTo(Outcome.OK);
            assertThat(result.form()).isEqualTo(PackumentForm.FULL);
            assertThat(result.rev()).contains("3-abc");
            assertThat(keys())
                    .containsExactly(CacheKey.packument(server.origin(), "a").toString());

            PackumentResult again = client.request("a", FORCE);
            assertThat(again.form()).isEqualTo(PackumentForm.FULL);
            assertThat(again.json()).isEqualTo(result.json());
            assertThat(client.request("a", RequestOptions.of(CacheMode.ONLY_IF_CACHED))
                            .form())
                    .isEqualTo(PackumentForm.FULL);
            assertThat(server.asked()).hasSize(1);
        }
    }

    @Test
    void request_abbreviatedAnsweredInTheOtherForm_lastAnswerCounts() {
        String stub = "{\"_id\":\"a\",\"name\":\"a\",\"time\":{\"unpublished\":{}}}";
        Queue<Answer> answers = new ArrayDeque<>(List.of(
                Answer.json(404, "{}"),
                Answer.packument("a", "1.0.0"),
                Answer.json(200, "{\"name\":\"a\",\"versions\":{\"2.0.0\":{}}}")
                        .with("content-type", "application/vnd.npm.install-v1+json; charset=utf-8"),
                Answer.json(200, stub),
                Answer.packument("a", "3.0.0")));
        try (StubServer server = new StubServer(asked -> answers.remove());
                PackumentClient client = setup.client(server.origin())
                        .form(PackumentForm.ABBREVIATED)
                        .build()) {
            for (String expected : List.of(
                    "NOT_FOUND ABBREVIATED", "OK FULL", "OK ABBREVIATED", "UNPUBLISHED ABBREVIATED", "OK FULL")) {
                PackumentResult result = client.request("a", ASK);
                PackumentResult stored = client.request("a", FORCE);

                assertThat(result.outcome() + " " + result.form()).isEqualTo(expected);
                assertThat(stored.outcome() + " " + stored.form()).isEqualTo(expected);
                assertThat(stored.head().rev()).isEqualTo(result.head().rev());
                if (result.outcome() == Outcome.OK) {
                    assertThat(stored.json()).isEqualTo(result.json());
                }
            }
            assertThat(client.request("a", FORCE).json().path("versions").has("3.0.0"))
                    .isTrue();
        }
    }

    /** Proxies that ignore Vary return either form, whichever they stored first. */
    @Test
    @Timeout(120)
    void request_bothFormsAtOnce_eachAnsweredInTheOtherForm_areGiven() throws Exception {
        CountDownLatch bothArrived = new CountDownLatch(2);
        try (StubServer server = new StubServer(asked -> {
                    bothArrived.countDown();
                    await(bothArrived);
                    return asked.header("accept").contains("install-v1")
                            ? Answer.packument("a", "1.0.0")
                            : Answer.json(200, "{\"name\":\"a\",\"versions\":{\"1.0.0\":{}}}")
                                    .with("content-type", "application/vnd.npm.install-v1+json");
                });
                PackumentClient full = setup.client(server.origin()).build();
                PackumentClient abbreviated = setup.client(server.origin())
                        .form(PackumentForm.ABBREVIATED)
                        .build()) {
            CompletableFuture<PackumentResult> other = CompletableFuture.supplyAsync(() -> full.request("a"));

            PackumentResult result = abbreviated.request("a");

            assertThat(result.form()).isEqualTo(PackumentForm.FULL);
            assertThat(result.json().path("versions").has("1.0.0")).isTrue();
            assertThat(other.get().form()).isEqualTo(PackumentForm.ABBREVIATED);
            assertThat(other.get().json().path("versions").has("1.0.0")).isTrue();
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void request_stubInModeNoStore_isGivenWholeAndLeavesTheStoreAlone() {
        Queue<Answer> answers = new ArrayDeque<>(List.of(
                Answer.packument("a", "1.0.0"),
                Answer.json(200, "{\"name\":\"a\",\"time\":{\"unpublished\":{\"time\":\"then\"}}}")));
        try (StubServer server = new StubServer(asked -> answers.remove());
                PackumentClient client = setup.client(server.origin()).build()) {
            client.request("a");

            PackumentResult stub = client.request("a", RequestOptions.of(CacheMode.NO_STORE));

            assertThat(stub.json().path("time").path("unpublished").path("time").asText())
                    .isEqualTo("then");
            assertThat(client.request("a", FORCE).outcome()).isEqualTo(Outcome.OK);
        }
    }

    @Test
    void request_fullFormEntryHoldingTheAbbreviatedOne_isAMiss() {
        try (StubServer server = new StubServer(asked -> Answer.packument("a", "1.0.0"));
                PackumentClient client = setup.client(server.origin()).build()) {
            String key = CacheKey.packument(server.origin(), "a").toString();
            byte[] body = "{\"name\":\"a\",\"versions\":{\"0.9.0\":{}}}".getBytes(StandardCharsets.UTF_8);
            for (CacheMode mode : List.of(CacheMode.FORCE_CACHE, CacheMode.DEFAULT, CacheMode.NO_CACHE)) {
                EntryMetadata head = EntryMetadata.builder()
                        .status(200)
                        .headers(Map.of(
                                "content-type", List.of("application/vnd.npm.install-v1+json"),
                                "etag", List.of("\"x\""),
                                "cache-control", List.of("max-age=300")))
                        .storedAt(setup.clock.instant())
                        .validatedAt(setup.clock.instant())
                        .build();
                setup.cache
                        .driver()
                        .put(
                                key,
                                new EntryMetadata(
                                        200,
                                        head.headers(),
                                        null,
                                        null,
                                        null,
                                        null,
                                        body.length,
                                        null,
                                        head.storedAt(),
                                        head.validatedAt(),
                                        null,
                                        null,
                                        false),
                                Body.of(body));
                assertThatExceptionOfType(NotCachedException.class)
                        .isThrownBy(() -> client.request("a", RequestOptions.of(CacheMode.ONLY_IF_CACHED)));

                PackumentResult result = client.request("a", RequestOptions.of(mode));

                assertThat(result.json().path("versions").has("1.0.0"))
                        .as("%s", mode)
                        .isTrue();
                assertThat(server.asked())
                        .last()
                        .satisfies(asked ->
                                assertThat(asked.header("if-none-match")).isNull());
            }
        }
    }

    @Test
    void request_entryWithoutAHeadOfOurs_answersByItsBody() throws IOException {
        try (StubServer server = new StubServer(asked -> Answer.packument("a", "2.0.0"));
                PackumentClient client = setup.client(server.origin()).build()) {
            byte[] body = StubServer.document("a", "1.0.0").getBytes(StandardCharsets.UTF_8);
            // Record a digest, as cacache does, because bytes without one are not served.
            String integrity = setup.cache
                    .receiver()
                    .receive(new ByteArrayInputStream(body), null, OptionalLong.of(body.length))
                    .integrity();
            setup.cache
                    .driver()
                    .put(
                            CacheKey.packument(server.origin(), "a").toString(),
                            EntryMetadata.bare(body.length, integrity, setup.clock.instant()),
                            Body.of(body));

            PackumentResult result = client.request("a", FORCE);

            assertThat(result.outcome()).isEqualTo(Outcome.OK);
            assertThat(result.json().path("versions").has("1.0.0")).isTrue();
            assertThat(server.asked()).isEmpty();
        }
    }

    @ParameterizedTest
    @CsvSource({"400, BLOCKED", "403, BLOCKED", "404, NOT_FOUND", "410, BLOCKED", "451, BLOCKED"})
    void request_statusAboutTheName_isItsOutcome(int status, Outcome outcome) {
        try (StubServer server = new StubServer(asked -> Answer.json(status, "{\"error\":\"no\"}"));
                PackumentClient client = setup.client(server.origin()).build()) {
            PackumentResult result = client.request("a");

            assertThat(result.outcome()).isEqualTo(outcome);
            assertThat(result.head().status()).isEqualTo(status);
            assertThat(client.request("a").source()).isEqualTo(EntrySource.HIT);
            assertThat(server.asked()).hasSize(1);
        }
    }

    @Test
    void request_outcome_isRequestedAgainWhenItsLifetimeIsOver() {
        Queue<Answer> answers = new ArrayDeque<>(
                List.of(Answer.json(404, "{}"), Answer.json(404, "{}"), Answer.packument("a", "1.0.0")));
        try (StubServer server = new StubServer(asked -> answers.remove());
                PackumentClient client = setup.client(server.origin())
                        .outcomeLifetime(Duration.ofHours(2))
                        .build()) {
            client.request("a");
            setup.clock.advance(Duration.ofMinutes(119));
            assertThat(client.request("a").source()).isEqualTo(EntrySource.HIT);
            assertThat(server.asked()).hasSize(1);

            setup.clock.advance(Duration.ofMinutes(2));
            assertThat(client.request("a").outcome()).isEqualTo(Outcome.NOT_FOUND);
            assertThat(server.asked()).hasSize(2);
            assertThat(server.asked().get(1).header("if-none-match")).isNull();

            setup.clock.advance(Duration.ofDays(400));
            assertThat(client.request("a", FORCE).outcome()).isEqualTo(Outcome.NOT_FOUND);
            assertThat(client.request("a").outcome()).isEqualTo(Outcome.OK);
            assertThat(server.asked()).hasSize(3);
        }
    }

    @Test
    void request_validators_areSentBackAsTheyCame() {
        try (StubServer server = new StubServer(asked -> asked.header("If-None-Match") == null
                        ? Answer.packument("a", "1.0.0")
                                .with("etag", "W/\"77\"")
                                .with("last-modified", "Sun, 22 Nov 2026 10:00:00 GMT")
                        : new Answer(304, Map.of("etag", "\"77\""), new byte[0]));
                PackumentClient client = setup.client(server.origin()).build()) {
            client.request("a");
            PackumentResult second = client.request("a", ASK);

            assertThat(second.source()).isEqualTo(EntrySource.REVALIDATED);
            assertThat(second.outcome()).isEqualTo(Outcome.OK);
            assertThat(server.asked().get(0).header("if-none-match")).isNull();
            assertThat(server.asked().get(1).header("if-none-match")).isEqualTo("W/\"77\"");
            assertThat(server.asked().get(1).header("if-modified-since")).isEqualTo("Sun, 22 Nov 2026 10:00:00 GMT");
        }
    }

    @Test
    void request_200WithTheTagCompressionMadeWeak_countsAsUnchanged() {
        Queue<String> tags = new ArrayDeque<>(List.of("\"77\"", "W/\"77\"", "\"78\""));
        try (StubServer server =
                        new StubServer(asked -> Answer.packument("a", "1.0.0").with("etag", tags.remove()));
                PackumentClient client = setup.client(server.origin()).build()) {
            client.request("a");

            assertThat(client.request("a", ASK).source()).isEqualTo(EntrySource.REVALIDATED);
            assertThat(client.request("a", ASK).source()).isEqualTo(EntrySource.FETCHED);
        }
    }

    @Test
    void request_unsolicited304_isAnErrorAndNothingIsStored() {
        try (StubServer server = new StubServer(asked -> new Answer(304, Map.of(), new byte[0]));
                PackumentClient client = setup.client(server.origin()).build()) {
            assertThatExceptionOfType(TemporaryException.class)
                    .isThrownBy(() -> client.request("a"))
                    .withRootCauseInstanceOf(IOException.class)
                    .withMessageContaining("/a");
            assertThat(keys()).isEmpty();
        }
    }

    @Test
    void request_jsonTruncatedOnceByTheEdge_isRequestedAgain() {
        String whole = StubServer.document("a", "1.0.0");
        Queue<Answer> answers = new ArrayDeque<>(List.of(
                Answer.json(200, whole.substring(0, 20)),
                Answer.json(200, whole.substring(0, whole.length() - 3)),
                Answer.json(200, ""),
                Answer.json(200, whole)));
        try (StubServer server = new StubServer(asked -> answers.remove());
                PackumentClient client = setup.client(server.origin()).build()) {
            assertThat(client.request("a").outcome()).isEqualTo(Outcome.OK);
            assertThat(server.asked()).hasSize(4);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"_id\":\"a\",\"name\":\"a\",\"vers",
                "{\"_id\":\"a\",\"name\":\"a\",\"versions\":{\"1.0.0\":{\"x\":"
            })
    void request_jsonCutTheSameEachTime_isMalformed(String text) {
        try (StubServer server = new StubServer(asked -> Answer.json(200, text));
                PackumentClient client = setup.client(server.origin()).build()) {
            assertThat(client.request("a").outcome()).isEqualTo(Outcome.MALFORMED);
            assertThat(server.asked()).hasSize(2);
        }
    }

    @Test
    void request_rightDocumentUnderTheTagOfAMalformedOne_replacesTheOldPackument() {
        Queue<Answer> answers = new ArrayDeque<>(List.of(
                Answer.packument("a", "1.0.0").with("etag", "\"one\""),
                Answer.json(200, "{\"oops\":true}").with("etag", "\"two\""),
                Answer.json(200, "{\"oops\":true}").with("etag", "\"two\""),
                Answer.packument("a", "2.0.0").with("etag", "\"two\"")));
        try (StubServer server = new StubServer(asked -> answers.remove());
                PackumentClient client = setup.client(server.origin()).build()) {
            client.request("a");
            PackumentResult malformed = client.request("a", ASK);
            assertThat(malformed.outcome()).isEqualTo(Outcome.MALFORMED);
            assertThat(malformed
                            .lastGood()
                            .orElseThrow()
                            .json()
                            .path("versions")
                            .has("1.0.0"))
                    .isTrue();

            PackumentResult right = client.request("a", ASK);

            assertThat(right.outcome()).isEqualTo(Outcome.OK);
            assertThat(right.json().path("versions").has("2.0.0")).isTrue();
            assertThat(client.request("a", FORCE).json().path("versions").has("2.0.0"))
                    .isTrue();
        }
    }

    @ParameterizedTest
    @EnumSource(EntryFormat.class)
    void request_eitherStoredForm_keepsOutcomesAndGoodPackuments(EntryFormat format) {
        Queue<Answer> answers = new ArrayDeque<>(List.of(
                Answer.json(404, "{}"),
                Answer.packument("a", "1.0.0"),
                Answer.json(200, "{\"name\":\"a\",\"_rev\":\"4-d\",\"time\":{\"unpublished\":{}}}"),
                Answer.json(451, "{}"),
                Answer.json(404, "{}")));
        try (StubServer server = new StubServer(asked -> answers.remove());
                Cache cache = Cache.builder()
                        .driver(setup.driver)
                        .clock(setup.clock)
                        .format(format)
                        .build();
                PackumentClient client =
                        setup.client(server.origin()).cache(cache).build()) {
            for (Outcome outcome :
                    List.of(Outcome.NOT_FOUND, Outcome.OK, Outcome.UNPUBLISHED, Outcome.BLOCKED, Outcome.NOT_FOUND)) {
                boolean first = server.asked().isEmpty();

                PackumentResult result = client.request("a", ASK);
                PackumentResult stored = client.request("a", FORCE);

                assertThat(result.outcome()).isEqualTo(outcome);
                assertThat(stored.outcome()).isEqualTo(outcome);
                assertThat(stored.entry().isPresent()).isEqualTo(outcome == Outcome.OK);
                assertThat(stored.lastGood()
                                .map(entry -> entry.json().path("versions").has("1.0.0")))
                        .isEqualTo(first ? Optional.empty() : Optional.of(true));
            }
        }
    }

    @Test
    void request_documentPastTheCap_isATypedErrorAtOnce() throws IOException {
        Path spool = Files.createTempDirectory("spool");
        try (StubServer server = new StubServer(asked -> Answer.packument("a", "1.0.0"));
                Cache cache = Cache.builder()
                        .driver(setup.driver)
                        .receiver(new BodyReceiver(ByteBudget.of(1000), spool, 50))
                        .build();
                PackumentClient client =
                        setup.client(server.origin()).cache(cache).build()) {
            assertThatExceptionOfType(BodyTooLargeException.class).isThrownBy(() -> client.request("a"));
            assertThat(server.asked()).hasSize(1);
            assertThat(keys()).isEmpty();
        } finally {
            Files.deleteIfExists(spool);
        }
    }

    @Test
    void request_scopesWithTheirOwnRegistries_areRequestedThereWithTheirCredentials(@TempDir Path folder)
            throws IOException {
        try (StubServer ours = new StubServer(asked -> Answer.packument("@ours/lib", "1.0.0"));
                StubServer npm = new StubServer(
                        asked -> Answer.packument(asked.path().contains("theirs") ? "@theirs/lib" : "a", "2.0.0"))) {
            Path npmrc = folder.resolve(".npmrc");
            Files.writeString(
                    npmrc,
                    "@ours:registry=" + ours.origin() + "/npm/\n"
                            + ours.origin().toString().substring(5) + "/npm/:_authToken=planted-token\n");
            NpmConfig config = NpmConfig.loader(Map.of("npm_config_userconfig", npmrc.toString()))
                    .load();
            try (PackumentClient client = PackumentClient.builder()
                    .env(Env.of(Map.of()))
                    .cache(setup.cache)
                    .npmConfig(config)
                    .registry(npm.origin())
                    .build()) {
                assertThat(client.request("@ours/lib").outcome()).isEqualTo(Outcome.OK);
                assertThat(client.request("/@theirs%2flib").outcome()).isEqualTo(Outcome.OK);
                assertThat(client.request("a").outcome()).isEqualTo(Outcome.OK);

                assertThat(ours.paths()).containsExactly("/npm/@ours%2flib");
                assertThat(npm.paths()).containsExactly("/@theirs%2flib", "/a");
                assertThat(ours.asked().get(0).header("authorization")).isEqualTo("Bearer planted-token");
                assertThat(npm.asked())
                        .allSatisfy(asked ->
                                assertThat(asked.header("authorization")).isNull());
                assertThat(keys())
                        .contains(CacheKey.packument(URI.create(ours.origin() + "/npm/"), "@ours/lib")
                                .toString());
                assertThat(client.request("@ours/lib", FORCE).source()).isEqualTo(EntrySource.HIT);
            }
        }
    }

    @Test
    void request_registryFromEnvironment_winsOverNpmConfig(@TempDir Path folder) throws IOException {
        try (StubServer server = new StubServer(asked -> Answer.packument("a", "1.0.0"))) {
            Path npmrc = Files.writeString(folder.resolve(".npmrc"), "registry=http://127.0.0.1:1/\n");
            try (PackumentClient client = PackumentClient.builder()
                    .env(Env.of(Map.of(
                            "NPM_REGISTRY", server.origin().toString(), "npm_config_userconfig", npmrc.toString())))
                    .cache(setup.cache)
                    .build()) {
                assertThat(client.request("a").outcome()).isEqualTo(Outcome.OK);
            }
        }
    }

    private List<String> keys() {
        try (Stream<String> keys = setup.cache.keys("")) {
            return keys.toList();
        }
    }
}
