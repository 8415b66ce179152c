package io.alldocs.cli;

import java.time.Duration;
import java.util.Locale;

/** Formats numbers for people to read. */
public final class Amount {
    private Amount() {}

    /** Returns {@code value} with separators between thousands. */
    public static String number(long value) {
        return String.format(Locale.ROOT, "%,d", value);
    }

    /** Returns a count with its noun, such as {@code 1 name} or {@code 2,000 names}. */
    public static String counted(long count, String noun) {
        return number(count) + " " + noun + (count == 1 ? "" : "s");
    }

    /** Returns the time left of a job, such as {@code 5 s}, {@code 1:05 min} or {@code 2:07 h}. */
    public static String timeLeft(long seconds) {
        if (seconds < 60) {
            return seconds + " s";
        }
        return seconds < 3600
                ? String.format(Locale.ROOT, "%d:%02d min", seconds / 60, seconds % 60)
                : String.format(Locale.ROOT, "%,d:%02d h", seconds / 3600, seconds / 60 % 60);
    }

    /** Returns {@code bytes} in bytes, kB, MB or GB. */
    public static String bytes(long bytes) {
        if (bytes < 1_000) {
            return bytes + " bytes";
        }
        return bytes < 1_000_000
                ? String.format(Locale.ROOT, "%.1f kB", bytes / 1e3)
                : bytes < 1_000_000_000
                        ? String.format(Locale.ROOT, "%.1f MB", bytes / 1e6)
                        : String.format(Locale.ROOT, "%.1f GB", bytes / 1e9);
    }

    /** Returns {@code age} in its largest whole unit: days, hours, minutes or seconds. */
    public static String age(Duration age) {
        if (age.toDays() > 0) {
            return age.toDays() + " d";
        }
        if (age.toHours() > 0) {
            return age.toHours() + " h";
        }
        return age.toMinutes() > 0 ? age.toMinutes() + " min" : Math.max(0, age.toSeconds()) + " s";
    }
}
