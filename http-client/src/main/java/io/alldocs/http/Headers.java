package io.alldocs.http;

import java.net.ProtocolException;
import java.net.http.HttpHeaders;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Rules for header fields: what a transport checks in an answer, and what can be sent. They are checked here because
 * the JDK's own messages repeat the value, which may be a secret.
 */
public final class Headers {

    static final String AUTHORIZATION = "authorization";

    /**
     * What still goes along when a redirect leaves the origin: nothing by which the caller could be recognised or let
     * in.
     */
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
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c >= 128 || !(Character.isLetterOrDigit(c) || TOKEN_MARKS.indexOf(c) >= 0)) {
                return false;
            }
        }
        return !text.isEmpty();
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
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c > 255 || c == 127 || (c < ' ' && c != '\t')) {
                return false;
            }
        }
        return true;
    }

    /**
     * The header fields of an answer, as a transport gives them on.
     *
     * @param fields names and values in the order in which they came
     * @throws ProtocolException if a field has no name or one with characters that a name cannot have, or if the fields
     *     do not say how long the body is: lengths that differ or are no number, unknown transfer codings, or a length
     *     beside a coding. Such an answer must not be read
     */
    public static HttpHeaders received(Iterable<Map.Entry<String, String>> fields) throws ProtocolException {
        Map<String, List<String>> byName = new HashMap<>();
        for (Map.Entry<String, String> field : fields) {
            if (!isToken(field.getKey())) {
                throw new ProtocolException(
                        "A header field of the answer has the name \"" + Redaction.excerpt(field.getKey()) + "\".");
            }
            byName.computeIfAbsent(field.getKey().toLowerCase(Locale.ROOT), name -> new ArrayList<>(1))
                    .add(field.getValue());
        }
        HttpHeaders headers = HttpHeaders.of(byName, (name, value) -> true);
        Optional<String> broken = brokenFraming(headers);
        if (broken.isPresent()) {
            throw new ProtocolException(broken.get());
        }
        return headers;
    }

    /**
     * What keeps the framing of an answer from being read: lengths that differ or are no number (RFC 9110 §8.6);
     * transfer codings other than chunked, which the JDK's client leaves in the body and waits on for the connection's
     * end; and both at once, which RFC 9112 §6.3 advises to take for an error, and of which the JDK's client believes
     * the length.
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
    public static OptionalLong contentLength(HttpHeaders headers) {
        Optional<String> declared = headers.firstValue("content-length").map(String::strip);
        if (declared.isEmpty() || declared.get().startsWith("-") || !isNumber(declared.get())) {
            return OptionalLong.empty();
        }
        return OptionalLong.of(Long.parseLong(declared.get()));
    }
}
