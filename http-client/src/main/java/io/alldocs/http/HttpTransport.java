package io.alldocs.http;

import java.io.IOException;

/**
 * Sends one attempt of one request over the network, without retries and redirects, and without adding credentials.
 * Safe for concurrent use.
 *
 * <p>The client decides by the types of the exceptions thrown, including their causes. It distinguishes
 * {@link java.net.http.HttpConnectTimeoutException} and {@link java.net.http.HttpTimeoutException},
 * {@link StallTimeoutException}, {@link java.net.UnknownHostException} and {@link java.net.ConnectException}. It throws
 * {@link java.security.GeneralSecurityException} for a certificate that is not trusted, and
 * {@link java.net.ProtocolException} for a response that violates HTTP ({@link Headers#received}). Any other
 * {@link IOException} counts as a lost connection.
 *
 * <p>{@link JdkTransport} is the default. {@link HttpTransports} finds others by name.
 */
public interface HttpTransport extends AutoCloseable {

    /**
     * Sends one request and returns when the response headers have arrived. The caller closes the body stream, which
     * releases or cancels the connection.
     *
     * @param call the request with all its headers, including credentials
     * @param timeouts limits on stalls and on the whole request, which also apply to the body stream
     * @throws IOException if no response arrived; {@link java.net.http.HttpTimeoutException} if a timeout expired
     */
    ClientResponse send(ClientRequest call, Timeouts timeouts) throws IOException, InterruptedException;

    @Override
    void close();
}
