/**
 * An HTTP transport over OkHttp. On the module path, add {@code --add-exports
 * okhttp3/okhttp3.internal.connection=io.alldocs.http.okhttp} and {@code --add-exports
 * okhttp3/okhttp3.internal.http=io.alldocs.http.okhttp} to the command of the JVM. Without them, the transport does not
 * detect all bytes that a server sends after the end of a response.
 *
 * @since 0.1.0
 */
@SuppressWarnings("requires-automatic") // The jar of Okio names its module in its manifest only.
module io.alldocs.http.okhttp {
    requires transitive io.alldocs.http;
    requires okhttp3;
    requires okio;
    requires static transitive org.jspecify;

    exports io.alldocs.http.okhttp;

    provides io.alldocs.http.HttpTransportProvider with
            io.alldocs.http.okhttp.OkHttpTransportProvider;
}
