package io.alldocs.storage.emulators;

import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A request as an {@link Emulator} received it.
 *
 * @param uri with the path as it was sent, escapes and all
 * @param headers with names in lower case; values of the same name joined by commas
 */
public record Asked(String method, URI uri, Map<String, String> headers, byte[] body) {

    /** With its escapes. */
    public String path() {
        return uri.getRawPath();
    }

    /** Parameters of the query, decoded, in their order. */
    public Map<String, String> query() {
        Map<String, String> query = new LinkedHashMap<>();
        String raw = uri.getRawQuery();
        for (String pair : raw == null || raw.isEmpty() ? new String[0] : raw.split("&")) {
            int equals = pair.indexOf('=');
            // Some clients send no sign before an empty value.
            query.put(
                    decoded(equals < 0 ? pair : pair.substring(0, equals)),
                    equals < 0 ? "" : decoded(pair.substring(equals + 1)));
        }
        return query;
    }

    /** A header's value, empty when there is none. */
    String header(String name) {
        return headers.getOrDefault(name, "");
    }

    @Nullable
    String headerOrNull(String name) {
        return headers.get(name);
    }

    static String decoded(String raw) {
        return URLDecoder.decode(raw.replace("+", "%2B"), StandardCharsets.UTF_8);
    }
}
