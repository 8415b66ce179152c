package io.alldocs.http;

import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP request as a value, with the statuses that count as responses rather than errors. {@code toString()} shows
 * only the method and the redacted address.
 *
 * @param method upper case: GET, HEAD, PUT, POST, DELETE
 * @param uri absolute http or https address without user information
 * @param headers kept in lower case; the client adds credentials, unless an {@code authorization} header is given here
 * @param body bytes to send, null for none; not copied, so the caller must not change it until the call ends
 * @param accepted statuses other than 200-299 and 304 that are passed to the reader instead of thrown (e.g. 404)
 * @param timeout limit on the whole exchange of one attempt, including the body; null for the client's default
 * @param repeatable whether the request is idempotent regardless of its method; if so, it is retried like a GET
 */
@SuppressWarnings("ArrayRecordComponent") // the body is passed on, never compared
public record ClientRequest(
        String method,
        URI uri,
        Map<String, String> headers,
        byte @Nullable [] body,
        Set<Integer> accepted,
        @Nullable Duration timeout,
        boolean repeatable) {

    /**
     * Validates the request. Messages never repeat a header's value.
     *
     * @throws IllegalArgumentException if the method is empty, or a header cannot be sent. Also if the address contains
     *     user information, or is not absolute http or https with a host and a port up to 65535
     */
    public ClientRequest {
        if (!Headers.isToken(method)) {
            throw new IllegalArgumentException("\"" + Redaction.excerpt(method) + "\" is not a valid HTTP method.");
        }
        Origins.requireHttp(uri);
        headers = HeaderFields.of(headers);
        accepted = Set.copyOf(accepted);
    }

    private static ClientRequest of(String method, URI uri, byte @Nullable [] body) {
        return new ClientRequest(method, uri, HeaderFields.NONE, body, Set.of(), null, false);
    }

    /** Returns a {@code GET} request. */
    public static ClientRequest get(URI uri) {
        return of("GET", uri, null);
    }

    /** Returns a {@code HEAD} request. The reader receives status and headers, and an empty body. */
    public static ClientRequest head(URI uri) {
        return of("HEAD", uri, null);
    }

    /** Returns a {@code DELETE} request. */
    public static ClientRequest delete(URI uri) {
        return of("DELETE", uri, null);
    }

    /** Returns a {@code PUT} request with {@code body}. */
    public static ClientRequest put(URI uri, byte[] body) {
        return of("PUT", uri, body);
    }

    /**
     * Returns a {@code POST} request with {@code body}. It is retried only if the origin cannot have acted on it, or if
     * it is marked with {@link #asRepeatable()}.
     */
    public static ClientRequest post(URI uri, byte[] body) {
        return of("POST", uri, body);
    }

    /** Returns the same call with these headers added; headers of the same name are replaced. */
    public ClientRequest withHeaders(Map<String, String> more) {
        return more.isEmpty()
                ? this
                : new ClientRequest(
                        method, uri, HeaderFields.of(headers).with(more), body, accepted, timeout, repeatable);
    }

    /** Returns the same call with one header added or replaced. */
    public ClientRequest withHeader(String name, String value) {
        return withHeaders(Map.of(name, value));
    }

    /** Returns the same call that accepts these statuses, and no others except 200-299 and 304. */
    public ClientRequest accepting(Integer... statuses) {
        return new ClientRequest(method, uri, headers, body, Set.of(statuses), timeout, repeatable);
    }

    /** Returns the same call with another limit on each attempt; empty for the client's default. */
    public ClientRequest withTimeout(Optional<Duration> bound) {
        Duration limit = bound.orElse(null);
        return Objects.equals(limit, timeout)
                ? this
                : new ClientRequest(method, uri, headers, body, accepted, limit, repeatable);
    }

    /** Returns the same call marked as idempotent. Use it for a POST that only queries or deletes. */
    public ClientRequest asRepeatable() {
        return new ClientRequest(method, uri, headers, body, accepted, timeout, true);
    }

    /**
     * Encodes {@code text} as a path segment or a query value: all characters except RFC 3986's unreserved ones (§2.3)
     * are percent-encoded.
     */
    public static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8)
                .replace("+", "%20")
                .replace("*", "%2A")
                .replace("%7E", "~");
    }

    /** Returns whether {@code status} is passed to the reader. */
    boolean accepts(int status) {
        return (status >= 200 && status < 300) || status == 304 || accepted.contains(status);
    }

    /** Returns whether the request is idempotent, RFC 9110 §9.2.2. */
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
}
