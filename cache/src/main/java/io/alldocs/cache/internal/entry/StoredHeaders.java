package io.alldocs.cache.internal.entry;

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
 * Selects the response headers that are stored with an entry. It uses a list of headers to keep, and drops all others.
 * An unknown header may contain a secret, and a CDN sends a dozen headers that no cache needs.
 */
public final class StoredHeaders {
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

    /** Headers that describe the stored body, which a 304 does not change (RFC 9111 §3.2). */
    private static final Set<String> OF_THE_BODY =
            Set.of("content-encoding", "content-language", "content-length", "content-range", "content-type");

    /** Maximum length of a value, which keeps metadata small. Longer values are neither validators nor directives. */
    private static final int MAX_VALUE_CHARS = 8 * 1024;

    private static final Pattern QUERY_VALUE = Pattern.compile("=[^&]*");

    private StoredHeaders() {}

    /** Returns the headers to store, with names in lower case and several values joined. */
    public static Map<String, String> keep(Map<String, List<String>> headers) {
        Map<String, String> kept = new TreeMap<>();
        headers.forEach((name, values) -> {
            String lower = name == null ? "" : name.toLowerCase(Locale.ROOT);
            if (!KEPT.contains(lower)) {
                return;
            }
            String value = String.join(", ", values);
            if (value.length() <= MAX_VALUE_CHARS) {
                kept.merge(lower, value, (a, b) -> a + ", " + b);
            }
        });
        return kept;
    }

    /** Returns the headers of a stored response after a 304. */
    public static Map<String, String> merge(Map<String, String> stored, Map<String, String> notModified) {
        Map<String, String> merged = new LinkedHashMap<>(stored);
        // Age belongs to one response. After a 304 without it, the age starts at zero.
        merged.remove("age");
        notModified.forEach((name, value) -> {
            if (!OF_THE_BODY.contains(name)) {
                merged.put(name, value);
            }
        });
        return merged;
    }

    /** Returns the headers, with coding and length replaced by those of the stored bytes if the response's differ. */
    public static Map<String, String> ofBody(Map<String, String> headers, @Nullable String encoding, long sizeBytes) {
        String said = headers.getOrDefault("content-encoding", "");
        if (said.equalsIgnoreCase(encoding == null ? "" : encoding)) {
            return headers;
        }
        Map<String, String> changed = new TreeMap<>();
        changed.putAll(headers);
        if (encoding == null) {
            changed.remove("content-encoding");
        } else {
            changed.put("content-encoding", encoding);
        }
        changed.replace("content-length", Long.toString(sizeBytes));
        return changed;
    }

    /**
     * Returns the URL without secrets: {@code https://u:p@host/path?a=1&b=2#c} becomes {@code https://host/path?a&b}.
     */
    public static String redact(URI url) {
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
