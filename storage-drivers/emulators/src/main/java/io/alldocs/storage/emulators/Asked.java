package io.alldocs.storage.emulators;

import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A request that an {@link Emulator} received.
 *
 * @param uri with the path as it was sent, including escapes
 * @param headers with names in lower case; values of the same name joined by commas
 */
public record Asked(String method, URI uri, Map<String, String> headers, byte[] body) {

    /** Returns the path, including escapes. */
    public String path() {
        return uri.getRawPath();
    }

    /** Returns the decoded query parameters, in their order. */
    public Map<String, String> query() {
        Map<String, String> query = new LinkedHashMap<>();
        String raw = uri.getRawQuery();
        for (String pair : raw == null || raw.isEmpty() ? new String[0] : raw.split("&")) {
            int equals = pair.indexOf('=');
            // Some clients omit the equals sign before an empty value.
            query.put(
                    decoded(equals < 0 ? pair : pair.substring(0, equals)),
                    equals < 0 ? "" : decoded(pair.substring(equals + 1)));
        }
        return query;
    }

    /** Returns the value of a header, or an empty string if there is none. */
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
