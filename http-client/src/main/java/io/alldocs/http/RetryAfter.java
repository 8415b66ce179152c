package io.alldocs.http;

import io.alldocs.spi.HttpDates;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.regex.Pattern;

/** Parses {@code Retry-After}, RFC 9110 §10.2.3: seconds or a date. */
final class RetryAfter {

    /**
     * Longest accepted wait; a longer one is reduced to it. The host's {@link ThrottlePolicy#maxPause()} may reduce it
     * further.
     */
    static final Duration LONGEST = Duration.ofDays(1);

    private static final Pattern SECONDS = Pattern.compile("\\d{1,100}");

    private RetryAfter() {}

    /**
     * Returns the requested wait, in [0, {@link #LONGEST}]; empty if the value is absent, negative or neither seconds
     * nor a date.
     *
     * @param date the response's {@code Date} header; a date is compared with it, so that a wrong clock on either side
     *     does not matter
     * @param now replaces a missing or unreadable {@code date}
     */
    static Optional<Duration> parse(Optional<String> value, Optional<String> date, Instant now) {
        String text = value.orElse("").strip();
        if (SECONDS.matcher(text).matches()) {
            BigInteger seconds = new BigInteger(text).min(BigInteger.valueOf(LONGEST.toSeconds()));
            return Optional.of(Duration.ofSeconds(seconds.longValueExact()));
        }
        Instant sent = date.flatMap(d -> HttpDates.parse(d, now)).orElse(now);
        return HttpDates.parse(text, now).map(until -> clamp(Duration.between(sent, until)));
    }

    private static Duration clamp(Duration wait) {
        if (wait.isNegative()) {
            return Duration.ZERO;
        }
        return wait.compareTo(LONGEST) > 0 ? LONGEST : wait;
    }
}
