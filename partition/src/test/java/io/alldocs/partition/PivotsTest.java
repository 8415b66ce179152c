package io.alldocs.partition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.alldocs.partition.PartitionTest.Samples;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class PivotsTest {
    @Property(tries = 300)
    void from_anyNames_cutsIntoTheTargetByShortestSeparators(
            @ForAll("names") Set<String> names, @ForAll @IntRange(min = 1, max = 7) int target) {
        List<String> sorted = Samples.sorted(names);

        List<String> pivots = Pivots.from(sorted, target);

        List<Integer> sizes = new ArrayList<>();
        for (Partition partition : PartitionSet.fromPivots(pivots)) {
            sizes.add((int) sorted.stream().filter(partition::contains).count());
        }
        for (int i = 0; i < sizes.size() - 1; i++) {
            assertThat(sizes.get(i)).isEqualTo(target);
        }
        assertThat(sizes.get(sizes.size() - 1)).isBetween(Math.min(1, sorted.size()), target);
        for (int i = 0; i < pivots.size(); i++) {
            String shorter = withoutLastCodePoint(pivots.get(i));
            String before = sorted.get((i + 1) * target - 1);
            assertThat(Keys.unpairedSurrogate(pivots.get(i))).isNegative();
            assertThat(shorter.isEmpty() || !Keys.isBelow(before, shorter)).isTrue();
        }
    }

    private static String withoutLastCodePoint(String text) {
        return text.substring(0, text.offsetByCodePoints(text.length(), -1));
    }

    @Provide
    Arbitrary<Set<String>> names() {
        return Samples.ids().set().ofMaxSize(40);
    }

    @Test
    void from_names_givesReadablePivots() {
        assertThat(Pivots.from(List.of("express", "express-session", "lodash", "react", "react-dom"), 2))
                .containsExactly("l", "react-");
    }

    @Test
    void from_neighboursThatDifferInASurrogate_cutsWholeCodePoints() {
        assertThat(Pivots.from(List.of("a\uD83D\uDE00", "a\uD83D\uDE01x"), 1)).containsExactly("a\uD83D\uDE01");
    }

    @Test
    void from_unsorted_isRefused() {
        assertThatThrownBy(() -> Pivots.from(List.of("a", "c", "b"), 10))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("Names must be in ascending order: \"b\" at 2 is not above \"c\" at 1.");
        assertThatThrownBy(() -> Pivots.from(List.of("a", "a"), 10)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void from_badName_isRefused() {
        assertThatThrownBy(() -> Pivots.from(List.of(""), 10)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Pivots.from(List.of("a\uD800"), 10)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Pivots.from(List.of("a"), 0)).isInstanceOf(IllegalArgumentException.class);
    }
}
