package io.alldocs.http;

import java.util.List;

/**
 * One setting of the npm configuration from one source. {@code toString()} shows name and source, never the value.
 *
 * @param name as npm writes it: {@code registry}, {@code @scope:registry}, {@code //host/path/:_authToken}
 * @param values one value, or the elements of a list; with variables replaced; an empty value means that the setting is
 *     not set
 * @param source where it comes from, for messages: {@code HTTPS_PROXY}, {@code /home/jo/.npmrc, line 3}
 */
record Setting(String name, List<String> values, String source) {

    Setting {
        values = List.copyOf(values);
    }

    static Setting of(String name, String value, String source) {
        return new Setting(name, List.of(value), source);
    }

    /** Returns the value; for a list, the last element. */
    String value() {
        return values.get(values.size() - 1);
    }

    /**
     * Returns an exception for a value that cannot be used. The message does not contain the value, which may be a
     * secret.
     */
    IllegalArgumentException invalid(String problem) {
        String where = name.equals(source) ? name : source + ": " + Redaction.excerpt(name);
        return new IllegalArgumentException(where + " " + problem + ".");
    }

    @Override
    public String toString() {
        return Redaction.excerpt(name) + " (" + source + ")";
    }
}
