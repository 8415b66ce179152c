package io.alldocs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class QuickStartTest {

    @Test
    void quickstart_onTheEmbeddedRegistry_printsNamesOutcomeAndHit() {
        Program.Result result = Program.run("quickstart");

        assertThat(result.err()).isEmpty();
        assertThat(result.exitCode()).isZero();
        assertThat(result.out().lines())
                .hasSize(3)
                .satisfiesExactly(
                        names -> assertThat(names).isEqualTo("3 names, FETCHED"),
                        express -> assertThat(express).matches("OK, latest \\d+\\.\\d+\\.\\d+.*"),
                        again -> assertThat(again).isEqualTo("again: HIT"));
    }
}
