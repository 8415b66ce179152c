package io.alldocs.http;

import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.regex.Pattern;

/** {@code Retry-After}, RFC 9110 §10.2.3: seconds or a date. */
final class RetryAfter {

    /**
     * Longest wait that is believed; a longer one is cut to it. The host's {@link ThrottlePolicy#maxPause()} may cut
     * further.
     */
    static final Duration LONGEST = Duration.ofDays(1);

    private static final Pattern SECONDS = Pattern.compile("\\d{1,100}");

    private RetryAfter() {}

    /**
     * The wait that is asked for, in [0, {@link #LONGEST}]; empty when the value is absent, negative or neither seconds
     * nor a date.
     *
     * @param date the answer's {@code Date} header: a date is compared with it, so that a clock that is wrong, here or
     *     there, does no harm
     * @param now taken for a missing or unreadable {@code date}
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
