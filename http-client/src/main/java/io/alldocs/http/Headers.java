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
 * Validates header fields: those that a transport receives and those that a client sends. The client checks them itself
 * because the JDK's messages repeat the value, which may be a secret.
 */
public final class Headers {

    static final String AUTHORIZATION = "authorization";

    /**
     * Headers that are still sent when a redirect leaves the origin. None of them can identify or authenticate the
     * caller.
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

    /** Maximum number of digits, which ensures that every number fits into a long. */
    private static final int MAX_DIGITS = 18;

    private Headers() {}

    /** Returns whether {@code text} is a token of RFC 9110 §5.6.2. */
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
            throw new IllegalArgumentException("\"" + Redaction.excerpt(name) + "\" is not a valid header name.");
        }
        if (!isValue(value)) {
            throw new IllegalArgumentException("The value of header " + name
                    + " contains characters that are not allowed in HTTP headers. Allowed are visible Latin-1"
                    + " characters, space and tab.");
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
     * Validates the header fields of a response and returns them.
     *
     * @param fields names and values in the order in which they arrived
     * @throws ProtocolException if a field has no name or a name with illegal characters. Also if the fields do not
     *     define the length of the body. This means lengths that differ or are not numbers, unknown transfer codings,
     *     or a length together with a coding. Such a response must not be read
     */
    public static HttpHeaders received(Iterable<Map.Entry<String, String>> fields) throws ProtocolException {
        Map<String, List<String>> byName = new HashMap<>();
        for (Map.Entry<String, String> field : fields) {
            if (!isToken(field.getKey())) {
                throw new ProtocolException("The response has a header with the invalid name \""
                        + Redaction.excerpt(field.getKey()) + "\".");
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
     * Finds fields that make the framing of a response ambiguous. There are three cases. The first is lengths that
     * differ or are not numbers (RFC 9110 §8.6). The second is a transfer coding other than chunked; the JDK's client
     * does not decode it and reads until the connection ends. The third is a length together with a coding. RFC 9112
     * §6.3 recommends treating it as an error, while the JDK's client uses the length.
     *
     * @return the fields and their values, for a message; empty if the framing is valid
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

    /** Accepts a negative length, as the JDK's client does: the body then ends with the connection. */
    private static boolean isNumber(String length) {
        String digits = length.startsWith("-") ? length.substring(1) : length;
        return !digits.isEmpty()
                && digits.length() <= MAX_DIGITS
                && digits.chars().allMatch(c -> c >= '0' && c <= '9');
    }

    /** Returns the declared length; empty if there is none or it is not a number. */
    public static OptionalLong contentLength(HttpHeaders headers) {
        Optional<String> declared = headers.firstValue("content-length").map(String::strip);
        if (declared.isEmpty() || declared.get().startsWith("-") || !isNumber(declared.get())) {
            return OptionalLong.empty();
        }
        return OptionalLong.of(Long.parseLong(declared.get()));
    }
}
