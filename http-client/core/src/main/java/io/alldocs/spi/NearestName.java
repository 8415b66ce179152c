package io.alldocs.spi;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/** Suggests the known name that a mistyped name was probably meant to be. */
public final class NearestName {
    private NearestName() {}

    /**
     * Returns the known name with the smallest edit distance (insert, delete or replace a character, ignoring case).
     * Returns empty if the distance is more than a third of the characters.
     */
    public static Optional<String> to(String typed, Collection<String> known) {
        String lower = typed.toLowerCase(Locale.ROOT);
        return known.stream()
                .filter(name -> edits(lower, name) <= Math.max(1, name.length() / 3))
                .min(Comparator.comparingInt((String name) -> edits(lower, name))
                        .thenComparing(Comparator.naturalOrder()));
    }

    /** Computes the Levenshtein distance, one row of the table at a time. */
    private static int edits(String from, String to) {
        int[] row = new int[to.length() + 1];
        for (int j = 0; j <= to.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= from.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= to.length(); j++) {
                int replaced = diagonal + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[to.length()];
    }
}
