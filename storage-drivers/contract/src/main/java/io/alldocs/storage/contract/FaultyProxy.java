package io.alldocs.storage.contract;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicReference;

/** A TCP proxy on 127.0.0.1 in front of a store's server, which breaks connections on request. Thread-safe. */
final class FaultyProxy implements AutoCloseable {
    /** Bytes of an answer that arrive before it is cut or stalls. */
    private static final int START_BYTES = 4096;

    private static final byte[] GARBAGE = "220 ftp.example.com ready.\r\n".getBytes(StandardCharsets.US_ASCII);

    /** What happens to a request and its connection. */
    enum Fault {
        /** Nothing: bytes pass in both directions. */
        NONE,
        /** The connection is closed; the request does not reach the server. */
        CLOSED,
        /** The connection is reset; the request does not reach the server. */
        RESET,
        /** The proxy answers with bytes that are not the store's protocol; the request does not reach the server. */
        GARBAGE,
        /** The server executes the request, and the connection is closed before its answer. */
        ANSWER_LOST,
        /** The connection is closed within the answer, after 4 KiB. */
        ANSWER_CUT,
        /** The answer stops after 4 KiB, and continues after {@link #release()}. */
        ANSWER_STALLED
    }

    private final URI target;
    private final ServerSocket server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private final AtomicReference<Fault> next = new AtomicReference<>(Fault.NONE);
    private final CountDownLatch stalled = new CountDownLatch(1);
    private final CountDownLatch released = new CountDownLatch(1);
    private volatile Fault standing = Fault.NONE;

    FaultyProxy(URI target) throws IOException {
        this.target = target;
        this.server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        threads.execute(this::accept);
    }

    /** Returns the address of the proxy, with the scheme and path of the server's address. */
    URI endpoint() {
        String path = target.getRawPath() == null ? "" : target.getRawPath();
        return URI.create(target.getScheme() + "://127.0.0.1:" + server.getLocalPort() + path);
    }

    /** Applies a fault to the next request. */
    void breakNext(Fault fault) {
        next.set(fault);
    }

    /** Applies a fault to each request from now on; {@link Fault#NONE} for none. */
    void breakAll(Fault fault) {
        standing = fault;
        next.set(Fault.NONE);
    }

    /** Waits until an answer stalls. */
    void awaitStalled() throws InterruptedException {
        stalled.await();
    }

    /** Lets the stalled answer continue. */
    void release() {
        released.countDown();
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket client = server.accept();
                sockets.add(client);
                threads.execute(() -> serve(client));
            } catch (IOException e) {
                // The proxy is closed; the loop ends.
            }
        }
    }

    /** A connection of the driver, the connection to the server behind it, and the fault that was applied to it. */
    private static final class Line {
        private final Socket client;
        private final Socket store;
        private volatile Fault fault = Fault.NONE;

        Line(Socket client, Socket store) {
            this.client = client;
            this.store = store;
        }
    }

    private void serve(Socket client) {
        try (client;
                Socket store = new Socket(target.getHost(), target.getPort())) {
            sockets.add(store);
            Line line = new Line(client, store);
            threads.execute(() -> passAnswers(line));
            passRequests(line);
        } catch (IOException e) {
            // One side disconnected; both connections are closed.
        } finally {
            sockets.removeIf(Socket::isClosed);
        }
    }

    private void passRequests(Line line) throws IOException {
        byte[] buffer = new byte[1 << 16];
        InputStream in = line.client.getInputStream();
        OutputStream out = line.store.getOutputStream();
        for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
            if (line.fault == Fault.NONE) {
                Fault once = next.getAndSet(Fault.NONE);
                line.fault = once == Fault.NONE ? standing : once;
            }
            switch (line.fault) {
                case CLOSED -> {
                    return;
                }
                case RESET -> {
                    line.client.setSoLinger(true, 0);
                    return;
                }
                case GARBAGE -> {
                    line.client.getOutputStream().write(GARBAGE);
                    return;
                }
                default -> out.write(buffer, 0, count);
            }
        }
    }

    private void passAnswers(Line line) {
        byte[] buffer = new byte[1 << 16];
        int passed = 0;
        try (line.store) {
            InputStream in = line.store.getInputStream();
            OutputStream out = line.client.getOutputStream();
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                if (line.fault == Fault.ANSWER_LOST) {
                    break;
                }
                int start = Math.min(count, Math.max(0, START_BYTES - passed));
                boolean whole = line.fault == Fault.NONE || start == count;
                out.write(buffer, 0, whole ? count : start);
                passed = line.fault == Fault.NONE ? 0 : passed + count;
                if (!whole && line.fault == Fault.ANSWER_CUT) {
                    break;
                }
                if (!whole) {
                    stalled.countDown();
                    released.await();
                    line.fault = Fault.NONE;
                    out.write(buffer, start, count - start);
                }
            }
        } catch (IOException e) {
            // One side disconnected; both connections are closed.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            close(line.client);
        }
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            // Ignored, because nothing depends on the result.
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
        sockets.forEach(FaultyProxy::close);
        threads.shutdownNow();
    }
}
