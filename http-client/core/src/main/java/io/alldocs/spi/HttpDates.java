package io.alldocs.spi;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Parses the three date formats that RFC 9110 §5.6.7 requires a recipient to accept. The day of the week is ignored: it
 * is redundant and may be wrong. Also parses the dates of RFC 1123 with a numeric zone or without seconds, which PHP
 * programs send.
 */
public final class HttpDates {

    private static final DateTimeFormatter IMF_FIXDATE = formatter("d MMM yyyy HH:mm:ss 'GMT'");
    private static final DateTimeFormatter ASCTIME = formatter("MMM d HH:mm:ss yyyy");

    private HttpDates() {}

    /**
     * Parses a date; returns empty if the text is not a date.
     *
     * @param now decides the century of a two-digit year, which is never more than 50 years ahead
     */
    public static Optional<Instant> parse(String text, Instant now) {
        String date = text.strip().replaceFirst("^[A-Za-z]{3,9},? +", "").replaceAll(" +", " ");
        return Stream.of(IMF_FIXDATE, rfc850(now), ASCTIME)
                .flatMap(form -> parse(date, form).stream())
                .findFirst()
                .or(() -> withZone(text.strip()));
    }

    private static Optional<Instant> withZone(String text) {
        try {
            return Optional.of(Instant.from(DateTimeFormatter.RFC_1123_DATE_TIME.parse(text)));
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }

    private static Optional<Instant> parse(String date, DateTimeFormatter form) {
        try {
            return Optional.of(LocalDateTime.parse(date, form).toInstant(ZoneOffset.UTC));
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }

    private static DateTimeFormatter rfc850(Instant now) {
        int firstYear = now.atOffset(ZoneOffset.UTC).getYear() - 49;
        return new DateTimeFormatterBuilder()
                .parseCaseInsensitive()
                .appendPattern("d-MMM-")
                .appendValueReduced(ChronoField.YEAR, 2, 2, firstYear)
                .appendPattern(" HH:mm:ss 'GMT'")
                .toFormatter(Locale.ROOT);
    }

    private static DateTimeFormatter formatter(String pattern) {
        return new DateTimeFormatterBuilder()
                .parseCaseInsensitive()
                .appendPattern(pattern)
                .toFormatter(Locale.ROOT);
    }
}
