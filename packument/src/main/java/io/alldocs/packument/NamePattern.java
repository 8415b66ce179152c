package io.alldocs.packument;

import java.util.List;

/**
 * Tells patterns that can match a name from slips: addresses, paths, names with a version behind them. A name has {@code @} at its start only, and then a
 * scope and a slash (<a href="https://github.com/npm/validate-npm-package-name">validate-npm-package-name</a>); for the rest see {@link PackageName}.
 */
final class NamePattern {
    /** What the first {@code *} of a pattern can stand for, so that every pattern which matches a name matches one made with these. */
    private static final List<String> FIRST = List.of("a", "", "a/a", "@a", "@a/a", "@a/");

    /** The same for the second; any other can be a letter. */
    private static final List<String> SECOND = List.of("a", "a/a");

    private NamePattern() {}

    /**
     * The pattern as names are written: the slash not escaped, and none in front.
     *
     * @throws IllegalArgumentException when it can match no name
     */
    static String check(String pattern) {
        String written = pattern.replaceFirst("^/", "").replace("%2f", "/").replace("%2F", "/");
        if (!canMatch(written)) {
            throw new IllegalArgumentException("No package name can match the pattern " + PackageName.quote(pattern)
                    + "; write a name, or parts of one with * for the rest: express, @types/*, *-loader.");
        }
        return written;
    }

    private static boolean canMatch(String pattern) {
        String[] parts = pattern.split("\\*+", -1);
        return FIRST.stream()
                .anyMatch(first -> SECOND.stream().anyMatch(second -> isName(witness(parts, first, second))));
    }

    private static String witness(String[] parts, String first, String second) {
        StringBuilder name = new StringBuilder(parts[0]);
        for (int i = 1; i < parts.length; i++) {
            name.append(i == 1 ? first : i == 2 ? second : "a").append(parts[i]);
        }
        return name.toString();
    }

    private static boolean isName(String text) {
        if (text.indexOf('@', 1) >= 0 || (text.startsWith("@") && text.indexOf('/') < 0)) {
            return false;
        }
        return PackageName.isName(text) && PackageName.normalize(text).equals(text);
    }
}
