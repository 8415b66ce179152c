package io.alldocs.worker.mirror;

import io.alldocs.packument.PackumentForm;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Reads {@code Accept} and {@code Accept-Encoding} (RFC 9110 §12.5). */
final class Accepts {
    /** The type of the abbreviated form. */
    static final String ABBREVIATED_TYPE = "application/vnd.npm.install-v1+json";

    private static final String JSON_TYPE = "application/json";

    private Accepts() {}

    /** The lines of a field as the one list that they form (RFC 9110 §5.3); null when there is none. */
    static @Nullable String list(HttpHeaders headers, CharSequence field) {
        String first = headers.get(field);
        if (first == null) {
            return null;
        }
        List<String> lines = headers.getAll(field);
        return lines.size() == 1 ? first : String.join(", ", lines);
    }

    /** Abbreviated if it is named and accepted at least as gladly as plain JSON; whatever else is accepted, JSON is all there is. */
    static PackumentForm form(@Nullable String accept) {
        if (accept == null) {
            return PackumentForm.FULL;
        }
        double abbreviated = quality(accept, ABBREVIATED_TYPE);
        return abbreviated > 0 && abbreviated >= Math.max(0, quality(accept, JSON_TYPE))
                ? PackumentForm.ABBREVIATED
                : PackumentForm.FULL;
    }

    /** Whether gzip is accepted, by name or by {@code *}. */
    static boolean gzip(@Nullable String acceptEncoding) {
        if (acceptEncoding == null) {
            return false;
        }
        double named = Math.max(quality(acceptEncoding, "gzip"), quality(acceptEncoding, "x-gzip"));
        return named >= 0 ? named > 0 : quality(acceptEncoding, "*") > 0;
    }

    /** The weight of {@code value} in a header, -1 where it is not named. */
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

    /** Whether {@code value}, in any letter case, is all that stands between two places, but for white space. */
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
