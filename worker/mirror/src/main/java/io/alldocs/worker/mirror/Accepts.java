package io.alldocs.worker.mirror;

import io.alldocs.packument.PackumentForm;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Parses {@code Accept} and {@code Accept-Encoding} (RFC 9110 §12.5). */
final class Accepts {
    /** The media type of the abbreviated form. */
    static final String ABBREVIATED_TYPE = "application/vnd.npm.install-v1+json";

    private static final String JSON_TYPE = "application/json";

    private Accepts() {}

    /** Combines the lines of a field into one list (RFC 9110 §5.3); null if there is none. */
    static @Nullable String list(HttpHeaders headers, CharSequence field) {
        String first = headers.get(field);
        if (first == null) {
            return null;
        }
        List<String> lines = headers.getAll(field);
        return lines.size() == 1 ? first : String.join(", ", lines);
    }

    /**
     * Returns the requested form: abbreviated if it is listed with at least the weight of plain JSON, otherwise full.
     * JSON is sent whatever else the client accepts.
     */
    static PackumentForm form(@Nullable String accept) {
        if (accept == null) {
            return PackumentForm.FULL;
        }
        double abbreviated = quality(accept, ABBREVIATED_TYPE);
        return abbreviated > 0 && abbreviated >= Math.max(0, quality(accept, JSON_TYPE))
                ? PackumentForm.ABBREVIATED
                : PackumentForm.FULL;
    }

    /** Returns whether gzip is accepted, by name or by {@code *}. */
    static boolean gzip(@Nullable String acceptEncoding) {
        if (acceptEncoding == null) {
            return false;
        }
        double named = Math.max(quality(acceptEncoding, "gzip"), quality(acceptEncoding, "x-gzip"));
        return named >= 0 ? named > 0 : quality(acceptEncoding, "*") > 0;
    }

    /** Returns the weight of {@code value} in a header, or -1 if it is not listed. */
    private static double quality(String header, String value) {
        int start = 0;
        while (start <= header.length()) {
            int comma = header.indexOf(',', start);
            int end = comma < 0 ? header.length() : comma;
            int nameEnd = start;
            while (nameEnd < end && header.charAt(nameEnd) != ';') {
                nameEnd++;
            }
            if (isNamed(header, start, nameEnd, value)) {
                return nameEnd == end ? 1 : weight(header.substring(nameEnd + 1, end));
            }
            start = end + 1;
        }
        return -1;
    }

    /** Returns whether the part of the header equals {@code value}, ignoring case and surrounding white space. */
    private static boolean isNamed(String header, int start, int end, String value) {
        int from = start;
        int to = end;
        while (from < to && Character.isWhitespace(header.charAt(from))) {
            from++;
        }
        while (to > from && Character.isWhitespace(header.charAt(to - 1))) {
            to--;
        }
        return to - from == value.length() && header.regionMatches(true, from, value, 0, value.length());
    }

    private static double weight(String parameters) {
        for (String parameter : parameters.split(";", -1)) {
            String text = parameter.strip().toLowerCase(Locale.ROOT);
            if (text.startsWith("q=")) {
                try {
                    return Double.parseDouble(text.substring(2).strip());
                } catch (NumberFormatException e) {
                    return 0;
                }
            }
        }
        return 1;
    }
}
