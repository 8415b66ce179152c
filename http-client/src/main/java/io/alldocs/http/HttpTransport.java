package io.alldocs.http;

import java.io.IOException;

/**
 * The exchangeable wire: one attempt of one request, no retry, no redirect, no credentials of its own. Safe for
 * concurrent use.
 *
 * <p>The client decides by the types of what is thrown, causes included:
 * {@link java.net.http.HttpConnectTimeoutException} and {@link java.net.http.HttpTimeoutException},
 * {@link StallTimeoutException}, {@link java.net.UnknownHostException}, {@link java.net.ConnectException},
 * {@link java.security.GeneralSecurityException} for a certificate that is not trusted;
 * {@link java.net.ProtocolException} for an answer that breaks HTTP ({@link Headers#received}); any other
 * {@link IOException} is a lost connection.
 *
 * <p>{@link JdkTransport} is the default. {@link HttpTransports} finds others by name.
 */
public interface HttpTransport extends AutoCloseable {

    /**
     * Sends one request and returns when the headers are there; the reply's body stream is closed by the caller, which
     * frees or cancels the connection.
     *
     * @param call headers complete, credentials included
     * @param timeouts stall and whole-request bounds that the body stream keeps too
     * @throws IOException when no answer came; {@link java.net.http.HttpTimeoutException} for a bound that ran out
     */
    HttpReply send(HttpCall call, Timeouts timeouts) throws IOException, InterruptedException;

    @Override
    void close();
}
