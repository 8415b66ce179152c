package io.alldocs.examples.registry;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ChangesTest {
    private static List<JsonNode> replay(EmbeddedRegistry registry, long since, int limit)
            throws IOException, InterruptedException {
        List<JsonNode> rows = new ArrayList<>();
        long at = since;
        while (true) {
            JsonNode page = Client.json(registry, "/registry/_changes?limit=" + limit + "&since=" + at);
            assertThat(page.has("pending")).isFalse();
            page.path("results").forEach(rows::add);
            at = page.path("last_seq").asLong();
            if (page.path("results").isEmpty()) {
                return rows;
            }
        }
    }

    @Test
    void changes_wholeFeed_holdsEveryDocumentOnceInRisingSequences() throws Exception {
        try (EmbeddedRegistry registry =
                EmbeddedRegistry.builder().names(3_000).seed(5).start()) {
            List<JsonNode> rows = replay(registry, 0, 700);

            assertThat(rows).hasSize(4_000);
            Map<String, String> live = new HashMap<>();
            long before = 0;
            for (JsonNode row : rows) {
                assertThat(row.path("seq").asLong()).isGreaterThan(before);
                before = row.path("seq").asLong();
                assertThat(row.path("changes")).hasSize(1);
                if (!row.path("deleted").asBoolean()) {
                    String rev = row.path("changes").path(0).path("rev").asText();
                    assertThat(live.put(row.path("id").asText(), rev)).isNull();
                }
            }
            assertThat(before).isEqualTo(registry.updateSeq()).isGreaterThan(20 * 4_000);
            assertThat(live.keySet()).isEqualTo(new HashSet<>(registry.names()));
            live.forEach((name, rev) -> assertThat(registry.rev(name)).hasValue(rev));
        }
    }

    @Test
    void changes_afterMutations_showOnlyTheLastOfEachName() throws Exception {
        try (EmbeddedRegistry registry =
                EmbeddedRegistry.builder().names("a", "b", "c", "d").start()) {
            long before = registry.updateSeq();
            registry.publish("a");
            registry.publish("new");
            registry.publish("a");
            registry.delete("b");
            registry.unpublish("c");

            List<JsonNode> rows = replay(registry, before, 2);

            assertThat(rows).extracting(row -> row.path("id").asText()).containsExactly("new", "a", "b", "c");
            assertThat(rows)
                    .extracting(row -> row.path("deleted").asBoolean())
                    .containsExactly(false, false, true, false);
            assertThat(rows.get(1).path("changes").path(0).path("rev").asText())
                    .isEqualTo(registry.rev("a").orElseThrow());
            assertThat(replay(registry, 0, 3)).hasSize(5);
            assertThat(registry.names()).containsExactly("a", "c", "d", "new");
        }
    }

    @Test
    void changes_deletedAndPublishedAgain_isLiveWithAHigherRevision() throws Exception {
        try (EmbeddedRegistry registry = EmbeddedRegistry.builder().names("a").start()) {
            int generation = generation(registry);
            registry.delete("a");
            registry.publish("a");

            assertThat(generation(registry)).isEqualTo(generation + 2);
            assertThat(Client.ids(Client.json(registry, "/_all_docs"))).containsExactly("a");
        }
    }

    private static int generation(EmbeddedRegistry registry) {
        return Integer.parseInt(registry.rev("a").orElseThrow().replaceAll("-.*", ""));
    }

    @Test
    void changes_descending_beginsWithTheNewest() throws Exception {
        try (EmbeddedRegistry registry = EmbeddedRegistry.builder().names(100).start()) {
            registry.publish("newest");

            JsonNode page = Client.json(registry, "/_changes?descending=true&limit=2");

            assertThat(Client.ids(page)).hasSize(2).first().isEqualTo("newest");
            assertThat(page.path("results").path(0).path("seq").asLong()).isEqualTo(registry.updateSeq());
            assertThat(page.path("results").path(1).path("seq").asLong()).isLessThan(registry.updateSeq());
        }
    }

    @Test
    void changes_withoutLimit_hold1000Rows() throws Exception {
        try (EmbeddedRegistry registry =
                EmbeddedRegistry.builder().names(11_000).start()) {
            assertThat(Client.json(registry, "/_changes").path("results")).hasSize(1_000);
            assertThat(Client.json(registry, "/_changes?limit=99999").path("results"))
                    .hasSize(10_000);
        }
    }

    @Test
    void changes_sinceTheEnd_areEmptyAndKeepTheSequence() throws Exception {
        try (EmbeddedRegistry registry = EmbeddedRegistry.builder().names(10).start()) {
            JsonNode page = Client.json(registry, "/_changes?since=" + registry.updateSeq());

            assertThat(page.path("results")).isEmpty();
            assertThat(page.path("last_seq").asLong()).isEqualTo(registry.updateSeq());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"include_docs=true", "feed=continuous", "feed=longpoll", "since=x", "limit=-3"})
    void changes_refusedParameter_is400(String query) throws Exception {
        try (EmbeddedRegistry registry = EmbeddedRegistry.builder().names(1).start()) {
            assertThat(Client.get(registry, "/_changes?" + query).statusCode()).isEqualTo(400);
        }
    }

    @Test
    void resetSequence_afterChanges_beginsLowerWithTheSameDocuments() throws Exception {
        try (EmbeddedRegistry registry =
                EmbeddedRegistry.builder().names(500).seed(9).start()) {
            registry.publish("one-more");
            registry.delete(registry.names().get(10));
            List<JsonNode> before = replay(registry, 0, 1_000);
            long highest = registry.updateSeq();

            registry.resetSequence();

            assertThat(registry.updateSeq()).isPositive().isLessThan(highest);
            List<JsonNode> after = replay(registry, 0, 1_000);
            assertThat(after)
                    .extracting(row -> row.path("id") + " " + row.path("changes"))
                    .isEqualTo(before.stream()
                            .map(row -> row.path("id") + " " + row.path("changes"))
                            .toList());
            assertThat(after.get(after.size() - 1).path("seq").asLong()).isEqualTo(registry.updateSeq());
            long epoch = registry.updateSeq();
            registry.publish("one-more");
            assertThat(replay(registry, epoch, 10)).hasSize(1);
        }
    }

    @Test
    void opaqueSequences_followed_reachTheEnd() throws Exception {
        try (EmbeddedRegistry registry =
                EmbeddedRegistry.builder().names(50).opaqueSequences().start()) {
            assertThat(Client.json(registry, "/").path("update_seq").asText()).matches("\\d+-g1AAAA.+");
            String since = "0";
            List<String> ids = new ArrayList<>();
            for (JsonNode page = Client.json(registry, "/_changes?limit=20");
                    !page.path("results").isEmpty();
                    page = Client.json(registry, "/_changes?limit=20&since=" + Client.encode(since))) {
                ids.addAll(Client.ids(page));
                since = page.path("last_seq").asText();
                assertThat(page.path("pending").asInt()).isEqualTo(66 - ids.size());
            }
            assertThat(ids).hasSize(66).containsAll(registry.names());
        }
    }
}
