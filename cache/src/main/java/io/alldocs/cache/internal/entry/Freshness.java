package io.alldocs.cache.internal.entry;

import io.alldocs.spi.HttpDates;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * How long an entry may be served without a request to the origin. Follows RFC 9111 §4.2 for a private cache, and RFC
 * 5861 §3 (stale-while-revalidate).
 *
 * <ul>
 *   <li>The freshness lifetime is {@code max-age}, else {@code Expires}, else the configured lifetime, else zero.
 *       {@code s-maxage} is ignored because it is for shared caches. {@code Last-Modified} is not used to estimate a
 *       lifetime; the configured lifetime applies instead.
 *   <li>A response with {@code no-cache} or {@code no-store} is never fresh. A response with {@code no-store} is stored
 *   nevertheless, because this cache is private to its user and private registries send that directive with every
 *   response.
 *   <li>{@code must-revalidate} and {@code proxy-revalidate} forbid serving stale entries. {@code proxy-revalidate} is
 *   intended for shared caches, and honored as a precaution.
 *   <li>The age is {@code Age} plus the time since the request to the origin, so it includes the duration of the
 *       response. {@code Date} is not compared with the local clock: wrong clocks are more common than caches that omit
 *       {@code Age}.
 *   <li>An entry is not fresh if its validation time is too far in the future, because a wrong clock must have recorded
 *   it. The usual difference between the clocks of machines is allowed.
 *   <li>An entry with a doubtful outcome is not fresh.
 * </ul>
 */
public final class Freshness {
    private static final Pattern DIRECTIVE =
            Pattern.compile("([A-Za-z0-9!#$%&'*+.^_`|~-]+)(?:=(?:\"([^\"]*)\"|([^,\\s]*)))?");

    /** RFC 9111 §1.2.2: a number that is too large counts as 2^31 seconds. */
    private static final long MAX_SECONDS = 1L << 31;

    private static final Duration CLOCK_DIFFERENCE = Duration.ofMinutes(5);

    private final Duration lifetime;
    private final Duration staleWhileRevalidate;
    private final Duration initialAge;
    private final Instant validatedAt;

    private Freshness(Duration lifetime, Duration staleWhileRevalidate, Duration initialAge, Instant validatedAt) {
        this.lifetime = lifetime;
        this.staleWhileRevalidate = staleWhileRevalidate;
        this.initialAge = initialAge;
        this.validatedAt = validatedAt;
    }

    /**
     * Creates the freshness of an entry from its metadata.
     *
     * @param headers stored headers, with names in lower case
     * @param configured how long the entry is fresh when its headers do not specify it; null if it is never fresh
     * @param doubtful whether an intermediary may have sent the response
     * @param validatedAt when the last response was requested
     */
    public static Freshness of(
            Map<String, String> headers, @Nullable Duration configured, boolean doubtful, Instant validatedAt) {
        Map<String, String> directives = directives(headers.getOrDefault("cache-control", ""));
        boolean never = directives.containsKey("no-cache") || directives.containsKey("no-store");
        boolean strict =
                never || directives.containsKey("must-revalidate") || directives.containsKey("proxy-revalidate");
        return new Freshness(
                never || doubtful ? Duration.ZERO : lifetime(headers, directives, configured, validatedAt),
                strict || doubtful ? Duration.ZERO : seconds(directives.get("stale-while-revalidate")),
                seconds(headers.get("age")),
                validatedAt);
    }

    /** Returns whether the entry may be served at {@code now} without a request to the origin. */
    public boolean isFresh(Instant now) {
        return !isOfTheFuture(now) && age(now).compareTo(lifetime) < 0;
    }

    /** Returns whether a stale entry may still be served while it is revalidated in the background. */
    public boolean mayServeWhileRevalidating(Instant now) {
        return !isOfTheFuture(now) && age(now).compareTo(lifetime.plus(staleWhileRevalidate)) < 0;
    }

    private boolean isOfTheFuture(Instant now) {
        return validatedAt.isAfter(now.plus(CLOCK_DIFFERENCE));
    }

    private Duration age(Instant now) {
        Duration resident = Duration.between(validatedAt, now);
        return initialAge.plus(resident.isNegative() ? Duration.ZERO : resident);
    }

    private static Duration lifetime(
            Map<String, String> headers,
            Map<String, String> directives,
            @Nullable Duration configured,
            Instant validatedAt) {
        if (directives.containsKey("max-age")) {
            return seconds(directives.get("max-age"));
        }
        String expires = headers.get("expires");
        if (expires != null) {
            Instant from = Optional.ofNullable(headers.get("date"))
                    .flatMap(date -> HttpDates.parse(date, validatedAt))
                    .orElse(validatedAt);
            // RFC 9111 §5.3: an invalid date, in particular 0, means already expired.
            Duration lifetime = HttpDates.parse(expires, validatedAt)
                    .map(until -> Duration.between(from, until))
                    .orElse(Duration.ZERO);
            return lifetime.isNegative() ? Duration.ZERO : lifetime;
        }
        return configured == null ? Duration.ZERO : configured;
    }

    private static Map<String, String> directives(String cacheControl) {
        if (cacheControl.isEmpty()) {
            return Map.of();
        }
        Map<String, String> directives = new HashMap<>();
        Matcher matcher = DIRECTIVE.matcher(cacheControl);
        while (matcher.find()) {
            String value = matcher.group(2) != null ? matcher.group(2) : matcher.group(3);
            // RFC 9111 §4.2.1: the first of several equal directives applies.
            directives.putIfAbsent(matcher.group(1).toLowerCase(Locale.ROOT), value == null ? "" : value);
        }
        return directives;
    }

    /** Returns the seconds, or zero for an invalid number, as RFC 9111 §4.2.1 encourages. */
    private static Duration seconds(@Nullable String text) {
        String digits = text == null ? "" : text.trim();
        if (digits.isEmpty() || !digits.chars().allMatch(c -> c >= '0' && c <= '9')) {
            return Duration.ZERO;
        }
        return Duration.ofSeconds(digits.length() > 10 ? MAX_SECONDS : Math.min(Long.parseLong(digits), MAX_SECONDS));
    }
}
