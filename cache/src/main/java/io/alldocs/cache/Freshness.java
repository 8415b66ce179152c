package io.alldocs.cache;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * How long an entry may be served without asking the origin: RFC 9111 §4.2 for a private cache, and RFC 5861 §3 (stale-while-revalidate).
 *
 * <ul>
 *   <li>{@code max-age}, else {@code Expires}, else the head's {@link EntryHead#lifetime()}, else not at all. {@code s-maxage} is for shared caches.
 *       No guess is made from {@code Last-Modified}: what is not said is configured.
 *   <li>{@code no-cache} and {@code no-store}: never fresh. What came with {@code no-store} is kept all the same: this cache is its user's own
 *       copy, asked for by name, and private registries send that header with every answer.
 *   <li>{@code must-revalidate} and {@code proxy-revalidate} (the latter out of care) forbid serving stale entries.
 *   <li>The age is {@code Age} plus the time since the origin was asked, so that what the answer took counts in. {@code Date} is not compared with the
 *       local clock: wrong clocks are more common than caches that send no {@code Age}.
 *   <li>What was confirmed later than now, by more than clocks of machines differ, was so by a wrong clock: it is not fresh.
 *   <li>An outcome that is {@linkplain EntryHead#isDoubtful() doubtful} is not fresh.
 * </ul>
 */
final class Freshness {
    private static final Pattern DIRECTIVE =
            Pattern.compile("([A-Za-z0-9!#$%&'*+.^_`|~-]+)(?:=(?:\"([^\"]*)\"|([^,\\s]*)))?");

    /** RFC 9111 §1.2.2: a number too large to hold counts as 2^31 seconds. */
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

    static Freshness of(EntryHead head) {
        Map<String, String> directives = directives(head.headers().getOrDefault("cache-control", ""));
        boolean never = directives.containsKey("no-cache") || directives.containsKey("no-store");
        boolean strict =
                never || directives.containsKey("must-revalidate") || directives.containsKey("proxy-revalidate");
        return new Freshness(
                never || head.isDoubtful() ? Duration.ZERO : lifetime(head, directives),
                strict || head.isDoubtful() ? Duration.ZERO : seconds(directives.get("stale-while-revalidate")),
                seconds(head.headers().get("age")),
                head.validatedAt());
    }

    boolean isFresh(Instant now) {
        return !isOfTheFuture(now) && age(now).compareTo(lifetime) < 0;
    }

    /** Whether a stale entry may still be served while it is revalidated in the background. */
    boolean mayServeWhileRevalidating(Instant now) {
        return !isOfTheFuture(now) && age(now).compareTo(lifetime.plus(staleWhileRevalidate)) < 0;
    }

    private boolean isOfTheFuture(Instant now) {
        return validatedAt.isAfter(now.plus(CLOCK_DIFFERENCE));
    }

    private Duration age(Instant now) {
        Duration resident = Duration.between(validatedAt, now);
        return initialAge.plus(resident.isNegative() ? Duration.ZERO : resident);
    }

    private static Duration lifetime(EntryHead head, Map<String, String> directives) {
        if (directives.containsKey("max-age")) {
            return seconds(directives.get("max-age"));
        }
        String expires = head.headers().get("expires");
        if (expires != null) {
            Instant from = date(head.headers().get("date")).orElse(head.validatedAt());
            // RFC 9111 §5.3: an invalid date, above all 0, means already expired.
            Duration lifetime =
                    date(expires).map(until -> Duration.between(from, until)).orElse(Duration.ZERO);
            return lifetime.isNegative() ? Duration.ZERO : lifetime;
        }
        return head.lifetime() == null ? Duration.ZERO : head.lifetime();
    }

    private static Map<String, String> directives(String cacheControl) {
        if (cacheControl.isEmpty()) {
            return Map.of();
        }
        Map<String, String> directives = new HashMap<>();
        Matcher matcher = DIRECTIVE.matcher(cacheControl);
        while (matcher.find()) {
            String value = matcher.group(2) != null ? matcher.group(2) : matcher.group(3);
            // RFC 9111 §4.2.1: of several equal directives the first counts.
            directives.putIfAbsent(matcher.group(1).toLowerCase(Locale.ROOT), value == null ? "" : value);
        }
        return directives;
    }

    /** Zero for what is no number: encouraged by RFC 9111 §4.2.1. */
    private static Duration seconds(@Nullable String text) {
        String digits = text == null ? "" : text.trim();
        if (digits.isEmpty() || !digits.chars().allMatch(c -> c >= '0' && c <= '9')) {
            return Duration.ZERO;
        }
        return Duration.ofSeconds(digits.length() > 10 ? MAX_SECONDS : Math.min(Long.parseLong(digits), MAX_SECONDS));
    }

    private static Optional<Instant> date(@Nullable String text) {
        if (text == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(Instant.from(DateTimeFormatter.RFC_1123_DATE_TIME.parse(text.trim())));
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }
}
