package io.alldocs.storage.emulators;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A part of a body of a multipart type.
 *
 * @param headers with names in lower case
 */
record Part(Map<String, String> headers, byte[] body) {

    /** Parses a body of a multipart type. */
    static List<Part> of(String contentType, byte[] body) throws IOException {
        Matcher boundary = Pattern.compile("boundary=\"?([^\";]+)").matcher(contentType);
        if (!boundary.find()) {
            throw new IOException("A multipart body is expected: " + contentType);
        }
        // Each byte becomes one character.
        String text = new String(body, StandardCharsets.ISO_8859_1);
        String delimiter = "--" + boundary.group(1);
        List<Part> parts = new ArrayList<>();
        int start = text.indexOf(delimiter);
        while (start >= 0 && !text.startsWith("--", start + delimiter.length())) {
            int next = text.indexOf("\r\n" + delimiter, start);
            int content = text.indexOf("\r\n", start) + 2;
            parts.add(of(text.substring(content, next)));
            start = next + 2;
        }
        return parts;
    }

    /** Parses headers, an empty line and a body. */
    static Part of(String text) {
        int end = text.indexOf("\r\n\r\n");
        Map<String, String> headers = new TreeMap<>();
        for (String line : text.substring(0, end < 0 ? text.length() : end).split("\r\n", -1)) {
            int colon = line.indexOf(':');
            if (colon > 0) {
                headers.put(
                        line.substring(0, colon).toLowerCase(Locale.ROOT),
                        line.substring(colon + 1).trim());
            }
        }
        String body = end < 0 ? "" : text.substring(end + 4);
        return new Part(headers, body.getBytes(StandardCharsets.ISO_8859_1));
    }
}
