package io.alldocs.http;

import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP request as a value: what is asked, of whom, and which statuses are answers rather than errors.
 *
 * @param method upper case: GET, HEAD, PUT, POST, DELETE
 * @param uri absolute http or https address without user information
 * @param headers names in any case; credentials are added by the client, not here
 * @param body bytes to send, null for none
 * @param accepted statuses beside 200-299 and 304 that are handed to the reader instead of thrown (e.g. 404)
 * @param timeout bound on the whole exchange of one attempt, body included; null for the client's default
 */
public record HttpCall(
        String method,
        URI uri,
        Map<String, String> headers,
        byte @Nullable [] body,
        Set<Integer> accepted,
        @Nullable Duration timeout) {

    public static HttpCall get(URI uri) {
        return new HttpCall("GET", uri, Map.of(), null, Set.of(), null);
    }

    public HttpCall withHeaders(Map<String, String> more) {
        throw new AssertionError("skeleton");
    }

    public HttpCall withHeader(String name, String value) {
        throw new AssertionError("skeleton");
    }

    public HttpCall accepting(Integer... statuses) {
        return new HttpCall(method, uri, headers, body, Set.of(statuses), timeout);
    }

    public HttpCall withTimeout(Optional<Duration> bound) {
        return new HttpCall(method, uri, headers, body, accepted, bound.orElse(null));
    }
}
