package io.alldocs.http;

/**
 * Creates transports of one kind. {@code ServiceLoader} finds providers: a file
 * {@code META-INF/services/io.alldocs.http.HttpTransportProvider} names the class, which has a public constructor
 * without parameters. {@link HttpTransports} selects a provider by name.
 */
public interface HttpTransportProvider {

    /** Returns the name used in {@code HTTP_TRANSPORT}: lower-case letters and digits. Must not be {@code jdk}. */
    String name();

    /**
     * Returns a new transport, which the caller must close. Sends nothing.
     *
     * @throws IllegalArgumentException if the npm configuration names a proxy, certificate or key that cannot be used
     */
    HttpTransport create(TransportOptions options);
}
