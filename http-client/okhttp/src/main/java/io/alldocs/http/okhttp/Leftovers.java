package io.alldocs.http.okhttp;

import java.io.IOException;
import java.util.List;
import okhttp3.Connection;
import okhttp3.ConnectionSpec;
import okhttp3.Interceptor;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okhttp3.internal.connection.RealConnection;
import okhttp3.internal.http.RealInterceptorChain;
import okio.BufferedSource;

/**
 * Detects bytes after the end of the last response on a connection. OkHttp takes them for the response to the next
 * request. A server, or a proxy that mixes up its responses, could in this way deliver the document of one package for
 * another. OkHttp has no public method to detect them, so this class uses three of its internal methods. It detects
 * nothing if a version of OkHttp has different ones.
 */
final class Leftovers {

    /** A required argument of the internal method, which does not use it here. */
    private static final OkHttpClient ANY = new OkHttpClient.Builder()
            .connectionSpecs(List.of(ConnectionSpec.CLEARTEXT)) // without TLS, which takes time to load
            .build();

    private Leftovers() {}

    /** Returns whether bytes arrived before the request was sent. HTTP/2 streams cannot be mixed up. */
    static boolean has(Connection connection, Interceptor.Chain chain) {
        if (connection.protocol() == Protocol.HTTP_2) {
            return false;
        }
        try {
            return connection.socket().getInputStream().available() > 0 || buffered(connection, chain) > 0;
        } catch (IOException e) {
            return true; // closed at this moment, so it is unusable too
        }
    }

    private static long buffered(Connection connection, Interceptor.Chain chain) throws IOException {
        if (!(connection instanceof RealConnection real) || !(chain instanceof RealInterceptorChain realChain)) {
            return 0;
        }
        try {
            return real.newCodec$okhttp(ANY, realChain).getSocket().getSource() instanceof BufferedSource source
                    ? source.getBuffer().size()
                    : 0;
        } catch (LinkageError e) {
            return 0;
        }
    }
}
