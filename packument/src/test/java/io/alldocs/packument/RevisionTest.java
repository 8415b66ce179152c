package io.alldocs.packument;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class RevisionTest {

    @ParameterizedTest
    @CsvSource({
        "1-a, 1",
        "412-8f3e0c6f6a4e2bb3a3d1f5d5c0ffee00, 412",
        "0-0, 0",
        "999999999999999999-x, 999999999999999999"
    })
    void generation_revision_isItsNumber(String rev, long generation) {
        assertThat(Revision.generation(rev)).isEqualTo(OptionalLong.of(generation));
    }

    @ParameterizedTest
    @NullSource
    @ValueSource(strings = {"", "-", "7", "7-", "-a", "x-a", "1x-a", "+1-a", "1.5-a", "9999999999999999999-a", "١-a"})
    void generation_noRevision_isEmpty(String rev) {
        assertThat(Revision.generation(rev)).isEmpty();
    }

    @Test
    void isBehind_onlyProvenEarlierGenerations() {
        assertThat(Revision.isBehind("9-a", "10-b")).isTrue();
        assertThat(Revision.isBehind("10-a", "10-b")).isFalse();
        assertThat(Revision.isBehind("11-a", "10-b")).isFalse();
        assertThat(Revision.isBehind(null, "10-b")).isFalse();
        assertThat(Revision.isBehind("damaged", "10-b")).isFalse();
        assertThat(Revision.isBehind("9-a", "damaged")).isFalse();
    }

    @Test
    void hasReached_sameRevisionOrProvenLaterGeneration() {
        assertThat(Revision.hasReached("10-b", "10-b")).isTrue();
        assertThat(Revision.hasReached("11-a", "10-b")).isTrue();
        assertThat(Revision.hasReached("10-a", "10-b")).isFalse();
        assertThat(Revision.hasReached("9-a", "10-b")).isFalse();
        assertThat(Revision.hasReached(null, "10-b")).isFalse();
        assertThat(Revision.hasReached("damaged", "10-b")).isFalse();
    }
}
