package io.alldocs.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A server that sends exactly the bytes that a test requires, or none, including bytes that no well-behaved server
 * would send. Each connection has one thread.
 */
final class RawServer implements AutoCloseable {

    /** Handles one connection after the head of the first request was read. */
    interface Talk {
        void with(Socket socket) throws IOException, InterruptedException;
    }

    final AtomicInteger connections = new AtomicInteger();
    final AtomicInteger requests = new AtomicInteger();
    /** Number of connections that the client has closed or whose handler has ended. */
    final AtomicInteger ended = new AtomicInteger();

    private final ServerSocket listening;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final Talk talk;

    RawServer(Talk talk) throws IOException {
        this.talk = talk;
        this.listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread acceptor = new Thread(this::accept, "raw-server");
        acceptor.setDaemon(true);
        acceptor.start();
    }

    /** Returns a server that answers each request with these bytes and then closes the connection. */
    static RawServer answering(String answer) throws IOException {
        return new RawServer(socket -> socket.getOutputStream().write(answer.getBytes(ISO_8859_1)));
    }

    URI uri(String path) {
        return URI.create("http://127.0.0.1:" + listening.getLocalPort() + path);
    }

    private void accept() {
        try {
            while (true) {
                Socket socket = listening.accept();
                connections.incrementAndGet();
                open.add(socket);
                Thread speaker = new Thread(() -> speak(socket), "raw-server-speaker");
                speaker.setDaemon(true);
                speaker.start();
            }
        } catch (IOException e) {
            // The server was closed.
        }
    }

    private void speak(Socket socket) {
        try (socket) {
            if (readHead(socket.getInputStream())) {
                requests.incrementAndGet();
                talk.with(socket);
            }
        } catch (IOException e) {
            // The client disconnected, which the tests of this server intend.
            ended.incrementAndGet();
            return;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        ended.incrementAndGet();
    }

    /** Reads up to the empty line. */
    static boolean readHead(InputStream in) throws IOException {
        int last = 0;
        for (int b = in.read(); b >= 0; b = in.read()) {
            last = (last << 8) | b;
            if (last == 0x0d0a0d0a) {
                return true;
            }
        }
        return false;
    }

    @Override
    public void close() throws IOException {
        listening.close();
        for (Socket socket : open) {
            socket.close();
        }
    }
}
