package io.alldocs.partition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.alldocs.cache.CacheKey;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class PartitionTest {
    private static final URI NPM = URI.create("https://replicate.npmjs.com");

    @Property(tries = 200)
    void fromPivots_anyPivotsAndKey_exactlyOnePartitionHoldsTheKey(
            @ForAll("pivots") List<String> pivots, @ForAll("keys") String key) {
        PartitionSet set = Partition.fromPivots(pivots.toArray(String[]::new));

        assertThat(set.partitions().stream().filter(partition -> partition.contains(key)))
                .hasSize(1);
        assertThat(set.size()).isEqualTo(pivots.size() + 1);
        assertThat(set.range()).isEqualTo(Partition.all());
    }

    @Property(tries = 200)
    void contains_anyRange_agreesWithUnsignedBytes(@ForAll("pivots") List<String> pivots, @ForAll("keys") String key) {
        for (Partition partition : PartitionSet.fromPivots(pivots)) {
            boolean expected = partition
                            .start()
                            .map(start -> compareBytes(start, key) <= 0)
                            .orElse(true)
                    && partition.end().map(end -> compareBytes(key, end) < 0).orElse(true);
            assertThat(partition.contains(key)).isEqualTo(expected);
        }
    }

    @Property(tries = 200)
    void of_keyOfAnyPartition_isThePartition(@ForAll("pivots") List<String> pivots) {
        for (Partition partition : PartitionSet.fromPivots(pivots)) {
            assertThat(Partition.of(CacheKey.parse(partition.key(NPM).toString())))
                    .isEqualTo(partition);
        }
    }

    @Property(tries = 200)
    void ofPrefix_anyPrefix_containsExactlyTheKeysThatBeginWithIt(
            @ForAll("keys") String prefix, @ForAll("keys") String key) {
        Partition range = Partition.ofPrefix(prefix);

        assertThat(range.contains(key)).isEqualTo(key.startsWith(prefix));
        assertThat(range.contains(prefix + key)).isTrue();
    }

    @Test
    void ofPrefix_empty_isRefused() {
        assertThatThrownBy(() -> Partition.ofPrefix(""))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("must not be empty");
    }

    @Provide
    Arbitrary<String> keys() {
        return Samples.ids();
    }

    @Provide
    Arbitrary<List<String>> pivots() {
        return Samples.ids().set().ofMaxSize(8).map(Samples::sorted);
    }

    @Test
    void toString_openEnds_areNull() {
        assertThat(Partition.fromPivots("a", "b", "c").toString()).isEqualTo("[null-a] [a-b] [b-c] [c-null]");
        assertThat(Partition.fromPivots().toString()).isEqualTo("[null-null]");
    }

    @Test
    void fromPivots_notRising_namesBothAndTheirPlaces() {
        assertThatThrownBy(() -> Partition.fromPivots("a", "c", "b"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("Pivots must be in ascending order: \"b\" at 2 is not above \"c\" at 1.");
        assertThatThrownBy(() -> Partition.fromPivots("a", "a"))
                .hasMessage("Pivots must be in ascending order: \"a\" at 1 is not above \"a\" at 0.");
    }

    @Test
    void fromPivots_supplementaryBelowPrivateUse_isRefused() {
        assertThat(Partition.fromPivots("\uE000", "\uD83D\uDE00").size()).isEqualTo(3);
        assertThatThrownBy(() -> Partition.fromPivots("\uD83D\uDE00", "\uE000"))
                .hasMessageContaining("Pivots must be in ascending order");
    }

    @Test
    void of_startNotBelowEnd_isRefused() {
        assertThatThrownBy(() -> Partition.of("b", "a"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("The start key \"b\" of a partition must be below its end key \"a\" in the order of UTF-8"
                        + " bytes.");
        assertThatThrownBy(() -> Partition.of("a", "a")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void of_emptyKey_isRefused() {
        assertThatThrownBy(() -> Partition.from(""))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("start key");
        assertThatThrownBy(() -> Partition.until(""))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("end key");
        assertThatThrownBy(() -> Partition.fromPivots(""))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("pivot");
    }

    @Test
    void of_unpairedSurrogate_isRefusedAndShownEscaped() {
        for (String bad : List.of("a\uD800", "\uDC00a", "\uD800\uD800\uDC00")) {
            assertThatThrownBy(() -> Partition.from(bad))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("unpaired surrogate")
                    .hasMessageMatching("\\p{ASCII}*");
        }
    }

    @Test
    void of_hugeKey_messageStaysReadable() {
        assertThatThrownBy(() -> Partition.of("b".repeat(10_000_000), "a"))
                .isInstanceOf(IllegalArgumentException.class)
                .satisfies(
                        e -> assertThat(String.valueOf(e.getMessage()).length()).isLessThan(400));
    }

    @Test
    void of_packumentKey_isRefused() {
        assertThatThrownBy(() -> Partition.of(CacheKey.packument(NPM, "express")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("is not the key of a partition");
    }

    private static int compareBytes(String a, String b) {
        return Arrays.compareUnsigned(a.getBytes(StandardCharsets.UTF_8), b.getBytes(StandardCharsets.UTF_8));
    }

    /** Ids as they occur on npm and elsewhere, including edge cases of the UTF-8 order. */
    static final class Samples {
        private Samples() {}

        static Arbitrary<String> ids() {
            Arbitrary<String> texts = Arbitraries.strings()
                    .withChars("ab-@/_~")
                    .withChars('\u0000', '\u007F', '\u00E9', '\uE000', '\uFFFF', '"', '\\', '+', '%', '&')
                    .ofMinLength(1)
                    .ofMaxLength(5);
            // Does not use flatMap, because jqwik would then process all texts to count the combinations.
            return Combinators.combine(texts, Arbitraries.of("", "", "", "\uD83D\uDE00"))
                    .as(String::concat);
        }

        static List<String> sorted(java.util.Collection<String> ids) {
            return ids.stream().sorted(io.alldocs.cache.spi.KeyOrder.UTF8).toList();
        }
    }
}
