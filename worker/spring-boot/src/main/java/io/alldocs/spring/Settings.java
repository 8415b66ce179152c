package io.alldocs.spring;

import java.util.function.Supplier;

/** Adds the name of a property to the message about its value. */
final class Settings {
    private Settings() {}

    /**
     * Returns what {@code use} returns.
     *
     * @param property without the prefix {@code all-docs}
     * @throws IllegalArgumentException if {@code use} throws one
     */
    static <T> T checked(String property, Supplier<T> use) {
        try {
            return use.get();
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(AllDocsProperties.PREFIX + "." + property + ": " + e.getMessage(), e);
        }
    }
}
