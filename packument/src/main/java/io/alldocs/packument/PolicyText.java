package io.alldocs.packument;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.Period;
import java.time.ZoneOffset;
import java.util.HashSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Parses the text of a policy file; see {@link VersionPolicy#parse}. An instance parses one text. */
final class PolicyText {
    private static final Pattern KEY = Pattern.compile("([A-Za-z][A-Za-z-]*)\\s*:(?:\\s+(.*))?");
    private static final Pattern AGE = Pattern.compile("(\\d{1,9})\\s*(w|d|h|m)");
    private static final String EXCLUDE = "-exclude";
    private static final Set<String> LISTS = Set.of("block", "allow");

    private final String text;
    private final VersionPolicy.Builder builder = VersionPolicy.builder();
    private final Set<String> keys = new HashSet<>();

    /** The key to which lines that begin with a hyphen belong; null where such a line is not allowed. */
    private @Nullable String list;

    PolicyText(String text) {
        this.text = text;
    }

    VersionPolicy policy() {
        String[] lines = text.split("\\R", -1);
        for (int i = 0; i < lines.length; i++) {
            try {
                line(withoutComment(lines[i]).strip());
            } catch (IllegalArgumentException | DateTimeException | ArithmeticException e) {
                throw new IllegalArgumentException("line " + (i + 1) + ": " + e.getMessage(), e);
            }
        }
        if (builder.isEmpty()) {
            throw new IllegalArgumentException(
                    "it has no rule. Add at least one, such as \"min-age: 7d\", or run without a policy.");
        }
        return builder.build();
    }

    /** Removes a comment, which begins the line or follows white space. */
    private static String withoutComment(String line) {
        for (int at = line.indexOf('#'); at >= 0; at = line.indexOf('#', at + 1)) {
            if (at == 0 || Character.isWhitespace(line.charAt(at - 1))) {
                return line.substring(0, at);
            }
        }
        return line;
    }

    private void line(String line) {
        if (line.isEmpty()) {
            return;
        }
        if (line.equals("-") || line.startsWith("- ")) {
            if (list == null) {
                throw new IllegalArgumentException(
                        "a line that begins with - must follow a key that accepts several values");
            }
            set(list, unquoted(line.substring(1).strip()));
            return;
        }
        Matcher matcher = KEY.matcher(line);
        if (!matcher.matches()) {
            throw new IllegalArgumentException(PackageName.quote(line) + " must have the form \"key: value\"");
        }
        String key = matcher.group(1).toLowerCase(Locale.ROOT);
        String value = matcher.group(2) == null ? "" : unquoted(matcher.group(2).strip());
        boolean several = LISTS.contains(key) || key.endsWith(EXCLUDE);
        if (!several && !keys.add(key)) {
            throw new IllegalArgumentException(key + " is set twice");
        }
        list = several && value.isEmpty() ? key : null;
        if (list == null) {
            set(key, value);
        }
    }

    private static String unquoted(String value) {
        boolean quoted = value.length() >= 2
                && (value.startsWith("\"") || value.startsWith("'"))
                && value.charAt(0) == value.charAt(value.length() - 1);
        return quoted ? value.substring(1, value.length() - 1) : value;
    }

    private void set(String key, String value) {
        if (value.isEmpty()) {
            throw new IllegalArgumentException(key + " has no value");
        }
        switch (key) {
            case "min-age" -> builder.minAge(age(value));
            case "before" -> builder.before(date(value));
            case "block" -> builder.block(value);
            case "allow" -> builder.allow(value);
            case "unknown-age" -> {
                if (!isRefuse(key, value)) {
                    builder.allowUnknownAge();
                }
            }
            default -> setRule(key, value);
        }
    }

    private void setRule(String key, String value) {
        Optional<VersionRule> rule =
                VersionRule.of(key.endsWith(EXCLUDE) ? key.substring(0, key.length() - EXCLUDE.length()) : key);
        if (rule.isPresent() && key.endsWith(EXCLUDE)) {
            builder.except(rule.get(), value);
        } else if (rule.isPresent() && VersionPolicy.Builder.SWITCHES.contains(rule.get())) {
            if (isRefuse(key, value)) {
                builder.refuse(rule.get());
            }
        } else {
            throw new IllegalArgumentException("unknown key " + PackageName.quote(key) + "; the known keys are"
                    + " min-age, before, unknown-age, block, allow, deprecated, install-scripts, lost-provenance and"
                    + " RULE-exclude");
        }
    }

    private static boolean isRefuse(String key, String value) {
        return switch (value.toLowerCase(Locale.ROOT)) {
            case "refuse" -> true;
            case "allow" -> false;
            default ->
                throw new IllegalArgumentException(
                        key + " must be refuse or allow, but is " + PackageName.quote(value));
        };
    }

    /** Parses {@code 7d}, or a duration in ISO 8601; a year has 365 days and a month 30. */
    private static Duration age(String value) {
        Matcher matcher = AGE.matcher(value.toLowerCase(Locale.ROOT));
        if (matcher.matches()) {
            long count = Long.parseLong(matcher.group(1));
            return switch (matcher.group(2)) {
                case "w" -> Duration.ofDays(7 * count);
                case "d" -> Duration.ofDays(count);
                case "h" -> Duration.ofHours(count);
                default -> Duration.ofMinutes(count);
            };
        }
        try {
            return isoAge(value);
        } catch (DateTimeException | ArithmeticException e) {
            throw new IllegalArgumentException(
                    "min-age must be a number with w, d, h or m, such as 7d, or an ISO 8601 duration such as P7D,"
                            + " but is "
                            + PackageName.quote(value),
                    e);
        }
    }

    private static Duration isoAge(String value) {
        if (value.toUpperCase(Locale.ROOT).indexOf('T') >= 0) {
            return Duration.parse(value);
        }
        Period period = Period.parse(value);
        return Duration.ofDays(Math.addExact(
                Math.addExact(Math.multiplyExact(365L, period.getYears()), Math.multiplyExact(30L, period.getMonths())),
                period.getDays()));
    }

    /** Parses a date; a day begins in UTC. */
    private static Instant date(String value) {
        try {
            return value.indexOf('T') >= 0 || value.indexOf('t') >= 0
                    ? OffsetDateTime.parse(value).toInstant()
                    : LocalDate.parse(value).atStartOfDay(ZoneOffset.UTC).toInstant();
        } catch (DateTimeException e) {
            throw new IllegalArgumentException(
                    "before must be a date such as 2026-11-01 or a time such as 2026-11-01T12:00:00Z, but is "
                            + PackageName.quote(value),
                    e);
        }
    }
}
