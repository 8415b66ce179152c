package io.alldocs.cli.report;

import io.alldocs.cli.Amount;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** Formats numbers, sizes and times for people. */
final class Words {
    private static final DateTimeFormatter MINUTE =
            DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm", Locale.ROOT).withZone(ZoneOffset.UTC);
    private static final DateTimeFormatter SECOND =
            DateTimeFormatter.ofPattern("HH:mm:ss", Locale.ROOT).withZone(ZoneOffset.UTC);
    private static final String[] UNITS = {"kB", "MB", "GB", "TB"};

    private Words() {}

    static String number(long value) {
        return String.format(Locale.ROOT, "%,d", value);
    }

    /** Returns a size such as {@code 12.3 MB}, in units of 1,000. */
    static String bytes(long bytes) {
        if (bytes < 1_000) {
            return bytes + " B";
        }
        double value = bytes / 1e3;
        int unit = 0;
        while (value >= 999.5 && unit < UNITS.length - 1) {
            value /= 1e3;
            unit++;
        }
        return String.format(Locale.ROOT, value < 9.95 ? "%.1f %s" : "%.0f %s", value, UNITS[unit]);
    }

    /** Returns a number of events per second, such as {@code 0.25}, {@code 3.1} or {@code 1,200}. */
    static String rate(double perSecond) {
        if (perSecond >= 10) {
            return number(Math.round(perSecond));
        }
        return String.format(Locale.ROOT, perSecond >= 1 ? "%.1f" : "%.2f", perSecond);
    }

    /** Returns a time of day, such as {@code 19:30:05 UTC}. */
    static String clock(Instant instant) {
        return SECOND.format(instant) + " UTC";
    }

    /** Returns a date and time, such as {@code 2026-11-25 19:30 UTC}. */
    static String time(Instant instant) {
        return MINUTE.format(instant) + " UTC";
    }

    /** Returns a duration in its largest whole unit, such as {@code 3 h}. */
    static String duration(Duration duration) {
        if (duration.toDays() > 0) {
            return Amount.counted(duration.toDays(), "day");
        }
        if (duration.toHours() > 0) {
            return duration.toHours() + " h";
        }
        return duration.toMinutes() > 0 ? duration.toMinutes() + " min" : duration.toSeconds() + " s";
    }

    /** Returns a share in percent. Returns 100 % or 0 % only if that is exact, and {@code -} if {@code whole} is 0. */
    static String percent(long part, long whole) {
        if (whole == 0) {
            return "-";
        }
        double percent = 100.0 * part / whole;
        if (part > 0 && percent < 0.1) {
            return "< 0.1 %";
        }
        if (part < whole && percent > 99.9) {
            return "> 99.9 %";
        }
        return part == whole || part == 0
                ? (part == 0 ? "0 %" : "100 %")
                : String.format(Locale.ROOT, "%.1f %%", percent);
    }

    /** Returns an explanation of an outcome. */
    static String meaning(String outcome) {
        return switch (outcome) {
            case "ok" -> "the packument is stored";
            case "not_found" -> "the registry has no such package (404)";
            case "unpublished" -> "all versions were removed by their owner";
            case "security_holder" -> "npm replaced the package by a placeholder";
            case "blocked" -> "the registry refuses this name (400, 403, 410, 451)";
            case "malformed" -> "the response was not a packument";
            case "too_large" -> "the packument is larger than the store accepts";
            case "denied" -> "excluded by --allow or --deny";
            case "other_registry" -> "its scope belongs to another registry";
            case "unaskable" -> "not a valid package name";
            default -> "recorded by another version of all-docs";
        };
    }

    /** Returns a recorded outcome in words: {@code not found} for {@code not_found}. */
    static String outcome(String label) {
        return label.replace('_', ' ');
    }
}
