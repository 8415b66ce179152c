package io.alldocs.packument;

import java.util.List;

/**
 * Distinguishes patterns that can match a name from mistakes, such as URLs, paths and names followed by a version. A
 * name contains {@code @} only at its start, and then a scope and a slash follow (<a
 * href="https://github.com/npm/validate-npm-package-name">validate-npm-package-name</a>). {@link PackageName} describes
 * the other rules.
 */
final class NamePattern {
    /**
     * Replacements of the first {@code *} of a pattern. A pattern that matches any name also matches a name made with
     * one of these.
     */
    private static final List<String> FIRST = List.of("a", "", "a/a", "@a", "@a/a", "@a/");

    /** Replacements of the second {@code *}; a single letter replaces each further one. */
    private static final List<String> SECOND = List.of("a", "a/a");

    private NamePattern() {}

    /**
     * Returns the pattern in the form of names: without a leading slash, and with the slash unescaped.
     *
     * @throws IllegalArgumentException if the pattern cannot match any name
     */
    static String check(String pattern) {
        String written = pattern.replaceFirst("^/", "").replace("%2f", "/").replace("%2F", "/");
        if (PackageName.isMistake(pattern) || !canMatch(written)) {
            throw new IllegalArgumentException("No package name can match the pattern " + PackageName.quote(pattern)
                    + ". Write a package name, or use * for any characters: express, @types/*, *-loader.");
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
