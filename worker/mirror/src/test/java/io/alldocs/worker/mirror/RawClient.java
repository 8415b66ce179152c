package io.alldocs.worker.mirror;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;

/** A socket client that sends malformed requests, and reads as slowly as a test requires. */
final class RawClient implements AutoCloseable {
    private static final int PATIENCE_MILLIS = 60_000;

    private final Socket socket = new Socket();

    RawClient(URI address) {
        this(address, 0);
    }

    /** @param receiveBytes size of the socket's buffer, 0 for the system's default */
    RawClient(URI address, int receiveBytes) {
        try {
            if (receiveBytes > 0) {
                socket.setReceiveBufferSize(receiveBytes);
            }
            socket.setSoTimeout(PATIENCE_MILLIS);
            socket.connect(new InetSocketAddress(address.getHost(), address.getPort()), PATIENCE_MILLIS);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    RawClient send(String text) {
        try {
            socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A response. */
    record Answer(String head, byte[] body) {
        int status() {
            return Integer.parseInt(head.substring(9, 12));
        }

        String text() {
            return new String(body, StandardCharsets.UTF_8);
        }

        boolean has(String header) {
            return (head + "\r\n").contains("\r\n" + header + "\r\n");
        }
    }

    /** Reads the next response, whose body has a declared length, is chunked, or ends with the connection. */
    Answer answer() throws IOException {
        String head = head();
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        int length = head.indexOf("content-length: ");
        if (length >= 0) {
            int end = (head + "\r\n").indexOf("\r\n", length);
            body.write(in().readNBytes(Integer.parseInt(head.substring(length + 16, end))));
        } else if (head.contains("transfer-encoding: chunked")) {
            for (int size = chunkSize(); size > 0; size = chunkSize()) {
                body.write(in().readNBytes(size));
                line();
            }
            line();
        } else if (!head.startsWith("HTTP/1.1 304")) {
            body.write(in().readAllBytes());
        }
        return new Answer(head, body.toByteArray());
    }

    Answer answerWithoutBody() throws IOException {
        return new Answer(head(), new byte[0]);
    }

    private int chunkSize() throws IOException {
        return Integer.parseInt(line(), 16);
    }

    private String line() throws IOException {
        StringBuilder line = new StringBuilder();
        while (line.length() < 2 || line.charAt(line.length() - 1) != '\n') {
            line.append((char) byteRead());
        }
        return line.substring(0, line.length() - 2);
    }

    private String head() throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.length() < 4 || !head.substring(head.length() - 4).equals("\r\n\r\n")) {
            head.append((char) byteRead());
        }
        return head.substring(0, head.length() - 4);
    }

    private int byteRead() throws IOException {
        int octet = in().read();
        if (octet < 0) {
            throw new IOException("The connection ended inside an answer");
        }
        return octet;
    }

    InputStream in() throws IOException {
        return socket.getInputStream();
    }

    /** Waits for the server to close the connection; discards any further bytes. */
    boolean isEnded() {
        try {
            return in().skip(Long.MAX_VALUE) >= 0 && in().read() < 0;
        } catch (IOException e) {
            return !(e instanceof java.net.SocketTimeoutException);
        }
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
