package io.alldocs.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.alldocs.spi.HttpDates;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RetryAfterTest {

    private static final Instant NOW = Instant.parse("2026-11-22T12:00:00Z");
    private static final DateTimeFormatter IMF = DateTimeFormatter.ofPattern(
                    "EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);
    private static final DateTimeFormatter RFC850 = DateTimeFormatter.ofPattern(
                    "EEEE, dd-MMM-yy HH:mm:ss 'GMT'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);
    private static final DateTimeFormatter ASCTIME = DateTimeFormatter.ofPattern(
                    "EEE MMM ppd HH:mm:ss yyyy", Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    @Property(tries = 200)
    void parse_seconds_areCutToADay(@ForAll @LongRange(min = 0) long seconds) {
        assertThat(parse(Long.toString(seconds))).contains(Duration.ofSeconds(Math.min(seconds, 86_400)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"9", " ", "0 ", "Sun, ", "1 Jan 2026 ", "-"})
    @Timeout(value = 1, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void parse_aMillionTimesTheSame_isReadAtOnce(String part) {
        String text = "x" + part.repeat(1_000_000) + "x";
        assertThat(parse(text)).isEmpty();
        assertThat(parse(text.substring(1, text.length() - 1))).isEmpty();
        assertThat(RetryAfter.parse(Optional.of("Sun, 22 Nov 2026 12:00:07 GMT"), Optional.of(text), NOW))
                .contains(Duration.ofSeconds(7));
    }

    @Property(tries = 200)
    void parse_dateInAnyForm_isComparedWithTheAnswersDate(
            @ForAll @IntRange(min = -100_000, max = 100_000) int seconds,
            @ForAll @IntRange(min = -90_000, max = 90_000) int skew) {
        Instant server = NOW.plusSeconds(skew);
        Instant until = server.plusSeconds(seconds);
        Duration expected = Duration.ofSeconds(Math.max(0, Math.min(86_400, seconds)));
        for (DateTimeFormatter form : new DateTimeFormatter[] {IMF, RFC850, ASCTIME}) {
            assertThat(RetryAfter.parse(Optional.of(form.format(until)), Optional.of(IMF.format(server)), NOW))
                    .as(form.format(until))
                    .contains(expected);
        }
    }

    @Property(tries = 500)
    void parse_anyText_neverFailsAndStaysInRange(@ForAll String text, @ForAll String date) {
        RetryAfter.parse(Optional.of(text), Optional.of(date), NOW)
                .ifPresent(wait -> assertThat(wait).isBetween(Duration.ZERO, Duration.ofDays(1)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "-1",
                "-0",
                "+5",
                "1.5",
                "5s",
                "soon",
                "0x10",
                "Sun, 99 Nov 2026 12:00:00 GMT",
                "Sun, 22 Nov 2026"
            })
    void parse_garbage_isIgnored(String text) {
        assertThat(parse(text)).isEmpty();
    }

    @Test
    void parse_noDateHeader_comparesWithOurClock() {
        assertThat(parse("Sun, 22 Nov 2026 12:00:30 GMT")).contains(Duration.ofSeconds(30));
        assertThat(RetryAfter.parse(Optional.of("Sun, 22 Nov 2026 12:00:30 GMT"), Optional.of("yesterday"), NOW))
                .contains(Duration.ofSeconds(30));
    }

    @Test
    void parse_absent_isEmpty() {
        assertThat(RetryAfter.parse(Optional.empty(), Optional.empty(), NOW)).isEmpty();
    }

    @Test
    void parse_twoDigitYear_isAtMostFiftyYearsAhead() {
        assertThat(HttpDates.parse("Sunday, 06-Nov-94 08:49:37 GMT", NOW))
                .contains(Instant.parse("1994-11-06T08:49:37Z"));
        assertThat(HttpDates.parse("Sunday, 06-Nov-76 08:49:37 GMT", NOW))
                .contains(Instant.parse("2076-11-06T08:49:37Z"));
    }

    private static Optional<Duration> parse(String text) {
        return RetryAfter.parse(Optional.of(text), Optional.empty(), NOW);
    }
}
