package io.alldocs.http.okhttp;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import okhttp3.Connection;
import okhttp3.ConnectionSpec;
import okhttp3.Interceptor;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okhttp3.internal.connection.RealConnection;
import okhttp3.internal.http.RealInterceptorChain;
import okio.BufferedSource;

/**
 * Detects bytes after the end of the last response on a connection. OkHttp treats them as the response to the next
 * request. A server, or a proxy that mixes up its responses, could in this way deliver the document of one package for
 * another. OkHttp has no public method to detect them, so this class uses three of its internal methods. If these are
 * not accessible, it detects only bytes that OkHttp has not read yet, and logs a warning once.
 */
final class UnsolicitedBytes {
    private static final System.Logger LOG = System.getLogger(UnsolicitedBytes.class.getName());

    /** A required argument of the internal method, which does not use it here. */
    private static final OkHttpClient ANY = new OkHttpClient.Builder()
            .connectionSpecs(List.of(ConnectionSpec.CLEARTEXT)) // without TLS, which takes time to load
            .build();

    private static final AtomicBoolean WARNED = new AtomicBoolean();

    private UnsolicitedBytes() {}

    /** Returns whether bytes arrived before the request was sent. HTTP/2 streams cannot be mixed up. */
    static boolean arrivedOn(Connection connection, Interceptor.Chain chain) {
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
        try {
            return connection instanceof RealConnection real
                            && chain instanceof RealInterceptorChain realChain
                            && real.newCodec$okhttp(ANY, realChain).getSocket().getSource()
                                    instanceof BufferedSource source
                    ? source.getBuffer().size()
                    : 0;
        } catch (LinkageError e) {
            if (WARNED.compareAndSet(false, true)) {
                LOG.log(
                        Level.WARNING,
                        "The OkHttp transport cannot detect all bytes that a server sends after the end of a response: "
                                + e.getMessage()
                                + ". On the module path, add --add-exports okhttp3/okhttp3.internal.connection=io.alldocs.http.okhttp"
                                + " and --add-exports okhttp3/okhttp3.internal.http=io.alldocs.http.okhttp to the command.");
            }
            return 0;
        }
    }
}
