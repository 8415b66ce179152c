package io.alldocs.http;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Parses the part of npm's ini dialect (package {@code ini}) that {@code .npmrc} files use, and expands variables as
 * {@code @npmcli/config} does.
 */
final class Ini {

    private static final Pattern SECTION = Pattern.compile("\\[[^]]*]\\s*");
    private static final Pattern VARIABLE = Pattern.compile("(?<!\\\\)(\\\\*)\\$\\{([^${}?]+)(\\?)?}");

    private static final String ESCAPE = "\\\\(u[0-9a-fA-F]{4}|[\"\\\\/bfnrt])";
    private static final Pattern JSON_ESCAPE = Pattern.compile(ESCAPE);
    private static final Pattern JSON_STRING = Pattern.compile("\"(?:[^\"\\\\\\x00-\\x1f]++|" + ESCAPE + ")*+\"");

    private Ini() {}

    /**
     * A name and its value, {@code "true"} if no value is given.
     *
     * @param isElement whether the line adds an element to a list ({@code name[]}); {@code name} has no brackets
     */
    record Setting(int line, String name, String value, boolean isElement) {}

    /** Returns the settings before the first section, in order. */
    static List<Setting> parse(String text) {
        List<Setting> settings = new ArrayList<>();
        String[] lines = text.split("\n", -1);
        for (int i = 0; i < lines.length; i++) {
            String line = TextLines.strip(lines[i]);
            if (line.isEmpty() || line.startsWith(";") || line.startsWith("#") || line.startsWith("=")) {
                continue;
            }
            if (SECTION.matcher(line).matches()) {
                break;
            }
            int equals = line.indexOf('=');
            String name = unquoted(equals < 0 ? line : line.substring(0, equals));
            boolean isElement = name.length() > 2 && name.endsWith("[]");
            settings.add(new Setting(
                    i + 1,
                    isElement ? name.substring(0, name.length() - 2) : name,
                    equals < 0 ? "true" : unquoted(line.substring(equals + 1)),
                    isElement));
        }
        return settings;
    }

    /** Replaces {@code ${NAME}} and {@code ${NAME?}}; a preceding backslash prevents the replacement. */
    static String expand(String text, Function<String, @Nullable String> environment) {
        return VARIABLE.matcher(text).replaceAll(match -> Matcher.quoteReplacement(replacement(match, environment)));
    }

    private static String replacement(MatchResult match, Function<String, @Nullable String> environment) {
        String escapes = match.group(1);
        if (escapes.length() % 2 == 1) {
            return match.group().substring((escapes.length() + 1) / 2);
        }
        String value = environment.apply(match.group(2));
        if (value == null) {
            value = match.group(3) == null ? "${" + match.group(2) + "}" : "";
        }
        return escapes.substring(escapes.length() / 2) + value;
    }

    private static String unquoted(String raw) {
        String text = TextLines.strip(raw);
        if (!isQuoted(text)) {
            return TextLines.strip(withoutComment(text));
        }
        String inner = text.startsWith("'") ? text.substring(1, text.length() - 1) : text;
        return isQuoted(inner) && inner.startsWith("\"") ? jsonString(inner) : inner;
    }

    private static boolean isQuoted(String text) {
        return text.length() > 1 && (isBetween(text, "\"") || isBetween(text, "'"));
    }

    private static boolean isBetween(String text, String mark) {
        return text.startsWith(mark) && text.endsWith(mark);
    }

    private static String withoutComment(String text) {
        StringBuilder kept = new StringBuilder();
        boolean escaped = false;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean special = c == ';' || c == '#';
            if (escaped) {
                kept.append(special || c == '\\' ? "" : "\\").append(c);
                escaped = false;
            } else if (special) {
                return kept.toString();
            } else if (c == '\\') {
                escaped = true;
            } else {
                kept.append(c);
            }
        }
        return escaped ? kept.append('\\').toString() : kept.toString();
    }

    /** Returns the text of a JSON string, or {@code quoted} itself with its quotes if it is not a JSON string. */
    private static String jsonString(String quoted) {
        if (!JSON_STRING.matcher(quoted).matches()) {
            return quoted;
        }
        return JSON_ESCAPE
                .matcher(quoted.substring(1, quoted.length() - 1))
                .replaceAll(match -> Matcher.quoteReplacement(unescaped(match.group(1))));
    }

    private static String unescaped(String escape) {
        if (escape.startsWith("u")) {
            return String.valueOf((char) Integer.parseInt(escape.substring(1), 16));
        }
        return String.valueOf("\"\\/\b\f\n\r\t".charAt("\"\\/bfnrt".indexOf(escape)));
    }
}
