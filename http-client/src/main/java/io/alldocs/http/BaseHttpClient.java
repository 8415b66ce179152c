package io.alldocs.http;

/**
 * Sends requests: adds credentials and the trace header, pays the host's limiter, retries what is temporary, follows redirects, and turns
 * what is left into a {@link RequestException}. Safe for concurrent use.
 */
public final class BaseHttpClient implements AutoCloseable {

    private BaseHttpClient() {}

    public static Builder builder() {
        throw new AssertionError("skeleton");
    }

    /**
     * Sends {@code call} and reads the answer, as often as the retry policy allows.
     *
     * @throws AuthException on 401, and on 403 unless the call accepts it
     * @throws TemporaryException when every attempt was throttled, refused by a 5xx, timed out or cut
     * @throws PermanentException on any other status that is not accepted
     * @throws CancelledException when the thread was interrupted; its interrupt flag is set again
     */
    public <T> T send(HttpCall call, ReplyReader<T> reader) {
        throw new AssertionError("skeleton");
    }

    /** The limiter of the host of {@code uri}. */
    public HostLimiter limiter(java.net.URI uri) {
        throw new AssertionError("skeleton");
    }

    @Override
    public void close() {}

    /** Everything has a default; a transport or limiters that were given are shared and not closed. */
    public static final class Builder {
        private Builder() {}

        /** Default: the JDK's client, HTTP/1.1. */
        public Builder transport(HttpTransport transport) {
            throw new AssertionError("skeleton");
        }

        /** Default: none. */
        public Builder credentials(Credentials credentials) {
            throw new AssertionError("skeleton");
        }

        /** Default: {@link HostLimiters#shared()}. */
        public Builder limiters(HostLimiters limiters) {
            throw new AssertionError("skeleton");
        }

        public Builder timeouts(Timeouts timeouts) {
            throw new AssertionError("skeleton");
        }

        public Builder retry(RetryPolicy policy) {
            throw new AssertionError("skeleton");
        }

        /** A product and contact that the origin's operators can reach, as registries' crawling policies ask. */
        public Builder userAgent(String userAgent) {
            throw new AssertionError("skeleton");
        }

        public BaseHttpClient build() {
            throw new AssertionError("skeleton");
        }
    }
}
