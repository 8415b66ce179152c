package io.alldocs.cache;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Options of one request or run. Immutable.
 *
 * @param mode how the request uses the cache
 * @param headers headers sent with each request, in addition to the client's own
 * @param timeout time limit of one request, including its body; empty for the client's default
 */
public record RequestOptions(CacheMode mode, Map<String, String> headers, Optional<Duration> timeout) {

    /** Mode {@link CacheMode#DEFAULT}, no headers, and the client's default timeout. */
    public static final RequestOptions DEFAULT = new RequestOptions(CacheMode.DEFAULT, Map.of(), Optional.empty());

    /** Copies the headers. */
    public RequestOptions {
        headers = Map.copyOf(headers);
    }

    /** Returns options with the given mode and otherwise the defaults. */
    public static RequestOptions of(CacheMode mode) {
        return new RequestOptions(mode, Map.of(), Optional.empty());
    }

    /** Returns a copy with another mode. */
    public RequestOptions withMode(CacheMode other) {
        return new RequestOptions(other, headers, timeout);
    }

    /** Returns a copy with one more header. It replaces a header of the same name; letter case is ignored. */
    public RequestOptions withHeader(String name, String value) {
        Map<String, String> more = new HashMap<>(headers);
        more.keySet().removeIf(name::equalsIgnoreCase);
        more.put(name, value);
        return new RequestOptions(mode, more, timeout);
    }

    /** Returns a copy with these headers in place of all others. */
    public RequestOptions withHeaders(Map<String, String> others) {
        return new RequestOptions(mode, others, timeout);
    }

    /**
     * Returns a copy with another timeout.
     *
     * @param limit time limit of one request, including its body; positive
     */
    public RequestOptions withTimeout(Duration limit) {
        return new RequestOptions(mode, headers, Optional.of(limit));
    }

    /** Returns the mode, the timeout and the names of the headers, but never the values of headers. */
    @Override
    public String toString() {
        return "RequestOptions[mode=" + mode + ", headers=" + headers.keySet() + ", timeout=" + timeout + "]";
    }
}
