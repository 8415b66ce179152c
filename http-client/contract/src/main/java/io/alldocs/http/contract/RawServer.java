package io.alldocs.http.contract;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A server on a free port of 127.0.0.1 that sends exactly the bytes of a test. They include bytes that no real HTTP
 * server would send. Each connection has a thread. The thread reads the head of a request up to its empty line and runs
 * the test's code, which answers it. It repeats this until one side closes the connection.
 */
public final class RawServer implements AutoCloseable {

    /** Answers one request. */
    @FunctionalInterface
    public interface Talk {
        /**
         * Writes the answer, or does anything else with the connection, such as closing it.
         *
         * @param server the server that accepted the connection
         * @param request the head of the request, from its method to its empty line
         * @throws IOException if the client has disconnected; the connection is closed
         */
        void answer(RawServer server, String request, Socket socket) throws IOException, InterruptedException;
    }

    private final AtomicInteger connections = new AtomicInteger();
    private final AtomicInteger requests = new AtomicInteger();
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final CountDownLatch closed = new CountDownLatch(1);
    private final ServerSocket listening;
    private final Conversation conversation;

    /** Handles all communication on one connection. */
    @FunctionalInterface
    interface Conversation {
        void hold(RawServer server, Socket socket) throws IOException, InterruptedException;
    }

    /**
     * Starts listening.
     *
     * @throws IOException if no port is free
     */
    public RawServer(Talk talk) throws IOException {
        this((server, socket) -> server.answerHeads(socket, talk));
    }

    /** Starts a server whose conversation may read and write anything. */
    RawServer(Conversation conversation) throws IOException {
        this.conversation = conversation;
        this.listening = new ServerSocket(0, 200, InetAddress.getLoopbackAddress());
        daemon("raw-server", this::accept).start();
    }

    /** Returns the address of {@code path}, which starts with a slash. */
    public URI uri(String path) {
        return URI.create("http://127.0.0.1:" + listening.getLocalPort() + path);
    }

    /** Returns the number of accepted connections. */
    public int connections() {
        return connections.get();
    }

    /** Returns the number of request heads that were read. */
    public int requests() {
        return requests.get();
    }

    /** Returns the number of open connections. */
    public int openConnections() {
        return open.size();
    }

    /** Writes {@code text} as Latin-1 in one piece. */
    public static void write(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(ISO_8859_1));
    }

    /**
     * Writes {@code text} one byte at a time.
     *
     * @param every the time between two bytes
     */
    public void writeSlowly(Socket socket, String text, Duration every) throws IOException, InterruptedException {
        for (byte each : text.getBytes(ISO_8859_1)) {
            socket.getOutputStream().write(each);
            if (awaitClose(every)) {
                return;
            }
        }
    }

    /** Waits until the server is closed. */
    public void awaitClose() throws InterruptedException {
        closed.await();
    }

    /** Waits up to {@code time} and returns whether the server is closed. */
    boolean awaitClose(Duration time) throws InterruptedException {
        return closed.await(time.toNanos(), TimeUnit.NANOSECONDS);
    }

    /** Closes the connection with a reset (RST) instead of an orderly close (FIN). */
    public static void reset(Socket socket) throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    private void accept() {
        try {
            while (true) {
                Socket socket = listening.accept();
                connections.incrementAndGet();
                open.add(socket);
                daemon("raw-server-connection", () -> serve(socket)).start();
            }
        } catch (IOException e) {
            // The server was closed.
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            socket.setTcpNoDelay(true);
            conversation.hold(this, socket);
        } catch (IOException e) {
            // The client disconnected, which many tests intend.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            open.remove(socket);
        }
    }

    private void answerHeads(Socket socket, Talk talk) throws IOException, InterruptedException {
        for (String head = readHead(socket.getInputStream());
                !head.isEmpty();
                head = readHead(socket.getInputStream())) {
            requests.incrementAndGet();
            talk.answer(this, head, socket);
            if (socket.isClosed()) {
                return;
            }
        }
    }

    /** Reads one request head; returns an empty string at the end of the connection. */
    private static String readHead(InputStream in) throws IOException {
        StringBuilder head = new StringBuilder();
        for (int b = in.read(); b >= 0; b = in.read()) {
            head.append((char) b);
            if (b == '\n'
                    && head.length() >= 4
                    && head.substring(head.length() - 4).equals("\r\n\r\n")) {
                return head.toString();
            }
        }
        return "";
    }

    private static Thread daemon(String name, Runnable work) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        return thread;
    }

    /** Closes the port and all connections. */
    @Override
    public void close() throws IOException {
        closed.countDown();
        listening.close();
        for (Socket socket : open) {
            socket.close();
        }
    }
}
