package io.alldocs.packument;

import static org.assertj.core.api.Assertions.assertThat;

import io.alldocs.cache.CacheMode;
import io.alldocs.cache.RequestOptions;
import io.alldocs.cache.entry.EntrySource;
import io.alldocs.packument.StubServer.Answer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Tests documents that are too large for the store. */
class TooLargeTest {
    private static final RequestOptions FORCE = RequestOptions.of(CacheMode.FORCE_CACHE);
    private static final RequestOptions ASK = RequestOptions.of(CacheMode.NO_CACHE);

    private final Setup setup = new Setup();

    @BeforeEach
    void limit() {
        setup.driver.maxValueBytes = 5_000;
    }

    @AfterEach
    void close() {
        setup.close();
    }

    /** Returns a response of more than 5,000 bytes, with an ETag. */
    private static Answer large(String name) {
        return Answer.json(
                        200,
                        StubServer.document(name, "1.0.0")
                                .replace("\"dist-tags\"", "\"readme\":\"" + "x".repeat(6_000) + "\",\"dist-tags\""))
                .with("etag", "\"large\"")
                .with("cache-control", "max-age=300");
    }

    @ParameterizedTest
    @EnumSource(PackumentForm.class)
    void request_tooLarge_isAnOutcomeThatAResumedRunDoesNotAskForAgain(PackumentForm form) {
        try (StubServer server = new StubServer(
                        asked -> large("a").with("content-type", form.accept().split(";", -1)[0]));
                PackumentClient client =
                        setup.client(server.origin()).form(form).build()) {
            PackumentResult result = client.request("a");

            assertThat(result.outcome()).isEqualTo(Outcome.TOO_LARGE);
            assertThat(result.source()).isEqualTo(EntrySource.FETCHED);
            assertThat(result.form()).isEqualTo(form);
            assertThat(result.rev()).contains("3-abc");
            assertThat(result.reaches("3-abc")).isTrue();
            assertThat(result.reaches("4-abc")).isFalse();
            assertThat(result.entry()).isEmpty();
            assertThat(result.lastGood()).isEmpty();

            PackumentResult again = client.request("a", FORCE);
            assertThat(again.outcome()).isEqualTo(Outcome.TOO_LARGE);
            assertThat(again.source()).isEqualTo(EntrySource.HIT);
            assertThat(again.head().status()).isEqualTo(200);
            assertThat(again.head().headers()).doesNotContainKey("etag").containsKey("cache-control");
            assertThat(server.asked()).hasSize(1);
        }
    }

    @Test
    void request_tooLargeRequestedAgain_sendsNoValidators_andALargerStoreStoresIt() {
        try (StubServer server = new StubServer(asked -> large("a"));
                PackumentClient client = setup.client(server.origin()).build()) {
            client.request("a");
            assertThat(client.request("a", ASK).outcome()).isEqualTo(Outcome.TOO_LARGE);
            setup.driver.maxValueBytes = 50_000;
            setup.clock.advance(Duration.ofDays(2));
            PackumentResult taken = client.request("a");
            assertThat(taken.outcome()).isEqualTo(Outcome.OK);
            assertThat(client.request("a", FORCE).json().path("readme").asText())
                    .hasSize(6_000);
            assertThat(server.asked()).hasSize(3).allMatch(asked -> asked.header("if-none-match") == null);
        }
    }

    @Test
    void request_tooLargeNow_keepsTheLastGoodDocument() {
        List<Answer> answers =
                new ArrayList<>(List.of(Answer.packument("a", "0.9.0").with("etag", "\"small\""), large("a")));
        try (StubServer server = new StubServer(asked -> answers.remove(0));
                PackumentClient client = setup.client(server.origin()).build()) {
            assertThat(client.request("a").outcome()).isEqualTo(Outcome.OK);
            PackumentResult grown = client.request("a", ASK);
            assertThat(grown.outcome()).isEqualTo(Outcome.TOO_LARGE);
            assertThat(grown.lastGood().orElseThrow().json().path("versions").has("0.9.0"))
                    .isTrue();
            assertThat(client.request("a", FORCE).lastGood()).isPresent();
        }
    }

    @Test
    void requestAll_tooLarge_isAResultAndNoFailure() {
        List<Outcome> outcomes = new ArrayList<>();
        try (StubServer server = new StubServer(
                        asked -> asked.path().equals("/b") ? large("b") : Answer.packument("a", "1.0.0"));
                PackumentClient client = setup.client(server.origin()).build()) {
            var summary = client.requestAll(List.of("a", "b"), FORCE, result -> outcomes.add(result.outcome()));
            assertThat(outcomes).containsExactlyInAnyOrder(Outcome.OK, Outcome.TOO_LARGE);
            assertThat(summary.failed()).isZero();
            summary = client.requestAll(List.of("a", "b"), FORCE, result -> {});
            assertThat(summary.bySource()).containsEntry(EntrySource.HIT, 2L).hasSize(1);
        }
    }

    /** Nothing is stored, so no document is too large. */
    @Test
    void request_notStoring_returnsTheWhole() {
        try (StubServer server = new StubServer(asked -> large("a"));
                PackumentClient client = setup.client(server.origin()).build()) {
            PackumentResult result = client.request("a", RequestOptions.of(CacheMode.NO_STORE));
            assertThat(result.outcome()).isEqualTo(Outcome.OK);
            assertThat(result.json().path("readme").asText()).hasSize(6_000);
        }
    }
}
