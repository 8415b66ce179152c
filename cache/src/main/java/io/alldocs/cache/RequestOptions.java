package io.alldocs.cache;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * Options of one request or run; immutable.
 *
 * @param mode how the cache is used
 * @param headers sent with each request, beside the client's own
 * @param timeout bound on one request, body included; empty for the client's default
 */
public record RequestOptions(CacheMode mode, Map<String, String> headers, Optional<Duration> timeout) {

    /** Mode {@link CacheMode#DEFAULT}, no headers, the client's own timeout. */
    public static final RequestOptions DEFAULT = new RequestOptions(CacheMode.DEFAULT, Map.of(), Optional.empty());

    /** Copies the headers. */
    public RequestOptions {
        headers = Map.copyOf(headers);
    }

    /** A mode, and otherwise the defaults. */
    public static RequestOptions of(CacheMode mode) {
        return new RequestOptions(mode, Map.of(), Optional.empty());
    }

    /** The same with another mode. */
    public RequestOptions withMode(CacheMode other) {
        return new RequestOptions(other, headers, timeout);
    }

    /** Names of headers, never their values. */
    @Override
    public String toString() {
        return "RequestOptions[mode=" + mode + ", headers=" + headers.keySet() + ", timeout=" + timeout + "]";
    }
}
