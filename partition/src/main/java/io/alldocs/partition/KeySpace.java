package io.alldocs.partition;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Finds a key between two others at a given fraction of the distance. It assumes that ids use npm's characters about as
 * often as npm's package names do. The guess need not be accurate, because the caller checks the result and guesses
 * again.
 */
final class KeySpace {
    /** Code points that a guess may contain, in ascending order. */
    private static final String ALPHABET =
            "!'()*-./0123456789@ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz~\u0080";

    /**
     * Maximum depth. At greater depths, the difference between two adjacent keys is below the precision of a double.
     */
    private static final int MAX_DEPTH = 9;

    private static final double[] LOWER = new double[ALPHABET.length() + 1];

    static {
        double sum = 0;
        for (int i = 0; i < ALPHABET.length(); i++) {
            LOWER[i] = sum;
            sum += weight(ALPHABET.charAt(i));
        }
        LOWER[ALPHABET.length()] = sum;
        for (int i = 0; i < LOWER.length; i++) {
            LOWER[i] /= sum;
        }
    }

    private KeySpace() {}

    private static double weight(char c) {
        if ((c >= 'a' && c <= 'z') || c == '-' || c == '/') {
            return 10;
        }
        return (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '@' ? 2 : 0.1;
    }

    /**
     * Returns a key strictly between {@code low} and {@code high}, as short as possible at that position.
     *
     * @param low lower bound, null for before every key
     * @param high upper bound, null for after every key
     * @param fraction above 0, below 1
     * @return empty if the two keys are too close for a guess
     */
    static Optional<String> between(@Nullable String low, @Nullable String high, double fraction) {
        String from = low == null ? "" : low;
        int common = high == null ? 0 : commonPrefix(from, high);
        double a = place(from, common);
        double b = high == null ? 1 : place(high, common);
        return high != null && b <= a ? Optional.empty() : spell(from, common, high, a + (b - a) * fraction);
    }

    private static int commonPrefix(String a, String b) {
        int length = Math.min(a.length(), b.length());
        int common = 0;
        while (common < length && a.charAt(common) == b.charAt(common)) {
            common++;
        }
        boolean splitsPair = common > 0 && Character.isHighSurrogate(a.charAt(common - 1));
        return splitsPair ? common - 1 : common;
    }

    /** Returns the position of the text after {@code from}, between 0 and 1. */
    private static double place(String text, int from) {
        double place = 0;
        double width = 1;
        for (int i = from; i < text.length() && i < from + MAX_DEPTH; i++) {
            int index = index(text.charAt(i));
            place += width * LOWER[index];
            width *= LOWER[index + 1] - LOWER[index];
        }
        return place;
    }

    /** Returns the index of the character in the alphabet, or of the nearest one before it. */
    private static int index(char c) {
        int index = 0;
        while (index + 1 < ALPHABET.length() && ALPHABET.charAt(index + 1) <= c) {
            index++;
        }
        return index;
    }

    private static Optional<String> spell(String low, int common, @Nullable String high, double target) {
        String shared = low.substring(0, common);
        StringBuilder key = new StringBuilder(shared);
        double place = 0;
        double width = 1;
        for (int depth = 0; depth < MAX_DEPTH; depth++) {
            int index = letter((target - place) / width);
            place += width * LOWER[index];
            width *= LOWER[index + 1] - LOWER[index];
            key.append(ALPHABET.charAt(index));
            if (isBetween(low, key.toString(), high)) {
                return Optional.of(key.toString());
            }
        }
        return nextLetter(key, common, low, high);
    }

    /**
     * Returns the nearest key that differs in one character. Used when a double cannot distinguish the target from
     * {@code low}.
     */
    private static Optional<String> nextLetter(StringBuilder key, int common, String low, @Nullable String high) {
        for (int depth = key.length() - 1; depth >= common; depth--) {
            int next = ALPHABET.indexOf(key.charAt(depth)) + 1;
            String guess = key.substring(0, depth) + (next < ALPHABET.length() ? ALPHABET.charAt(next) : "");
            if (isBetween(low, guess, high)) {
                return Optional.of(guess);
            }
        }
        return Optional.empty();
    }

    private static boolean isBetween(String low, String key, @Nullable String high) {
        return Keys.isBelow(low, key) && (high == null || Keys.isBelow(key, high));
    }

    private static int letter(double share) {
        int index = 0;
        while (index + 1 < ALPHABET.length() && LOWER[index + 1] <= share) {
            index++;
        }
        return index;
    }
}
