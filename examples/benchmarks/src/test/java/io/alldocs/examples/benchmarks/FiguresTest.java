package io.alldocs.examples.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.Test;

class FiguresTest {
    private final Figures figures = new Figures();

    @Test
    void median_ofOddAndEvenCounts_isTheMiddle() {
        figures.add("rate", "a", 9);
        figures.add("rate", "a", 1);
        figures.add("rate", "a", 2);
        assertThat(figures.median("rate", "a")).hasValue(2);

        figures.add("rate", "a", 4);
        assertThat(figures.median("rate", "a")).hasValue(3);
        assertThat(figures.median("rate", "b")).isEmpty();
    }

    @Test
    void ratios_areOfMedians_andOnlyOfWhatWasMeasured() {
        figures.add("rate", "a", 30);
        figures.add("rate", "b", 20);
        figures.compare("rate", "a", "b", 2);
        figures.compare("rate", "a", "c", 1);

        JsonNode json = figures.toJson();
        assertThat(json.at("/figures/rate/a/median").asDouble()).isEqualTo(30);
        assertThat(json.at("/ratios").size()).isEqualTo(1);
        assertThat(json.path("ratios").path("rate, a / b").path("ratio").asDouble())
                .isEqualTo(1.5);
        assertThat(json.path("ratios").path("rate, a / b").path("wanted").asDouble())
                .isEqualTo(2);
        assertThat(figures.toTable()).contains("rate, a / b").contains("1.50").doesNotContain("a / c");
    }
}
