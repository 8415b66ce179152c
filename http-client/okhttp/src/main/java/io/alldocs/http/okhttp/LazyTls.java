package io.alldocs.http.okhttp;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.security.NoSuchAlgorithmException;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/**
 * The JVM's own TLS, created when the first connection needs it. A program that uses only http addresses does not read
 * the JVM's certificates.
 */
final class LazyTls extends SSLSocketFactory {

    /**
     * OkHttp requires a trust manager with a socket factory, to compare pinned certificates. No certificate is pinned
     * here; the context of the socket factory decides which certificates are trusted.
     */
    static final X509TrustManager NOT_ASKED = new X509TrustManager() {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {
            throw new UnsupportedOperationException("The SSL context of the socket factory checks the certificates.");
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {
            throw new UnsupportedOperationException("The SSL context of the socket factory checks the certificates.");
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    };

    private static SSLSocketFactory jvms() {
        try {
            return SSLContext.getDefault().getSocketFactory();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("This JVM does not support TLS: " + e.getMessage(), e);
        }
    }

    @Override
    public Socket createSocket(Socket connected, String host, int port, boolean autoClose) throws IOException {
        return jvms().createSocket(connected, host, port, autoClose);
    }

    @Override
    public String[] getDefaultCipherSuites() {
        return jvms().getDefaultCipherSuites();
    }

    @Override
    public String[] getSupportedCipherSuites() {
        return jvms().getSupportedCipherSuites();
    }

    @Override
    public Socket createSocket(String host, int port) throws IOException {
        return jvms().createSocket(host, port);
    }

    @Override
    public Socket createSocket(String host, int port, @Nullable InetAddress localHost, int localPort)
            throws IOException {
        return jvms().createSocket(host, port, localHost, localPort);
    }

    @Override
    public Socket createSocket(InetAddress host, int port) throws IOException {
        return jvms().createSocket(host, port);
    }

    @Override
    public Socket createSocket(InetAddress host, int port, @Nullable InetAddress localHost, int localPort)
            throws IOException {
        return jvms().createSocket(host, port, localHost, localPort);
    }
}
