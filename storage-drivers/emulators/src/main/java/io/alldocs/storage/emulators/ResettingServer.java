package io.alldocs.storage.emulators;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;

/** Accepts connections on 127.0.0.1, and resets each one after it receives data. */
public final class ResettingServer implements AutoCloseable {
    private final ServerSocket server;
    private final Thread thread;

    /**
     * Starts the server.
     *
     * @throws IOException if no port is free
     */
    public ResettingServer() throws IOException {
        server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        thread = new Thread(this::run, "resetting-server");
        thread.setDaemon(true);
        thread.start();
    }

    /** Returns the server's address. */
    public URI endpoint() {
        return URI.create("http://127.0.0.1:" + server.getLocalPort());
    }

    private void run() {
        while (!server.isClosed()) {
            try (Socket socket = server.accept()) {
                socket.getInputStream().read();
                // Resets the connection on close.
                socket.setSoLinger(true, 0);
            } catch (IOException e) {
                // The client disconnected first, or the server is closed; the next iteration checks this.
            }
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
