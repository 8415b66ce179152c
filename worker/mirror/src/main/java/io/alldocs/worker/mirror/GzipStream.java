package io.alldocs.worker.mirror;

import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
import java.util.zip.GZIPOutputStream;

/** A stream of the gzip form of a text; the text is compressed while it is read. Not thread-safe. */
final class GzipStream extends InputStream {
    private static final int BUFFER_BYTES = 16 * 1024;

    private final InputStream source;
    private final byte[] buffer = new byte[BUFFER_BYTES];
    private final Window written = new Window();
    private final GZIPOutputStream gzip;
    private boolean ended;

    /** @param source closed with this stream */
    GzipStream(InputStream source) throws IOException {
        this.source = source;
        this.gzip = new GZIPOutputStream(written, BUFFER_BYTES);
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, target.length);
        while (written.isEmpty() && !ended && length > 0) {
            int count = source.read(buffer);
            if (count < 0) {
                ended = true;
                gzip.close();
            } else {
                gzip.write(buffer, 0, count);
            }
        }
        return length > 0 && written.isEmpty() ? -1 : written.take(target, offset, length);
    }

    @Override
    public void close() throws IOException {
        source.close(); // discard the remaining compressed bytes: sending them would mark the text as complete
    }
}
