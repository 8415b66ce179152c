package io.alldocs.sync;

import io.alldocs.http.ClientRequest;
import io.alldocs.http.ClientResponse;
import io.alldocs.http.HttpTransport;
import io.alldocs.http.Timeouts;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.atomic.AtomicLong;

/** Counts network traffic: every attempt, not only successful ones. Safe for concurrent use. */
final class CountingTransport implements HttpTransport {
    private final HttpTransport wire;
    private final AtomicLong requests = new AtomicLong();
    private final AtomicLong throttled = new AtomicLong();
    private final AtomicLong serverErrors = new AtomicLong();
    private final AtomicLong broken = new AtomicLong();
    private final AtomicLong bytes = new AtomicLong();

    /** Creates a transport that counts the traffic of {@code wire} and closes it. */
    CountingTransport(HttpTransport wire) {
        this.wire = wire;
    }

    /** Returns the current counts. */
    WireCounts counts() {
        return new WireCounts(requests.get(), throttled.get(), serverErrors.get(), broken.get(), bytes.get());
    }

    @Override
    public ClientResponse send(ClientRequest call, Timeouts timeouts) throws IOException, InterruptedException {
        requests.incrementAndGet();
        try {
            ClientResponse reply = wire.send(call, timeouts);
            count(reply.status());
            return new ClientResponse(
                    reply.status(), reply.uri(), reply.headers(), new Counted(reply.body()), reply.contentLength());
        } catch (IOException e) {
            broken.incrementAndGet();
            throw e;
        }
    }

    private void count(int status) {
        if (status == 429) {
            throttled.incrementAndGet();
        } else if (status >= 500) {
            serverErrors.incrementAndGet();
        }
    }

    @Override
    public void close() {
        wire.close();
    }

    private final class Counted extends FilterInputStream {
        Counted(InputStream in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            try {
                int count = in.read(buffer, offset, length);
                bytes.addAndGet(Math.max(0, count));
                return count;
            } catch (IOException e) {
                broken.incrementAndGet();
                throw e;
            }
        }
    }
}
