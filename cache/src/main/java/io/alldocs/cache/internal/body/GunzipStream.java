package io.alldocs.cache.internal.body;

import java.io.IOException;
import java.io.InputStream;

/** A stream of the decoded bytes of gzip data. Not thread-safe. */
public final class GunzipStream extends BufferedStream {
    /** Size of the first output buffer. It is small because readers often need only a field near the start. */
    private static final int FIRST_BYTES = 1024;

    private static final int BUFFER_BYTES = 16 * 1024;

    private final InputStream in;
    private final GzipDecoder decoder = new GzipDecoder();
    private final byte[] input = new byte[8 * 1024];
    private boolean ended;

    /** Creates a stream of the gzip data {@code in}, which it closes. */
    public GunzipStream(InputStream in) {
        super(new byte[FIRST_BYTES]);
        this.in = in;
    }

    @Override
    protected boolean fill() throws IOException {
        while (position == limit) {
            if (ended) {
                return false;
            }
            if (limit > 0) {
                buffer = buffer.length < BUFFER_BYTES ? new byte[BUFFER_BYTES] : buffer;
            }
            position = 0;
            limit = decoder.decode(buffer);
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
