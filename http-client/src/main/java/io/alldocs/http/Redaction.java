package io.alldocs.http;

import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Makes text fit for messages and logs: no secrets, no control characters, no endless lines. */
final class Redaction {

    static final String MASK = "***";
    static final int URI_CHARACTERS = 400;
    static final int EXCERPT_CHARACTERS = 200;

    private static final Set<String> SECRET_KEYS = Set.of("pass", "pwd", "sig", "jwt", "otp");
    private static final List<String> SECRET_PARTS =
            List.of("token", "auth", "secret", "passw", "signature", "credential", "apikey", "api_key", "api-key");

    private static final Pattern USER_INFO = Pattern.compile("//[^/?#\\s]*@");
    private static final Pattern SCHEME_AND_VALUE =
            Pattern.compile("\\b(Bearer|Basic|Token)\\s+[A-Za-z0-9._~+/=-]{4,}", Pattern.CASE_INSENSITIVE);
    /** Forms of npm's and GitHub's access tokens. */
    private static final Pattern KNOWN_TOKEN = Pattern.compile("\\b(npm_|gh[pousr]_|github_pat_)[A-Za-z0-9_]{8,}");

    private static final Pattern NAMED_VALUE = Pattern.compile(
            "([\\w-]*(?:token|secret|passw|signature|credential|api[_-]?key|_auth)[\\w-]*[\"']?\\s*[=:]\\s*)[\"']?[^\\s\"',;&<>]+[\"']?",
            Pattern.CASE_INSENSITIVE);

    private Redaction() {}

    /** The address without user information, without fragment, with the values of telling query parameters masked, and cut to a bearable length. */
    static String uri(URI uri) {
        String text = uri.toString();
        int fragment = text.indexOf('#');
        if (fragment >= 0) {
            text = text.substring(0, fragment);
        }
        int query = text.indexOf('?');
        String head =
                USER_INFO.matcher(query < 0 ? text : text.substring(0, query)).replaceFirst("//");
        String whole = query < 0 ? head : head + "?" + query(text.substring(query + 1));
        return cut(printable(whole), URI_CHARACTERS);
    }

    /** {@code text} with each of {@code secrets} masked. */
    static String mask(String text, Set<String> secrets) {
        String masked = text;
        for (String secret : secrets) {
            masked = masked.replace(secret, MASK);
        }
        return masked;
    }

    /** A short single line of {@code text} in which what looks like a token is masked. */
    static String excerpt(String text) {
        return excerpt(text, Set.of());
    }

    /** A short single line of {@code text} in which {@code secrets} and what looks like a token are masked. */
    static String excerpt(String text, Set<String> secrets) {
        String masked = mask(text, secrets);
        masked = USER_INFO.matcher(masked).replaceAll("//");
        masked = SCHEME_AND_VALUE.matcher(masked).replaceAll("$1 " + MASK);
        masked = KNOWN_TOKEN.matcher(masked).replaceAll(MASK);
        masked = NAMED_VALUE.matcher(masked).replaceAll("$1" + MASK);
        return cut(printable(masked).strip(), EXCERPT_CHARACTERS);
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

    /** Control, format and line-separating characters become spaces: a body must not steer a terminal or forge a log line. */
    private static String printable(String text) {
        return text.replaceAll("[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}\\p{Cs}]+", " ");
    }

    private static String cut(String text, int characters) {
        return text.length() <= characters ? text : text.substring(0, characters) + "…";
    }
}
