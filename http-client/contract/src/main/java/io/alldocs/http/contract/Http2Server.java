package io.alldocs.http.contract;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;

/**
 * A server for HTTP/2 over TLS on a free port of 127.0.0.1. It sends exactly the frames that a test requires. Each
 * connection has a thread, which acknowledges SETTINGS, answers PING, and runs the test's code for each HEADERS frame.
 * The server does not decode header blocks and ignores flow control windows.
 */
final class Http2Server implements AutoCloseable {

    private static final int PREFACE_BYTES = 24;
    private static final char[] PASSWORD = "contract".toCharArray();

    /** The server's certificate is for localhost and 127.0.0.1; this context trusts it. */
    static final SSLContext TLS = tls();

    /** Writes the server's frames. */
    interface Talk {
        /** Writes the first frames of a connection. */
        default void greet(Wire wire) throws IOException, InterruptedException {
            wire.write(Frames.settings());
        }

        /** Answers the request on a stream. */
        void response(Wire wire) throws IOException, InterruptedException;
    }

    private final AtomicInteger connections = new AtomicInteger();
    private final RawServer server;
    private final Talk talk;

    Http2Server(Talk talk) throws IOException {
        this.talk = talk;
        this.server = new RawServer(this::hold);
    }

    URI uri() {
        return URI.create(server.uri("/").toString().replace("http:", "https:"));
    }

    /** Returns the number of connections that use HTTP/2. */
    int connections() {
        return connections.get();
    }

    private void hold(RawServer self, Socket plain) throws IOException, InterruptedException {
        try (SSLSocket tls = (SSLSocket) TLS.getSocketFactory().createSocket(plain, null, plain.getPort(), true)) {
            tls.setUseClientMode(false);
            SSLParameters parameters = tls.getSSLParameters();
            parameters.setApplicationProtocols(new String[] {"h2"});
            tls.setSSLParameters(parameters);
            tls.startHandshake();
            connections.incrementAndGet();
            OutputStream out = tls.getOutputStream();
            talk.greet(Wire.of(self, plain, out, 0));
            response(self, plain, new DataInputStream(tls.getInputStream()), out);
        }
    }

    private void response(RawServer self, Socket plain, DataInputStream in, OutputStream out)
            throws IOException, InterruptedException {
        Wire connection = Wire.of(self, plain, out, 0);
        in.readFully(new byte[PREFACE_BYTES]);
        while (!plain.isClosed()) {
            int lengthAndType = in.readInt();
            int flags = in.readUnsignedByte();
            int stream = in.readInt();
            byte[] payload = new byte[lengthAndType >>> 8];
            in.readFully(payload);
            switch (lengthAndType & 0xff) {
                case Frames.HEADERS -> talk.response(Wire.of(self, plain, out, stream));
                case Frames.SETTINGS -> {
                    if ((flags & Frames.ACK) == 0) {
                        connection.write(Frames.frame(Frames.SETTINGS, Frames.ACK, 0));
                    }
                }
                case Frames.PING -> {
                    if ((flags & Frames.ACK) == 0) {
                        connection.write(Frames.frame(Frames.PING, Frames.ACK, 0, payload));
                    }
                }
                default -> {}
            }
        }
    }

    private static SSLContext tls() {
        try (InputStream in = Objects.requireNonNull(Http2Server.class.getResourceAsStream("localhost.p12"))) {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(in, PASSWORD);
            KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            keys.init(store, PASSWORD);
            KeyStore trusted = KeyStore.getInstance("PKCS12");
            trusted.load(null, null);
            trusted.setCertificateEntry("server", store.getCertificate("server"));
            TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(trusted);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
            return context;
        } catch (IOException | GeneralSecurityException e) {
            throw new IllegalStateException("Cannot read the certificate of the contract: " + e, e);
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
