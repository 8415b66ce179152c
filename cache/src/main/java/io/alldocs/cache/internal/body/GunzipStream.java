package io.alldocs.cache.internal.body;

import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;

/** A stream of the decoded bytes of gzip data. Not thread-safe. */
public final class GunzipStream extends InputStream {
    /** Size of the first output buffer. It is small because readers often need only a field near the start. */
    private static final int FIRST_BYTES = 1024;

    private static final int BUFFER_BYTES = 16 * 1024;

    private final InputStream in;
    private final GzipDecoder decoder = new GzipDecoder();
    private final byte[] input = new byte[8 * 1024];
    private byte[] output = new byte[FIRST_BYTES];
    private int position;
    private int limit;
    private boolean ended;

    /** Creates a stream of the gzip data {@code in}, which it closes. */
    public GunzipStream(InputStream in) {
        this.in = in;
    }

    @Override
    public int read() throws IOException {
        return fill() ? output[position++] & 0xff : -1;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, buffer.length);
        if (length == 0) {
            return 0;
        }
        if (!fill()) {
            return -1;
        }
        int count = Math.min(length, limit - position);
        System.arraycopy(output, position, buffer, offset, count);
        position += count;
        return count;
    }

    @Override
    public int available() {
        return limit - position;
    }

    /** @return false at the end */
    private boolean fill() throws IOException {
        while (position == limit) {
            if (ended) {
                return false;
            }
            if (limit > 0) {
                output = output.length < BUFFER_BYTES ? new byte[BUFFER_BYTES] : output;
            }
            position = 0;
            limit = decoder.decode(output);
            if (limit == 0) {
                int count = in.read(input);
                if (count < 0) {
                    decoder.finish();
                    ended = true;
                } else {
                    decoder.setInput(input, 0, count);
                }
            }
        }
        return true;
    }

    @Override
    public void close() throws IOException {
        ended = true;
        position = limit;
        decoder.end();
        in.close();
    }
}
