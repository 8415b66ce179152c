package io.alldocs.http;

import java.net.http.HttpHeaders;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/** Rules for header fields, checked here because the JDK's own messages repeat the value, which may be a secret. */
final class Headers {

    static final String AUTHORIZATION = "authorization";

    /** What still goes along when a redirect leaves the origin: nothing by which the caller could be recognised or let in. */
    static final Set<String> SAFE_ACROSS_ORIGINS = Set.of(
            "accept",
            "accept-encoding",
            "accept-language",
            "content-type",
            "if-modified-since",
            "if-none-match",
            "range",
            "user-agent");

    private static final String TOKEN_MARKS = "!#$%&'*+-.^_`|~";

    private Headers() {}

    /** RFC 9110 §5.6.2. */
    static boolean isToken(String text) {
        return !text.isEmpty()
                && text.chars().allMatch(c -> c < 128 && (Character.isLetterOrDigit(c) || TOKEN_MARKS.indexOf(c) >= 0));
    }

    /** @throws IllegalArgumentException if the field cannot be sent; the message holds the name, never the value */
    static void check(String name, String value) {
        if (!isToken(name)) {
            throw new IllegalArgumentException("\"" + Redaction.excerpt(name) + "\" is not a header name.");
        }
        if (!isValue(value)) {
            throw new IllegalArgumentException("The value of header " + name
                    + " holds characters that cannot be sent (only visible Latin-1, space and tab can).");
        }
    }

    static boolean isValue(String value) {
        return value.chars().allMatch(c -> c == '\t' || (c >= ' ' && c != 127 && c <= 255));
    }

    /** The declared length, empty when there is none or it is no number. */
    static OptionalLong contentLength(HttpHeaders headers) {
        Optional<String> declared = headers.firstValue("content-length").map(String::strip);
        if (declared.isEmpty() || !declared.get().matches("\\d{1,18}")) {
            return OptionalLong.empty();
        }
        return OptionalLong.of(Long.parseLong(declared.get()));
    }
}
