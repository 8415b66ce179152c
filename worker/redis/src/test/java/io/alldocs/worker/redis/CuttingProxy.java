package io.alldocs.worker.redis;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/** A proxy between a queue and its server that breaks the connection in the middle of a response on request. */
final class CuttingProxy implements AutoCloseable {
    private static final int NEVER = Integer.MAX_VALUE;

    private final int target;
    private final ServerSocket server;
    private final ExecutorService threads = Executors.newCachedThreadPool();

    /** How many bytes of the response to the next script are forwarded. */
    private final AtomicInteger next = new AtomicInteger(NEVER);

    private final AtomicInteger cuts = new AtomicInteger();

    CuttingProxy(int target) {
        this.target = target;
        try {
            this.server = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        threads.execute(this::acceptAll);
    }

    String url() {
        return "redis://127.0.0.1:" + server.getLocalPort();
    }

    /**
     * Forwards that many bytes of the response to the next script, then closes its connection. A shorter response is
     * forwarded completely.
     */
    void cutNextAnswerAfter(int bytes) {
        next.set(bytes);
    }

    /** Returns how many responses were cut. */
    int cuts() {
        return cuts.get();
    }

    private void acceptAll() {
        try {
            while (true) {
                Connection connection =
                        new Connection(server.accept(), new Socket(InetAddress.getLoopbackAddress(), target));
                threads.execute(connection::carryCommands);
                threads.execute(connection::carryAnswers);
            }
        } catch (IOException e) {
            // the test has ended
        }
    }

    private final class Connection {
        private final Socket client;
        private final Socket redis;
        private final AtomicInteger left = new AtomicInteger(NEVER);

        Connection(Socket client, Socket redis) {
            this.client = client;
            this.redis = redis;
        }

        void carryCommands() {
            carry(client, redis, (bytes, length) -> {
                if (new String(bytes, 0, length, StandardCharsets.ISO_8859_1).contains("EVALSHA")) {
                    left.set(next.getAndSet(NEVER));
                }
                return length;
            });
        }

        void carryAnswers() {
            carry(redis, client, (bytes, length) -> {
                int may = left.get();
                if (may == NEVER || may > length) {
                    left.compareAndSet(may, may == NEVER ? NEVER : may - length);
                    return length;
                }
                cuts.incrementAndGet();
                return may;
            });
        }

        /** Forwards bytes until the connection ends, or until not all bytes are to be forwarded. */
        private void carry(Socket from, Socket to, Share share) {
            try (from;
                    to) {
                InputStream in = from.getInputStream();
                OutputStream out = to.getOutputStream();
                byte[] buffer = new byte[1 << 16];
                for (int length = in.read(buffer); length > 0; length = in.read(buffer)) {
                    int carried = share.of(buffer, length);
                    out.write(buffer, 0, carried);
                    if (carried < length) {
                        return;
                    }
                }
            } catch (IOException e) {
                // one side disconnected, so close the other too
            }
        }
    }

    /** Returns how many of the first bytes are forwarded. */
    private interface Share {
        int of(byte[] bytes, int length);
    }

    @Override
    public void close() {
        try {
            server.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        threads.shutdown();
    }
}
