package io.alldocs.http.okhttp;

import okhttp3.Connection;
import okhttp3.Protocol;
import okhttp3.internal.connection.RealConnection;

/**
 * Takes an HTTP/2 connection out of use after an exchange has failed on it. The connection may be unusable, for example
 * silent, and OkHttp would assign it to the next calls. OkHttp has no public method for this, so this class uses one of
 * its internal methods. It does nothing if that method is not accessible.
 */
final class SharedConnections {

    private SharedConnections() {}

    /** Retires the connection. Exchanges in progress may finish on it. */
    static void retire(Connection connection) {
        if (connection.protocol() != Protocol.HTTP_2) {
            return;
        }
        try {
            if (connection instanceof RealConnection real) {
                real.noNewExchanges();
            }
        } catch (LinkageError e) {
            // OkHttp detects it by a PING within about a second.
        }
    }
}
