package io.alldocs.http.okhttp;

import okhttp3.Connection;
import okhttp3.Protocol;
import okhttp3.internal.connection.RealConnection;

/**
 * Takes a connection of HTTP/2 out of use of which an exchange has failed. It may be of no more use, such as one that
 * is silent, and OkHttp would give it to the next calls. OkHttp has no public way to do so: this class uses one of its
 * internal methods, and does nothing where a version of OkHttp has another one.
 */
final class SharedConnections {

    private SharedConnections() {}

    /** Exchanges that are under way may finish on it. */
    static void retire(Connection connection) {
        if (connection.protocol() == Protocol.HTTP_2 && connection instanceof RealConnection real) {
            try {
                real.noNewExchanges();
            } catch (LinkageError e) {
                // OkHttp finds out by a PING within a second or so.
            }
        }
    }
}
