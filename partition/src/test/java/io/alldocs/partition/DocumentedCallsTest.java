package io.alldocs.partition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.alldocs.Env;
import io.alldocs.cache.Cache;
import io.alldocs.cache.CacheKey;
import io.alldocs.cache.RequestOptions;
import io.alldocs.cache.run.RunSummary;
import io.alldocs.examples.registry.EmbeddedRegistry;
import java.net.URI;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

/** Runs the calls of {@code @_all_docs/partition} as its documentation shows them. */
class DocumentedCallsTest {

    // ---- Partition.fromPivots(['a', 'b', 'c', 'd'])

    @Test
    void fromPivots_documentedExample_hasOpenEnds() {
        assertThat(Partition.fromPivots("a", "b", "c", "d"))
                .containsExactly(
                        Partition.of(null, "a"),
                        Partition.of("a", "b"),
                        Partition.of("b", "c"),
                        Partition.of("c", "d"),
                        Partition.of("d", null));
    }

    @Test
    void fromPivots_nullAtEitherEnd_meansTheOpenEnd() {
        PartitionSet open = Partition.fromPivots("a", "b");

        assertThat(Partition.fromPivots(null, "a", "b")).isEqualTo(open);
        assertThat(Partition.fromPivots("a", "b", null)).isEqualTo(open);
        assertThat(Partition.fromPivots(null, "a", "b", null)).isEqualTo(open);
        assertThat(PartitionSet.fromPivots(Arrays.asList(null, "a", "b", null))).isEqualTo(open);
        PartitionSet all = Partition.fromPivots();
        assertThat(all).containsExactly(Partition.all());
        assertThat(Partition.fromPivots((String) null)).isEqualTo(all);
        assertThat(Partition.fromPivots((String[]) null)).isEqualTo(all);
        assertThat(Partition.fromPivots(null, null)).isEqualTo(all);
    }

    @Test
    void fromPivots_nullBetweenPivots_isRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Partition.fromPivots("a", null, "b"))
                .withMessageContaining("The pivot at 1 is null");
        assertThatIllegalArgumentException().isThrownBy(() -> Partition.fromPivots(null, null, "b"));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Partition.fromPivots(null, "b", "a", null))
                .withMessageContaining("Pivots must be in ascending order: \"a\" at 2 is not above \"b\" at 1");
        assertThatIllegalArgumentException().isThrownBy(() -> Partition.fromPivots("", null));
    }

    // ---- Partition.cacheKey('a', 'b', 'https://replicate.npmjs.com') → "v1:partition:npm:61:62"

    @Test
    void cacheKey_documentedExample_isTheDocumentedKey() {
        assertThat(Partition.of("a", "b").key(URI.create("https://replicate.npmjs.com")))
                .hasToString("v1:partition:npm:61:62");
    }

    // ---- client.requestAll with pivots

    @Test
    void requestAll_pivots_walksTheWholeKeySpace() {
        try (EmbeddedRegistry registry = EmbeddedRegistry.builder()
                        .names(List.of("@acme/tool", "alpha", "beta", "gamma"))
                        .start();
                Cache cache = Cache.builder().build();
                PartitionClient client = PartitionClient.builder()
                        .env(Env.of(Map.of()))
                        .cache(cache)
                        .origin(registry.origin())
                        .build()) {
            Set<String> pages = new TreeSet<>();

            RunSummary summary = client.requestAll(
                    Arrays.asList(null, "b", "c", null),
                    RequestOptions.DEFAULT,
                    page -> pages.add(page.partition().toString()));

            assertThat(summary.failed()).isZero();
            assertThat(pages).containsExactly("[b-c]", "[c-null]", "[null-b]");
            assertThat(
                            cache
                                    .entry(CacheKey.partition(client.origin(), "b", "c"))
                                    .orElseThrow()
                                    .json()
                                    .path("rows")
                                    .stream()
                                    .map(row -> row.path("id").asText())
                                    .toList())
                    .containsExactly("beta");
            assertThatIllegalArgumentException()
                    .isThrownBy(() ->
                            client.requestAll(List.of("b", "a"), RequestOptions.DEFAULT, page -> pages.add("never")));
        }
    }

    // ---- a sequence is stored as text and read back

    @Test
    void sequence_readBackFromText_isTheSame() {
        assertThat(Sequence.parse("0")).isEqualTo(Sequence.ZERO);
        assertThat(Sequence.parse("118392817").number()).hasValue(118_392_817L);
        assertThat(Sequence.parse("12").isBefore(Sequence.of(13))).isTrue();
        Sequence opaque = Sequence.of(JsonNodeFactory.instance.textNode("23-g1AAAACheJzLYW"));
        assertThat(Sequence.parse(opaque.toString())).isEqualTo(opaque);
        for (String text : List.of("007", "9223372036854775808", "-0", "+5", "1e3", "null", "1 2")) {
            assertThat(Sequence.parse(text)).hasToString(text);
            assertThat(Sequence.parse(text).number()).isEmpty();
        }
        for (String nothing : List.of("", " ")) {
            assertThatIllegalArgumentException().isThrownBy(() -> Sequence.parse(nothing));
        }
    }

    @Property
    void sequence_anyNumber_survivesItsText(@ForAll long number) {
        assertThat(Sequence.parse(Sequence.of(number).toString())).isEqualTo(Sequence.of(number));
    }
}
