package io.alldocs.http.contract;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.time.Duration;

/** Where an answer is written: a connection, on HTTP/2 beneath TLS and for one stream. Used by one thread. */
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

    /** Writes to {@code socket} itself. */
    static Wire of(RawServer server, Socket socket) throws IOException {
        return new Wire(server, socket, socket.getOutputStream(), 0);
    }

    /**
     * Writes through TLS.
     *
     * @param socket beneath TLS, which is what is reset
     * @param stream that the request came on; 0 for none
     */
    static Wire of(RawServer server, Socket socket, OutputStream tls, int stream) {
        return new Wire(server, socket, tls, stream);
    }

    /** The stream of the request; 0 on HTTP/1.1. */
    int stream() {
        return stream;
    }

    /** Writes {@code text} as Latin-1 at once. */
    void write(String text) throws IOException {
        write(text.getBytes(ISO_8859_1));
    }

    /** Writes {@code parts} at once, one behind the other. */
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

    /** Writes {@code part} again and again, with a pause behind each. */
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

    /** Ends the connection in order (FIN). */
    void close() throws IOException {
        out.close();
        socket.close();
    }

    /** Resets the connection (RST). */
    void reset() throws IOException {
        RawServer.reset(socket);
    }

    /** Says nothing more, and reads nothing more. */
    void awaitClose() throws InterruptedException {
        server.awaitClose();
    }
}
