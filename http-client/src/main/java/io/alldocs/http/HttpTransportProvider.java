package io.alldocs.http;

/**
 * Makes transports of one kind. ServiceLoader finds providers: a file
 * {@code META-INF/services/io.alldocs.http.HttpTransportProvider} names the class, which has a public constructor
 * without parameters. {@link HttpTransports} chooses by name.
 */
public interface HttpTransportProvider {

    /** What {@code HTTP_TRANSPORT} calls it: lower-case letters and digits. Must not be {@code jdk}. */
    String name();

    /**
     * A new transport, to be closed by the caller. Nothing is sent.
     *
     * @throws IllegalArgumentException if the npm configuration names a proxy, certificate or key that cannot be used
     */
    HttpTransport create(TransportOptions options);
}
