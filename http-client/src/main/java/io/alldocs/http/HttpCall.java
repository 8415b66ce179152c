package io.alldocs.http;

import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collections;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP request as a value: what is asked, of whom, and which statuses are answers rather than errors.
 * {@code toString()} shows method and redacted address only.
 *
 * @param method upper case: GET, HEAD, PUT, POST, DELETE
 * @param uri absolute http or https address without user information
 * @param headers kept in lower case; credentials are added by the client, an {@code authorization} given here takes
 *     their place
 * @param body bytes to send, null for none; not copied, the caller leaves it alone until the call ends
 * @param accepted statuses beside 200-299 and 304 that are handed to the reader instead of thrown (e.g. 404)
 * @param timeout bound on the whole exchange of one attempt, body included; null for the client's default
 * @param repeatable whether sending twice does no more than sending once, whatever the method says: then it is retried
 *     like a GET
 */
@SuppressWarnings("ArrayRecordComponent") // a body is handed through, never compared
public record HttpCall(
        String method,
        URI uri,
        Map<String, String> headers,
        byte @Nullable [] body,
        Set<Integer> accepted,
        @Nullable Duration timeout,
        boolean repeatable) {

    /**
     * Checks what is asked. A message never repeats a header's value.
     *
     * @throws IllegalArgumentException if the method is empty, the address is not absolute http or https with a host
     *     and a port up to 65535, carries user information, or a header cannot be sent
     */
    public HttpCall {
        if (!Headers.isToken(method)) {
            throw new IllegalArgumentException("\"" + Redaction.excerpt(method) + "\" is not an HTTP method.");
        }
        Origins.requireHttp(uri);
        headers = normalized(headers);
        accepted = Set.copyOf(accepted);
    }

    private static HttpCall of(String method, URI uri, byte @Nullable [] body) {
        return new HttpCall(method, uri, Map.of(), body, Set.of(), null, false);
    }

    /** {@code GET}. */
    public static HttpCall get(URI uri) {
        return of("GET", uri, null);
    }

    /** {@code HEAD}: the reader sees status and headers, and an empty body. */
    public static HttpCall head(URI uri) {
        return of("HEAD", uri, null);
    }

    /** {@code DELETE}. */
    public static HttpCall delete(URI uri) {
        return of("DELETE", uri, null);
    }

    /** {@code PUT} of {@code body}. */
    public static HttpCall put(URI uri, byte[] body) {
        return of("PUT", uri, body);
    }

    /**
     * {@code POST} of {@code body}; retried only when the origin cannot have acted on it, unless it is
     * {@link #asRepeatable()}.
     */
    public static HttpCall post(URI uri, byte[] body) {
        return of("POST", uri, body);
    }

    /** The same call with these headers added; one of the same name is replaced. */
    public HttpCall withHeaders(Map<String, String> more) {
        Map<String, String> all = new TreeMap<>(headers);
        all.putAll(normalized(more));
        return new HttpCall(method, uri, all, body, accepted, timeout, repeatable);
    }

    /** The same call with one header added or replaced. */
    public HttpCall withHeader(String name, String value) {
        return withHeaders(Map.of(name, value));
    }

    /** The same call that takes these statuses, and no others beside 200-299 and 304, for answers. */
    public HttpCall accepting(Integer... statuses) {
        return new HttpCall(method, uri, headers, body, Set.of(statuses), timeout, repeatable);
    }

    /** The same call under another bound on each attempt; empty for the client's default. */
    public HttpCall withTimeout(Optional<Duration> bound) {
        return new HttpCall(method, uri, headers, body, accepted, bound.orElse(null), repeatable);
    }

    /**
     * The same call, of which the caller knows that sending it twice does no more than sending it once: a POST that
     * only asks, or that deletes.
     */
    public HttpCall asRepeatable() {
        return new HttpCall(method, uri, headers, body, accepted, timeout, true);
    }

    /** As a segment of a path or a value in a query: all but RFC 3986's unreserved characters (§2.3) in percent. */
    public static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8)
                .replace("+", "%20")
                .replace("*", "%2A")
                .replace("%7E", "~");
    }

    /** Whether {@code status} is an answer for the reader. */
    boolean accepts(int status) {
        return (status >= 200 && status < 300) || status == 304 || accepted.contains(status);
    }

    /** Whether sending twice does no more than sending once, RFC 9110 §9.2.2. */
    boolean idempotent() {
        return switch (method) {
            case "GET", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE" -> true;
            default -> repeatable;
        };
    }

    @Override
    public String toString() {
        return method + " " + Redaction.uri(uri);
    }

    private static Map<String, String> normalized(Map<String, String> headers) {
        Map<String, String> lower = new TreeMap<>();
        headers.forEach((name, value) -> {
            Headers.check(name, value);
            lower.put(name.toLowerCase(Locale.ROOT), value);
        });
        return Collections.unmodifiableMap(lower);
    }
}
