package io.alldocs.packument;

import java.io.IOException;
import java.io.InputStream;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Objects;

/**
 * Replaces bytes that are not UTF-8 with U+FFFD: one replacement for each maximal part of an invalid sequence. The
 * decoders of Node and of browsers do the same (<a href="https://encoding.spec.whatwg.org/#utf-8-decoder">WHATWG
 * Encoding, UTF-8 decoder</a>). Valid UTF-8 passes unchanged. Not thread-safe.
 */
final class Utf8Repair extends InputStream {
    private static final int BUFFER_BYTES = 8 * 1024;
    private static final byte[] REPLACEMENT = {(byte) 0xef, (byte) 0xbf, (byte) 0xbd};
    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long HIGH_BITS = 0x8080808080808080L;

    private final InputStream source;
    private final byte[] buffer = new byte[BUFFER_BYTES];
    private int position;
    /** End of the bytes in the buffer that are known to be UTF-8. */
    private int checked;

    private int limit;
    private boolean ended;
    /** Number of bytes of {@link #REPLACEMENT} that are still to be returned. */
    private int replacing;

    Utf8Repair(InputStream source) {
        this.source = source;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, target.length);
        if (length == 0) {
            return 0;
        }
        while (position == checked && replacing == 0) {
            if (!advance()) {
                return -1;
            }
        }
        int count;
        if (replacing > 0) {
            count = Math.min(length, replacing);
            System.arraycopy(REPLACEMENT, REPLACEMENT.length - replacing, target, offset, count);
            replacing -= count;
        } else {
            count = Math.min(length, checked - position);
            System.arraycopy(buffer, position, target, offset, count);
            position += count;
        }
        return count;
    }

    /** Finds more UTF-8, or the next invalid sequence; returns false at the end. */
    private boolean advance() throws IOException {
        if (position == limit && !fill()) {
            return false;
        }
        skipAscii();
        while (checked < limit) {
            int size = sequence(checked);
            if (size > 0) {
                checked += size;
                skipAscii();
            } else if (size < 0 || ended) {
                if (position == checked) {
                    position += size < 0 ? -size : limit - checked;
                    checked = position;
                    replacing = REPLACEMENT.length;
                }
                return true;
            } else if (position < checked || !fill()) {
                return true;
            }
        }
        return true;
    }

    /** Reads more bytes after those left in the buffer; returns false if none are left and the source has ended. */
    private boolean fill() throws IOException {
        System.arraycopy(buffer, position, buffer, 0, limit - position);
        limit -= position;
        checked -= position;
        position = 0;
        int count = ended ? -1 : source.read(buffer, limit, buffer.length - limit);
        ended |= count < 0;
        limit += Math.max(0, count);
        return limit > 0 || !ended;
    }

    private void skipAscii() {
        int at = checked;
        while (at + Long.BYTES <= limit && ((long) LONGS.get(buffer, at) & HIGH_BITS) == 0) {
            at += Long.BYTES;
        }
        while (at < limit && buffer[at] >= 0) {
            at++;
        }
        checked = at;
    }

    /**
     * Examines the sequence that begins at {@code start}.
     *
     * @return its size; the negative size of a maximal part of one; or 0 if the buffer ends inside it
     */
    private int sequence(int start) {
        int lead = buffer[start] & 0xff;
        int size = size(lead);
        for (int i = 1; i < size; i++) {
            if (start + i == limit) {
                return 0;
            }
            int next = buffer[start + i] & 0xff;
            boolean continues = i == 1 ? isSecond(lead, next) : next >= 0x80 && next <= 0xbf;
            if (!continues) {
                return -i;
            }
        }
        return size == 0 ? -1 : size;
    }

    private static int size(int lead) {
        if (lead < 0x80) {
            return 1;
        }
        if (lead < 0xc2 || lead > 0xf4) {
            return 0;
        }
        return lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    }

    /**
     * Returns whether the second byte is valid: the sequence is not overlong, not a surrogate, and not above U+10FFFF.
     */
    private static boolean isSecond(int lead, int next) {
        return switch (lead) {
            case 0xe0 -> next >= 0xa0 && next <= 0xbf;
            case 0xed -> next >= 0x80 && next <= 0x9f;
            case 0xf0 -> next >= 0x90 && next <= 0xbf;
            case 0xf4 -> next >= 0x80 && next <= 0x8f;
            default -> next >= 0x80 && next <= 0xbf;
        };
    }

    @Override
    public void close() throws IOException {
        source.close();
    }
}
