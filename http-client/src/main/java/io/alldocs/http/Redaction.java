package io.alldocs.http;

import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Prepares text for messages and logs: it masks secrets, removes control characters and limits the length. */
final class Redaction {

    static final String MASK = "***";
    static final int URI_CHARACTERS = 400;
    static final int EXCERPT_CHARACTERS = 200;

    private static final Set<String> SECRET_KEYS = Set.of("pass", "pwd", "sig", "jwt", "otp");
    private static final List<String> SECRET_PARTS =
            List.of("token", "auth", "secret", "passw", "signature", "credential", "apikey", "api_key", "api-key");

    /**
     * Maximum number of characters that are searched in a text. A caller that truncates a text itself keeps at least
     * one character more, so that the truncation is detected here.
     */
    static final int SEARCHED_CHARACTERS = 2000;

    /**
     * Patterns of secrets, in the order in which they are masked. The patterns are written so that no two match
     * attempts scan the same characters. Otherwise the time would grow with the square or the cube of the text's
     * length.
     */
    static final List<Rule> RULES = List.of(
            new Rule("//[^/?#\\s]*@", "//"),
            new Rule("(?i)\\b(Bearer|Basic|Token)\\s++[A-Za-z0-9._~+/=-]{4,}+", "$1 " + MASK),
            // Formats of npm's and GitHub's access tokens.
            new Rule("\\b(npm_|gh[pousr]_|github_pat_)[A-Za-z0-9_]{8,}+", MASK),
            new Rule(
                    "(?i)(?<![\\w-])(?=[\\w-]*?(?:token|secret|passw|signature|credential|api[_-]?key|_auth))"
                            + "([\\w-]++[\"']?+\\s*+[=:]\\s*+)[\"']?+[^\\s\"',;&<>]++[\"']?+",
                    "$1" + MASK));

    /**
     * Patterns for the end of a truncated text, which may be the first part of a secret that the {@link #RULES} would
     * have masked.
     */
    static final List<Rule> RULES_OF_THE_CUT = List.of(
            new Rule("//[^/?#\\s]*+\\z", "//"),
            new Rule("(?i)\\b(Bearer|Basic|Token)\\s++[A-Za-z0-9._~+/=-]{0,3}+\\z", "$1 "),
            new Rule("\\b(npm_|gh[pousr]_|github_pat_)[A-Za-z0-9_]{0,7}+\\z", ""));

    /** A pattern and its replacement. */
    record Rule(Pattern pattern, String replacement) {
        private Rule(String pattern, String replacement) {
            this(Pattern.compile(pattern), replacement);
        }

        String apply(CharSequence text) {
            return pattern.matcher(text).replaceAll(replacement);
        }
    }

    static final Rule UNPRINTABLE = new Rule("[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}\\p{Cs}]++", " ");

    private static final Rule USER_INFO = RULES.get(0);
    private static final Rule CUT_USER_INFO = RULES_OF_THE_CUT.get(0);

    private Redaction() {}

    /**
     * Returns the address without user information and fragment, with the values of sensitive query parameters masked,
     * and truncated to a readable length.
     */
    static String uri(URI uri) {
        String text = uri.toString();
        boolean cut = text.length() > SEARCHED_CHARACTERS;
        text = cut ? text.substring(0, SEARCHED_CHARACTERS) : text;
        int fragment = text.indexOf('#');
        if (fragment >= 0) {
            text = text.substring(0, fragment);
        }
        int query = text.indexOf('?');
        String head = USER_INFO.apply(query < 0 ? text : text.substring(0, query));
        if (cut && query < 0) {
            head = CUT_USER_INFO.apply(head);
        }
        String whole = query < 0 ? head : head + "?" + query(text.substring(query + 1));
        return shortened(printable(whole), URI_CHARACTERS, cut);
    }

    /**
     * Returns {@code text} with each of {@code secrets} masked. The longest is masked first, because a short one may be
     * a part of it.
     */
    static String mask(String text, Set<String> secrets) {
        String masked = text;
        for (String secret : longestFirst(secrets)) {
            masked = masked.replace(secret, MASK);
        }
        return masked;
    }

    /** Returns a short single line of {@code text} in which values that look like a token are masked. */
    static String excerpt(String text) {
        return excerpt(text, Set.of());
    }

    /**
     * Returns a short single line of {@code text} in which {@code secrets} and values that look like a token are
     * masked.
     */
    static String excerpt(String text, Set<String> secrets) {
        boolean cut = text.length() > SEARCHED_CHARACTERS;
        String masked = cut ? start(text, secrets) : mask(text, secrets);
        for (Rule rule : RULES) {
            masked = rule.apply(masked);
        }
        if (cut) {
            for (Rule rule : RULES_OF_THE_CUT) {
                masked = rule.apply(masked);
            }
        }
        return shortened(printable(masked).strip(), EXCERPT_CHARACTERS, cut);
    }

    /**
     * Returns the part of {@code text} that is searched, with {@code secrets} masked, and without the start of a secret
     * that the truncation splits.
     */
    private static String start(String text, Set<String> secrets) {
        String start = mask(text.substring(0, SEARCHED_CHARACTERS), secrets);
        int end = start.length();
        for (String secret : secrets) {
            for (int length = Math.min(secret.length() - 1, start.length()); length > 0; length--) {
                if (start.regionMatches(start.length() - length, secret, 0, length)) {
                    end = Math.min(end, start.length() - length);
                    break;
                }
            }
        }
        return start.substring(0, end);
    }

    private static List<String> longestFirst(Set<String> secrets) {
        return secrets.stream()
                .sorted(Comparator.comparingInt(String::length).reversed())
                .toList();
    }

    private static String query(String query) {
        return Stream.of(query.split("&", -1)).map(Redaction::parameter).collect(Collectors.joining("&"));
    }

    private static String parameter(String parameter) {
        int equals = parameter.indexOf('=');
        if (equals < 0 || !isSecret(parameter.substring(0, equals))) {
            return parameter;
        }
        return parameter.substring(0, equals + 1) + MASK;
    }

    private static boolean isSecret(String rawKey) {
        String key = decoded(rawKey).toLowerCase(Locale.ROOT);
        return SECRET_KEYS.contains(key) || SECRET_PARTS.stream().anyMatch(key::contains);
    }

    private static String decoded(String raw) {
        try {
            return URLDecoder.decode(raw, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return raw;
        }
    }

    /**
     * Replaces control, format and line-separating characters by spaces, so that a body can neither control a terminal
     * nor forge a log line.
     */
    private static String printable(String text) {
        return UNPRINTABLE.apply(text);
    }

    /** @param cut whether {@code text} is already truncated */
    private static String shortened(String text, int characters, boolean cut) {
        String start = text.length() <= characters ? text : text.substring(0, characters);
        return cut || text.length() > characters ? start + "…" : start;
    }
}
