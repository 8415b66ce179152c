package io.alldocs.storage.emulators;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;

/** Takes connections on 127.0.0.1, and resets each once something was sent. */
public final class ResettingServer implements AutoCloseable {
    private final ServerSocket server;
    private final Thread thread;

    /**
     * Starts it.
     *
     * @throws IOException if no port is free
     */
    public ResettingServer() throws IOException {
        server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        thread = new Thread(this::run, "resetting-server");
        thread.setDaemon(true);
        thread.start();
    }

    /** Its address. */
    public URI endpoint() {
        return URI.create("http://127.0.0.1:" + server.getLocalPort());
    }

    private void run() {
        while (!server.isClosed()) {
            try (Socket socket = server.accept()) {
                socket.getInputStream().read();
                // Instead of an orderly end.
                socket.setSoLinger(true, 0);
            } catch (IOException e) {
                // The client was faster, or the server is closed: the next turn tells.
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
