package io.alldocs.partition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.alldocs.examples.registry.EmbeddedRegistry;
import io.alldocs.examples.registry.EmbeddedRegistryBuilder;
import io.alldocs.examples.registry.ExactServer;
import io.alldocs.examples.registry.ExactServer.Exact;
import io.alldocs.examples.registry.Fault;
import io.alldocs.http.BaseHttpClient;
import io.alldocs.http.HostLimiters;
import io.alldocs.http.RetryPolicy;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ChangesClientTest {
    private static EmbeddedRegistryBuilder registry() {
        return EmbeddedRegistry.builder().names(2_000);
    }

    private static BaseHttpClient http() {
        return BaseHttpClient.builder()
                .limiters(HostLimiters.create())
                .retry(new RetryPolicy(6, Duration.ofMillis(1), Duration.ofMillis(2)))
                .build();
    }

    private static ChangesClient client(EmbeddedRegistry registry, BaseHttpClient http, int pageLimit) {
        return ChangesClient.builder()
                .origin(URI.create(registry.origin() + "/registry"))
                .http(http)
                .pageLimit(pageLimit)
                .build();
    }

    /** Returns the result of a reader that keeps the newest change of each document. */
    private static Map<String, Change> newest(ChangesClient client, Sequence since) {
        Map<String, Change> newest = new LinkedHashMap<>();
        client.replay(since, page -> page.changes().forEach(change -> newest.put(change.id(), change)));
        return newest;
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 7, 500, 10_000})
    void replay_fromTheBeginning_leavesWhatTheRegistryHolds(int pageLimit) {
        try (EmbeddedRegistry registry =
                        registry().names(pageLimit == 1 ? 60 : 2_000).start();
                BaseHttpClient http = http();
                ChangesClient client = client(registry, http, pageLimit)) {
            Map<String, Change> newest = newest(client, Sequence.ZERO);

            Set<String> live = newest.values().stream()
                    .filter(change -> !change.deleted())
                    .map(Change::id)
                    .collect(Collectors.toSet());
            assertThat(live).containsExactlyInAnyOrderElementsOf(registry.names());
            assertThat(newest.values())
                    .filteredOn(change -> !change.deleted())
                    .allSatisfy(change -> assertThat(registry.rev(change.id())).contains(change.rev()));
            assertThat(newest.values()).anyMatch(Change::deleted);
        }
    }

    @Test
    void replay_fromASequence_returnsTheLaterChanges() {
        try (EmbeddedRegistry registry = registry().start();
                BaseHttpClient http = http();
                ChangesClient client = client(registry, http, 10_000)) {
            Sequence before = client.info().updateSeq();
            String gone = registry.names().get(7);
            registry.publish("a-new-name");
            registry.delete(gone);
            List<Change> changes = new ArrayList<>();

            ChangesSummary summary = client.replay(before, page -> changes.addAll(page.changes()));

            assertThat(changes).extracting(Change::id).containsExactly("a-new-name", gone);
            assertThat(changes).extracting(Change::deleted).containsExactly(false, true);
            assertThat(summary)
                    .isEqualTo(new ChangesSummary(before, client.info().updateSeq(), 1, 2, 1));
            assertThat(client.replay(summary.last(), page -> changes.clear()).changes())
                    .isZero();
            assertThat(changes).isNotEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"db_name\":\"r\",\"doc_count\":1,\"update_seq\":99999999999999999999}",
                "{\"db_name\":\"r\",\"doc_count\":99999999999999999999,\"update_seq\":1}",
                "{\"db_name\":\"r\",\"doc_count\":-1,\"update_seq\":1}",
                "{\"db_name\":\"r\",\"doc_count\":1.5,\"update_seq\":1}",
                "{\"db_name\":\"r\",\"doc_count\":1,\"update_seq\":1.5}",
                "{\"db_name\":\"r\",\"doc_count\":1,\"update_seq\":null}",
                "{\"db_name\":\"r\",\"doc_count\":1}",
                "[]",
                "null",
                "",
                "{"
            })
    void info_invalidResponse_isAnOriginException(String body) throws Exception {
        String head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " + body.length()
                + "\r\nConnection: close\r\n\r\n";
        Exact answer = new Exact((head + body).getBytes(StandardCharsets.US_ASCII), true);
        try (ExactServer server = ExactServer.start(path -> Optional.of(answer), null);
                BaseHttpClient http = http();
                ChangesClient client = ChangesClient.builder()
                        .origin(server.origin())
                        .http(http)
                        .build()) {
            assertThatThrownBy(client::info)
                    .isInstanceOf(OriginException.class)
                    .hasMessageContaining("3 times in a row");
            assertThatThrownBy(() -> client.page(Sequence.ZERO, 10)).isInstanceOf(OriginException.class);
        }
    }

    @Test
    void replay_cappedPages_continuesToTheEnd() {
        try (EmbeddedRegistry registry = registry().start();
                BaseHttpClient http = http();
                ChangesClient client = client(registry, http, 10_000)) {
            registry.faults().set(Fault.pageCap(90));

            assertThat(newest(client, Sequence.ZERO).keySet()).containsAll(registry.names());
        }
    }

    @Test
    void replay_opaqueSequences_continuesToTheEnd() {
        try (EmbeddedRegistry registry = registry().opaqueSequences().start();
                BaseHttpClient http = http();
                ChangesClient client = client(registry, http, 300)) {
            assertThat(client.info().updateSeq().number()).isEmpty();

            assertThat(newest(client, Sequence.ZERO).keySet()).containsAll(registry.names());

            Sequence last = client.info().updateSeq();
            registry.publish("a-new-name");
            assertThat(newest(client, last)).containsOnlyKeys("a-new-name");
        }
    }

    @Test
    void replay_newEpoch_isSignalledWithBothSequences() {
        try (EmbeddedRegistry registry = registry().start();
                BaseHttpClient http = http();
                ChangesClient client = client(registry, http, 10_000)) {
            Sequence before = client.info().updateSeq();
            registry.resetSequence();

            assertThatThrownBy(() -> client.replay(before, page -> {}))
                    .isInstanceOfSatisfying(SequenceResetException.class, e -> {
                        assertThat(e.stored()).isEqualTo(before);
                        assertThat(e.current()).isEqualTo(Sequence.of(registry.updateSeq()));
                        assertThat(e)
                                .hasMessageContainingAll(before.toString(), "compare revisions", "keep what is stored");
                    });
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"status", "reset", "cut", "cut-gzip", "wrong-json", "empty", "other-json", "html"})
    void replay_faults_loseNoChange(String kind) {
        Fault fault = switch (kind) {
            case "status" -> Fault.status(503, 0.2);
            case "reset" -> Fault.reset(0.2);
            case "cut" -> Fault.cut(0.2);
            case "cut-gzip" -> Fault.cutGzip(0.2);
            case "wrong-json" -> Fault.wrongJson(0.1);
            case "empty" -> Fault.emptyBody(0.1);
            case "other-json" -> Fault.otherJson(0.1);
            default -> Fault.html(0.1);
        };
        try (EmbeddedRegistry registry = registry().start();
                BaseHttpClient http = http();
                ChangesClient client = client(registry, http, 400)) {
            registry.faults().set(fault);

            assertThat(newest(client, Sequence.ZERO).keySet()).containsAll(registry.names());
        }
    }

    @Test
    void page_limitOutOfRange_isRefused() {
        try (EmbeddedRegistry registry = registry().start();
                BaseHttpClient http = http();
                ChangesClient client = client(registry, http, 10)) {
            for (int limit : new int[] {0, -1, 10_001}) {
                assertThatThrownBy(() -> client.page(Sequence.ZERO, limit))
                        .isInstanceOf(IllegalArgumentException.class);
            }
            assertThat(client.page(Sequence.ZERO, 3).changes()).hasSize(3);
        }
    }

    @Test
    void sequence_anyForm_comparesOnlyNumbers() {
        Sequence text = Sequence.of(JsonNodeFactory.instance.textNode("12-abc"));

        assertThat(Sequence.of(1).isBefore(Sequence.of(2))).isTrue();
        assertThat(Sequence.of(2).isBefore(Sequence.of(2))).isFalse();
        assertThat(text.isBefore(Sequence.of(20))).isFalse();
        assertThat(Sequence.of(1).isBefore(text)).isFalse();
        assertThat(text).hasToString("12-abc").isEqualTo(Sequence.of(text.toJson()));
        assertThat(Sequence.of(JsonNodeFactory.instance.numberNode(7)))
                .isEqualTo(Sequence.of(7))
                .hasToString("7");
        assertThatThrownBy(() -> Sequence.of(JsonNodeFactory.instance.nullNode()))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Sequence.of(JsonNodeFactory.instance.numberNode(1.5)))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
