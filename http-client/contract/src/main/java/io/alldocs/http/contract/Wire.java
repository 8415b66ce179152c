package io.alldocs.http.contract;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.time.Duration;

/**
 * The connection on which an answer is written; for HTTP/2, TLS on that connection and one stream. Used by one thread.
 */
final class Wire {
    private final RawServer server;
    private final Socket socket;
    private final OutputStream out;
    private final int stream;

    private Wire(RawServer server, Socket socket, OutputStream out, int stream) {
        this.server = server;
        this.socket = socket;
        this.out = out;
        this.stream = stream;
    }

    /** Returns a wire that writes to {@code socket} directly. */
    static Wire of(RawServer server, Socket socket) throws IOException {
        return new Wire(server, socket, socket.getOutputStream(), 0);
    }

    /**
     * Returns a wire that writes through TLS.
     *
     * @param socket the socket below TLS, on which a reset is sent
     * @param stream the stream of the request; 0 for none
     */
    static Wire of(RawServer server, Socket socket, OutputStream tls, int stream) {
        return new Wire(server, socket, tls, stream);
    }

    /** Returns the stream of the request; 0 on HTTP/1.1. */
    int stream() {
        return stream;
    }

    /** Writes {@code text} as Latin-1 in one piece. */
    void write(String text) throws IOException {
        write(text.getBytes(ISO_8859_1));
    }

    /** Writes {@code parts} consecutively in one piece. */
    void write(byte[]... parts) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.write(part);
        }
        out.write(all.toByteArray());
        out.flush();
    }

    /** Writes {@code text} one byte at a time. */
    void writeSlowly(String text, Duration every) throws IOException, InterruptedException {
        for (byte each : text.getBytes(ISO_8859_1)) {
            write(new byte[] {each});
            pause(every);
        }
    }

    /** Writes {@code start}, and then {@code again} until the client or the test ends the connection. */
    void writeForEver(byte[] start, byte[] again) throws IOException {
        write(start);
        byte[][] block = new byte[1 + 8192 / again.length][];
        java.util.Arrays.fill(block, again);
        while (true) {
            write(block);
        }
    }

    /** Writes {@code part} repeatedly, with a pause after each. */
    void repeat(byte[] part, Duration every) throws IOException, InterruptedException {
        while (true) {
            write(part);
            pause(every);
        }
    }

    private void pause(Duration time) throws IOException, InterruptedException {
        if (server.awaitClose(time)) {
            throw new IOException("The server was closed.");
        }
    }

    /** Closes the connection in order (FIN). */
    void close() throws IOException {
        out.close();
        socket.close();
    }

    /** Resets the connection (RST). */
    void reset() throws IOException {
        RawServer.reset(socket);
    }

    /** Sends and reads nothing more until the server is closed. */
    void awaitClose() throws InterruptedException {
        server.awaitClose();
    }
}
