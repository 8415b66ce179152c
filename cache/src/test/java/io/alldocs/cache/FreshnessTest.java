package io.alldocs.cache;

import static org.assertj.core.api.Assertions.assertThat;

import io.alldocs.cache.entry.EntryMetadata;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FreshnessTest {
    private static final Instant ASKED = Instant.parse("2026-01-01T00:00:00Z");

    private static EntryMetadata head(Duration lifetime, String... headers) {
        Map<String, List<String>> map = new java.util.LinkedHashMap<>();
        for (int i = 0; i < headers.length; i += 2) {
            map.computeIfAbsent(headers[i], name -> new ArrayList<>()).add(headers[i + 1]);
        }
        return EntryMetadata.builder()
                .status(200)
                .headers(map)
                .storedAt(ASKED)
                .lifetime(lifetime)
                .build();
    }

    private static boolean fresh(EntryMetadata head, long seconds) {
        return head.isFresh(ASKED.plusSeconds(seconds));
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "a=", "a=\"", "a,", "\"", ",", " ", "max-age=\"", "=\"a\\"})
    @Timeout(value = 1, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void isFresh_aMillionTimesTheSame_isDecidedAtOnce(String part) {
        String text = part.repeat(1_000_000);
        assertThat(fresh(head(null, "Cache-Control", text), 0)).isFalse();
        assertThat(fresh(head(null, "Expires", text, "Date", text, "Age", text), 0))
                .isFalse();
    }

    /**
     * Columns: a Cache-Control value, the seconds for which its entry is fresh, and the seconds for which it may be
     * served stale.
     */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "max-age=300 | 300 | 0",
                "public, max-age=300 | 300 | 0",
                "max-age=\"300\" | 300 | 0",
                "MAX-AGE=300 | 300 | 0",
                "max-age=300, max-age=5 | 300 | 0",
                "max-age=99999999999999999999 | 2147483648 | 0",
                "max-age=-5 | 0 | 0",
                "max-age=abc | 0 | 0",
                "max-age= | 0 | 0",
                "max-age | 0 | 0",
                "s-maxage=300 | 0 | 0",
                "s-maxage=10, max-age=300 | 300 | 0",
                "no-cache, max-age=300 | 0 | 0",
                "no-store, max-age=300 | 0 | 0",
                "no-cache=\"set-cookie\", max-age=300 | 0 | 0",
                "max-age=300, must-revalidate, stale-while-revalidate=60 | 300 | 0",
                "max-age=300, stale-while-revalidate=60 | 300 | 60",
                "stale-while-revalidate=60,max-age=300 | 300 | 60",
                "max-age=0, stale-while-revalidate=60 | 0 | 60",
                "no-cache, stale-while-revalidate=60 | 0 | 0",
                "x-max-age=300 | 0 | 0",
                "private, immutable | 0 | 0",
            })
    void isFresh_cacheControl_asRfc9111Says(String cacheControl, long fresh, long stale) {
        EntryMetadata head = head(null, "Cache-Control", cacheControl);
        if (fresh > 0) {
            assertThat(fresh(head, fresh - 1)).isTrue();
        }
        assertThat(fresh(head, fresh)).isFalse();
        EntryMetadata freshness = head;
        if (stale > 0) {
            assertThat(freshness.mayServeWhileRevalidating(ASKED.plusSeconds(fresh + stale - 1)))
                    .isTrue();
        }
        assertThat(freshness.mayServeWhileRevalidating(ASKED.plusSeconds(fresh + stale)))
                .isFalse();
    }

    @Test
    void isFresh_severalCacheControlHeaders_countTogether() {
        assertThat(fresh(head(null, "Cache-Control", "public", "Cache-Control", "max-age=10"), 9))
                .isTrue();
    }

    @Test
    void isFresh_ageOfTheAnswer_countsIn() {
        assertThat(fresh(head(null, "Cache-Control", "max-age=300", "Age", "200"), 99))
                .isTrue();
        assertThat(fresh(head(null, "Cache-Control", "max-age=300", "Age", "200"), 100))
                .isFalse();
        assertThat(fresh(head(null, "Cache-Control", "max-age=300", "Age", "nonsense"), 299))
                .isTrue();
    }

    @Test
    void isFresh_expires_isMeasuredFromDate() {
        String date = "Thu, 01 Jan 2026 10:00:00 GMT";
        assertThat(fresh(head(null, "Date", date, "Expires", "Thu, 01 Jan 2026 10:05:00 GMT"), 299))
                .isTrue();
        assertThat(fresh(head(null, "Date", date, "Expires", "Thu, 01 Jan 2026 10:05:00 GMT"), 300))
                .isFalse();
        assertThat(fresh(head(null, "Expires", "Thu, 01 Jan 2026 00:05:00 GMT"), 299))
                .isTrue();
        for (String expired : List.of("0", "-1", "never", date)) {
            assertThat(fresh(head(Duration.ofHours(1), "Date", date, "Expires", expired), 0))
                    .as(expired)
                    .isFalse();
        }
        assertThat(fresh(head(null, "Date", date, "Expires", "0", "Cache-Control", "max-age=10"), 9))
                .isTrue();
    }

    @Test
    void isFresh_lifetime_countsOnlyWhereHeadersSayNothing() {
        Duration hour = Duration.ofHours(1);
        assertThat(fresh(head(hour), 3599)).isTrue();
        assertThat(fresh(head(hour), 3600)).isFalse();
        assertThat(fresh(head(hour, "Cache-Control", "must-revalidate"), 3599)).isTrue();
        assertThat(fresh(head(hour, "Cache-Control", "max-age=10"), 10)).isFalse();
        assertThat(fresh(head(hour, "Cache-Control", "no-cache"), 0)).isFalse();
        assertThat(fresh(head(null), 0)).isFalse();
    }

    @Test
    void isFresh_lastModifiedAlone_isNoReasonToGuess() {
        assertThat(fresh(head(null, "Last-Modified", "Thu, 01 Jan 2015 00:00:00 GMT"), 0))
                .isFalse();
    }

    @Test
    void isFresh_clockThatWentBackALittle_doesNotMakeAnEntryOlderOrYounger() {
        assertThat(fresh(head(null, "Cache-Control", "max-age=10"), -300)).isTrue();
        assertThat(fresh(head(null, "Cache-Control", "max-age=10", "Age", "10"), -300))
                .isFalse();
    }

    @Test
    void isFresh_clockThatWasFarAhead_isIgnored() {
        EntryMetadata freshness = head(null, "Cache-Control", "max-age=9999999, stale-while-revalidate=9999999");

        assertThat(freshness.isFresh(ASKED.minusSeconds(301))).isFalse();
        assertThat(freshness.mayServeWhileRevalidating(ASKED.minusSeconds(301))).isFalse();
    }
}
