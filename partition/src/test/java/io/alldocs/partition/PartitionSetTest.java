package io.alldocs.partition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class PartitionSetTest {
    @Test
    void of_gap_namesTheNeighbours() {
        assertThatThrownBy(() -> PartitionSet.of(List.of(Partition.until("a"), Partition.from("b"))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("Partitions must be adjacent: [null-a] at 0 and [b-null] at 1 leave a gap.");
    }

    @Test
    void of_overlap_namesTheNeighbours() {
        for (Partition second : List.of(Partition.from("b"), Partition.until("z"), Partition.all())) {
            assertThatThrownBy(() -> PartitionSet.of(List.of(Partition.until("c"), second)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("overlap or are out of order");
        }
        assertThatThrownBy(() -> PartitionSet.of(List.of(Partition.from("a"), Partition.from("b"))))
                .hasMessageContaining("overlap");
    }

    @Test
    void of_nothing_isRefused() {
        assertThatThrownBy(() -> PartitionSet.of(List.of())).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void of_meeting_coversFromFirstToLast() {
        PartitionSet set = PartitionSet.of(List.of(Partition.of("a", "b"), Partition.of("b", "c")));

        assertThat(set.range()).isEqualTo(Partition.of("a", "c"));
        assertThat(set).containsExactly(Partition.of("a", "b"), Partition.of("b", "c"));
        assertThat(set.get(1)).isEqualTo(Partition.of("b", "c"));
    }

    @Test
    void clip_range_keepsWhatIsInside() {
        PartitionSet set = Partition.fromPivots("b", "d", "f");

        assertThat(set.clip(Partition.of("c", "e"))).hasToString("[c-d] [d-e]");
        assertThat(set.clip(Partition.of("b", "d"))).hasToString("[b-d]");
        assertThat(set.clip(Partition.until("a"))).hasToString("[null-a]");
        assertThat(set.clip(Partition.all())).isEqualTo(set);
    }

    @Test
    void clip_outside_isRefused() {
        PartitionSet set = PartitionSet.of(List.of(Partition.of("a", "b")));

        assertThatThrownBy(() -> set.clip(Partition.from("b"))).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void indexOf_everyKey_isThePartitionThatContainsIt() {
        PartitionSet set = PartitionSet.of(List.of(
                Partition.of("b", "d"), Partition.of("d", "d0"), Partition.of("d0", "x"), Partition.of("x", "z")));

        for (String key : List.of("b", "c", "d", "d!", "d0", "e", "w~", "x", "y~")) {
            assertThat(set.get(set.indexOf(key)).contains(key)).as(key).isTrue();
        }
        assertThat(PartitionSet.of(List.of(Partition.all())).indexOf("z")).isZero();
        assertThatThrownBy(() -> set.indexOf("z"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("\"z\"");
    }
}
