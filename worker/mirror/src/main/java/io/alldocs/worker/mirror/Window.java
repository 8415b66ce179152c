package io.alldocs.worker.mirror;

import java.io.ByteArrayOutputStream;

/** A buffer of bytes that were written and not yet read. Not thread-safe. */
final class Window extends ByteArrayOutputStream {
    private static final int SIZE_BYTES = 16 * 1024;

    private int position;

    Window() {
        super(SIZE_BYTES);
    }

    boolean isEmpty() {
        return position == count;
    }

    /** Returns the next byte; the buffer must not be empty. */
    int take() {
        int octet = buf[position++] & 0xff;
        resetIfEmpty();
        return octet;
    }

    /** Reads at most {@code length} bytes; returns 0 if there are none. */
    int take(byte[] target, int offset, int length) {
        int taken = Math.min(length, count - position);
        System.arraycopy(buf, position, target, offset, taken);
        position += taken;
        resetIfEmpty();
        return taken;
    }

    private void resetIfEmpty() {
        if (position == count) {
            position = 0;
            count = 0;
        }
    }
}
