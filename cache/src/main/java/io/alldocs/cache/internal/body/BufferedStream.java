package io.alldocs.cache.internal.body;

import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;

/** A stream over an array that a subclass fills again and again. Not thread-safe. */
public abstract class BufferedStream extends InputStream {
    /** The array that holds the next bytes. */
    protected byte[] buffer;

    /** Position of the next byte to read. */
    protected int position;

    /** Position after the last byte of {@link #buffer}. */
    protected int limit;

    /** Creates a stream whose array is still empty. */
    protected BufferedStream(byte[] buffer) {
        this.buffer = buffer;
    }

    /**
     * Provides at least one byte between {@link #position} and {@link #limit}. Called when there is none.
     *
     * @return false at the end
     */
    protected abstract boolean fill() throws IOException;

    @Override
    public final int read() throws IOException {
        return position < limit || fill() ? buffer[position++] & 0xff : -1;
    }

    @Override
    public final int read(byte[] target, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, target.length);
        if (length == 0) {
            return 0;
        }
        if (position == limit && !fill()) {
            return -1;
        }
        int count = Math.min(length, limit - position);
        System.arraycopy(buffer, position, target, offset, count);
        position += count;
        return count;
    }

    @Override
    public final int available() {
        return limit - position;
    }
}
