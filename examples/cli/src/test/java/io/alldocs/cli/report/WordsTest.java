package io.alldocs.cli.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WordsTest {
    @ParameterizedTest
    @CsvSource({
        "0, 0 B",
        "999, 999 B",
        "1000, 1.0 kB",
        "9949, 9.9 kB",
        "9960, 10 kB",
        "999499, 999 kB",
        "999500, 1.0 MB",
        "43300000, 43 MB",
        "1500000000, 1.5 GB",
        "2000000000000000, 2000 TB"
    })
    void bytes_ofAnySize_areShort(long bytes, String words) {
        assertThat(Words.bytes(bytes)).isEqualTo(words);
    }

    @ParameterizedTest
    @CsvSource({"0, 0, -", "0, 5, 0 %", "5, 5, 100 %", "1, 2, 50.0 %", "1, 100000, < 0.1 %", "99999, 100000, > 99.9 %"})
    void percent_isAllOrNothingOnlyWhereItIsSo(long part, long whole, String words) {
        assertThat(Words.percent(part, whole)).isEqualTo(words);
    }

    @Test
    void durationsAndTimes_areInTheirLargestUnit() {
        assertThat(Words.duration(Duration.ofSeconds(59))).isEqualTo("59 s");
        assertThat(Words.duration(Duration.ofMinutes(90))).isEqualTo("1 h");
        assertThat(Words.duration(Duration.ofHours(30))).isEqualTo("1 day");
        assertThat(Words.time(Instant.parse("2026-11-25T19:30:59Z"))).isEqualTo("2026-11-25 19:30 UTC");
    }

    @ParameterizedTest
    @CsvSource({"0, 1", "1, 1", "2, 2", "3, 4", "7, 8", "9, 10", "10, 10", "11, 20", "41, 50", "950, 1000"})
    void ceiling_isTheNextRoundNumber(long value, long top) {
        assertThat(Charts.ceiling(value)).isEqualTo(top);
    }
}
