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
 * Finds bytes behind the end of the last answer of a connection. OkHttp takes them for the answer to the next request,
 * so that a server, or a proxy that mixes up its answers, can give one package the document of another. OkHttp has no
 * public way to ask for them: this class uses three of its internal methods, and finds nothing where a version of
 * OkHttp has other ones.
 */
final class Leftovers {

    /** What the internal method is told, which it does not ask here. */
    private static final OkHttpClient ANY = new OkHttpClient.Builder()
            .connectionSpecs(List.of(ConnectionSpec.CLEARTEXT)) // without TLS, which takes time to load
            .build();

    private Leftovers() {}

    /** Whether something came before the request was sent. Streams of HTTP/2 cannot be mixed up. */
    static boolean has(Connection connection, Interceptor.Chain chain) {
        if (connection.protocol() == Protocol.HTTP_2) {
            return false;
        }
        try {
            return connection.socket().getInputStream().available() > 0 || buffered(connection, chain) > 0;
        } catch (IOException e) {
            return true; // closed at this moment: no use either
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
