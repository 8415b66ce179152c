package io.alldocs.http.okhttp;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ProtocolException;
import java.net.Socket;
import javax.net.SocketFactory;
import org.jspecify.annotations.Nullable;

/**
 * Creates sockets that limit how many bytes a thread may read at a time. OkHttp buffers a line between two chunks until
 * the line ends, and a hostile server may never end it. OkHttp reads a body in parts of at most 8 KB, so a much larger
 * read indicates such a line.
 */
final class BoundedSockets extends SocketFactory {

    private static final int LONGEST = 512 * 1024;

    private static final ThreadLocal<int[]> LEFT = ThreadLocal.withInitial(() -> new int[] {-1});

    /** Allows this thread to read {@value #LONGEST} bytes until it calls {@link #forget}. */
    static void allow() {
        LEFT.get()[0] = LONGEST;
    }

    /** Allows this thread to read any number of bytes. */
    static void forget() {
        LEFT.get()[0] = -1;
    }

    @Override
    public Socket createSocket() {
        return new Socket() {
            @Override
            public InputStream getInputStream() throws IOException {
                return new Bounded(super.getInputStream());
            }
        };
    }

    @Override
    public Socket createSocket(String host, int port) {
        throw connected();
    }

    @Override
    public Socket createSocket(String host, int port, @Nullable InetAddress localHost, int localPort) {
        throw connected();
    }

    @Override
    public Socket createSocket(InetAddress host, int port) {
        throw connected();
    }

    @Override
    public Socket createSocket(InetAddress host, int port, @Nullable InetAddress localHost, int localPort) {
        throw connected();
    }

    private static UnsupportedOperationException connected() {
        return new UnsupportedOperationException("OkHttp connects its sockets itself.");
    }

    private static final class Bounded extends FilterInputStream {
        Bounded(InputStream in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            int value = super.read();
            count(1);
            return value;
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            int count = super.read(target, offset, length);
            count(count);
            return count;
        }

        private static void count(int bytes) throws ProtocolException {
            int[] left = LEFT.get();
            if (left[0] >= 0) {
                left[0] -= bytes;
                if (left[0] < 0) {
                    throw new ProtocolException(
                            "More than " + LONGEST + " bytes arrived without any byte of the body.");
                }
            }
        }
    }
}
