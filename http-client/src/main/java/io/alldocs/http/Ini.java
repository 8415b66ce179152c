package io.alldocs.http;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The part of npm's ini dialect (package {@code ini}) that {@code .npmrc} files use, and the variables of {@code @npmcli/config} in it. */
final class Ini {

    private static final Pattern SECTION = Pattern.compile("\\[[^]]*]\\s*");
    private static final Pattern VARIABLE = Pattern.compile("(?<!\\\\)(\\\\*)\\$\\{([^${}?]+)(\\?)?}");

    private Ini() {}

    /** A name and its value, {@code "true"} where no value is given. */
    record Setting(int line, String name, String value) {}

    /** The settings before the first section, in order; lists ({@code name[]}) are left out. */
    static List<Setting> parse(String text) {
        List<Setting> settings = new ArrayList<>();
        String[] lines = text.replaceFirst("^\uFEFF", "").split("\r\n|\r|\n", -1);
        for (int i = 0; i < lines.length; i++) {
            String line = lines[i].strip();
            if (line.isEmpty() || line.startsWith(";") || line.startsWith("#") || line.startsWith("=")) {
                continue;
            }
            if (SECTION.matcher(line).matches()) {
                break;
            }
            int equals = line.indexOf('=');
            String name = unquoted(equals < 0 ? line : line.substring(0, equals));
            if (!name.endsWith("[]")) {
                settings.add(new Setting(i + 1, name, equals < 0 ? "true" : unquoted(line.substring(equals + 1))));
            }
        }
        return settings;
    }

    /** Replaces {@code ${NAME}} and {@code ${NAME?}}; a backslash in front keeps them as they are. */
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
        String text = raw.strip();
        if (!isQuoted(text)) {
            return withoutComment(text).strip();
        }
        String inner = text.startsWith("'") ? text.substring(1, text.length() - 1) : text;
        return isQuoted(inner) && inner.startsWith("\"") ? jsonString(inner) : inner;
    }

    private static boolean isQuoted(String text) {
        return text.length() > 1
                && (text.startsWith("\"") && text.endsWith("\"") || text.startsWith("'") && text.endsWith("'"));
    }

    private static String withoutComment(String text) {
        StringBuilder kept = new StringBuilder();
        boolean escaped = false;
        for (char c : text.toCharArray()) {
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

    /** A JSON string's text; {@code quoted} itself, quotes included, when it is none. */
    private static String jsonString(String quoted) {
        StringBuilder text = new StringBuilder();
        for (int i = 1; i < quoted.length() - 1; i++) {
            char c = quoted.charAt(i);
            if (c == '"' || c < ' ') {
                return quoted;
            }
            if (c != '\\') {
                text.append(c);
                continue;
            }
            i++;
            int mark = i < quoted.length() - 1 ? "\"\\/bfnrtu".indexOf(quoted.charAt(i)) : -1;
            if (mark < 0) {
                return quoted;
            }
            if (quoted.charAt(i) != 'u') {
                text.append("\"\\/\b\f\n\r\t".charAt(mark));
                continue;
            }
            String hex = quoted.substring(i + 1, Math.min(i + 5, quoted.length() - 1));
            if (!hex.matches("[0-9a-fA-F]{4}")) {
                return quoted;
            }
            text.append((char) Integer.parseInt(hex, 16));
            i += 4;
        }
        return text.toString();
    }
}
