package io.alldocs.http;

import java.net.http.HttpHeaders;
import java.util.List;
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

    /** So that every number fits a long. */
    private static final int MAX_DIGITS = 18;

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

    /**
     * What keeps the framing of an answer from being read: lengths that differ or are no number (RFC 9110 §8.6); transfer codings other than chunked, which the
     * JDK's client leaves in the body and waits on for the connection's end; and both at once, which RFC 9112 §6.3 advises to take for an error, and of
     * which the JDK's client believes the length.
     *
     * @return the fields and their values, for a message; empty when all is well
     */
    static Optional<String> brokenFraming(HttpHeaders headers) {
        List<String> codings = headers.allValues("transfer-encoding");
        List<String> lengths = headers.allValues("content-length");
        boolean brokenCoding = !codings.isEmpty()
                && !(codings.size() == 1 && codings.get(0).strip().equalsIgnoreCase("chunked"));
        boolean brokenLength = !lengths.isEmpty()
                && (!codings.isEmpty()
                        || !isNumber(lengths.get(0))
                        || lengths.stream().distinct().count() > 1);
        return brokenCoding || brokenLength
                ? Optional.of((field("Content-Length", lengths) + field("Transfer-Encoding", codings)).strip())
                : Optional.empty();
    }

    private static String field(String name, List<String> values) {
        return values.isEmpty() ? "" : name + ": " + Redaction.excerpt(String.join(", ", values)) + " ";
    }

    /** A negative one is passed over, as the JDK's client does: the body ends with the connection then. */
    private static boolean isNumber(String length) {
        String digits = length.startsWith("-") ? length.substring(1) : length;
        return !digits.isEmpty()
                && digits.length() <= MAX_DIGITS
                && digits.chars().allMatch(c -> c >= '0' && c <= '9');
    }

    /** The declared length, empty when there is none or it is no number. */
    static OptionalLong contentLength(HttpHeaders headers) {
        Optional<String> declared = headers.firstValue("content-length").map(String::strip);
        if (declared.isEmpty() || declared.get().startsWith("-") || !isNumber(declared.get())) {
            return OptionalLong.empty();
        }
        return OptionalLong.of(Long.parseLong(declared.get()));
    }
}
