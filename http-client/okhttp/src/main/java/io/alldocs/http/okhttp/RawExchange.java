package io.alldocs.http.okhttp;

import java.io.IOException;
import java.net.ProtocolException;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import okhttp3.Connection;
import okhttp3.Interceptor;
import okhttp3.Request;
import okhttp3.Response;

/**
 * Prevents OkHttp from changing requests and from acting on responses. It sets limits before OkHttp's own processing,
 * and restores headers and status after it.
 */
final class RawExchange {

    private RawExchange() {}

    private static Attempt attempt(Interceptor.Chain chain) {
        return Objects.requireNonNull(chain.request().tag(Attempt.class));
    }

    /**
     * Runs before OkHttp's own processing. A GET or HEAD is sent again on a new connection if a reused connection turns
     * out to be closed. Servers close idle connections, and the JDK's client does the same.
     */
    static Response bounded(Interceptor.Chain chain) throws IOException {
        Request request = chain.request();
        boolean isRepeated = request.method().equals("GET") || request.method().equals("HEAD");
        Interceptor.Chain bounded = chain.withReadTimeout(attempt(chain).silenceMillis(), TimeUnit.MILLISECONDS)
                .withRetryOnConnectionFailure(isRepeated);
        while (true) {
            try {
                return bounded.proceed(request);
            } catch (UnsolicitedBytesException e) {
                // Nothing was sent and this connection is closed, so OkHttp tries the next connection.
            }
        }
    }

    /** Runs after OkHttp's own processing, at the network. */
    static Response unchanged(Interceptor.Chain chain) throws IOException {
        Connection connection = Objects.requireNonNull(chain.connection());
        if (UnsolicitedBytes.arrivedOn(connection, chain)) {
            connection.socket().close();
            throw new UnsolicitedBytesException();
        }
        Attempt attempt = attempt(chain);
        Response response = chain.proceed(asAsked(chain.request(), attempt));
        attempt.status(response.code());
        return switch (response.code()) {
            case 101 -> {
                connection.socket().close(); // otherwise OkHttp would send the next request on it
                response.close();
                throw new ProtocolException("The server switched to a protocol that was not requested (HTTP 101).");
            }
            // For these statuses, OkHttp would send the request again or throw.
            case 407, 408, 421, 503 -> response.newBuilder().code(200).build();
            default -> response;
        };
    }

    /** Removes the headers that OkHttp added because the caller set none: the encoding and OkHttp's user agent. */
    private static Request asAsked(Request request, Attempt attempt) {
        if (attempt.namesEncoding() && attempt.namesAgent()) {
            return request;
        }
        Request.Builder plain = request.newBuilder();
        if (!attempt.namesEncoding()) {
            plain.removeHeader("Accept-Encoding");
        }
        if (!attempt.namesAgent()) {
            plain.removeHeader("User-Agent");
        }
        return plain.build();
    }

    /** Thrown when bytes arrived on an idle connection, which would be taken for the response to the next request. */
    private static final class UnsolicitedBytesException extends IOException {
        private static final long serialVersionUID = 1L;

        UnsolicitedBytesException() {
            super("The server sent more than one response.");
        }
    }
}
