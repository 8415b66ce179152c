package io.alldocs.cache;

import java.net.URI;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What of an answer goes into a head. A list of what stays, not of what goes: an unknown header may carry a secret, and a CDN sends a dozen that no
 * cache needs.
 */
final class StoredHeaders {
    private static final Set<String> KEPT = Set.of(
            "age",
            "cache-control",
            "content-encoding",
            "content-language",
            "content-length",
            "content-type",
            "date",
            "etag",
            "expires",
            "last-modified",
            "link",
            "npm-notice",
            "vary");

    /** They describe the bytes of the body that is stored; a 304 does not change those (RFC 9111 §3.2). */
    private static final Set<String> OF_THE_BODY =
            Set.of("content-encoding", "content-language", "content-length", "content-range", "content-type");

    /** A longer value is no validator and no directive; heads stay small. */
    private static final int MAX_VALUE_CHARS = 8 * 1024;

    private static final Pattern QUERY_VALUE = Pattern.compile("=[^&]*");

    private StoredHeaders() {}

    static Map<String, String> keep(Map<String, List<String>> headers) {
        Map<String, String> kept = new TreeMap<>(KeyOrder.UTF8);
        headers.forEach((name, values) -> {
            String lower = name == null ? "" : name.toLowerCase(Locale.ROOT);
            String value = String.join(", ", values);
            if (KEPT.contains(lower) && value.length() <= MAX_VALUE_CHARS) {
                kept.merge(lower, value, (a, b) -> a + ", " + b);
            }
        });
        return kept;
    }

    /** Headers of a stored answer after a 304. */
    static Map<String, String> merge(Map<String, String> stored, Map<String, String> notModified) {
        Map<String, String> merged = new LinkedHashMap<>(stored);
        // An age is of one answer only: a 304 without it is as old as nothing.
        merged.remove("age");
        notModified.forEach((name, value) -> {
            if (!OF_THE_BODY.contains(name)) {
                merged.put(name, value);
            }
        });
        return merged;
    }

    /** The headers with the coding and the size of the bytes that are stored, where the answer's differ. */
    static Map<String, String> ofBody(Map<String, String> headers, @Nullable String encoding, long sizeBytes) {
        String said = headers.getOrDefault("content-encoding", "");
        if (said.equalsIgnoreCase(encoding == null ? "" : encoding)) {
            return headers;
        }
        Map<String, String> changed = new TreeMap<>(KeyOrder.UTF8);
        changed.putAll(headers);
        if (encoding == null) {
            changed.remove("content-encoding");
        } else {
            changed.put("content-encoding", encoding);
        }
        changed.replace("content-length", Long.toString(sizeBytes));
        return changed;
    }

    /** {@code https://u:p@host/path?a=1&b=2#c} becomes {@code https://host/path?a&b}. */
    static String redact(URI url) {
        StringBuilder text = new StringBuilder();
        if (url.getScheme() != null) {
            text.append(url.getScheme()).append(':');
        }
        String authority = url.getRawAuthority();
        if (authority != null) {
            text.append("//").append(authority.substring(authority.lastIndexOf('@') + 1));
        }
        text.append(url.getRawPath() == null ? "" : url.getRawPath());
        if (url.getRawQuery() != null) {
            text.append('?').append(QUERY_VALUE.matcher(url.getRawQuery()).replaceAll(""));
        }
        return text.toString();
    }
}
