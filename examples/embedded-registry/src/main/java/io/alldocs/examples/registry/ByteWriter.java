package io.alldocs.examples.registry;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A growing byte array. Bodies are written as bytes from the start. Creating a page of 10,000 rows as a String would
 * cost more than the rest of the response.
 */
final class ByteWriter {
    private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

    private static final ThreadLocal<ByteWriter> SCRATCH = ThreadLocal.withInitial(() -> new ByteWriter(1 << 16));

    private byte[] bytes;
    private int size;

    /**
     * Returns this thread's writer after emptying it. The caller copies the body when it is complete. A page is so
     * large that the garbage collector treats its array as a humongous object. Allocating such an array for each
     * response costs more than filling it.
     */
    static ByteWriter scratch() {
        ByteWriter scratch = SCRATCH.get();
        scratch.size = 0;
        return scratch;
    }

    ByteWriter(int capacity) {
        bytes = new byte[capacity];
    }

    int size() {
        return size;
    }

    /** Returns the internal array, valid up to {@link #size()} and until the next append. */
    byte[] array() {
        return bytes;
    }

    byte[] toByteArray() {
        return Arrays.copyOf(bytes, size);
    }

    ByteWriter put(byte value) {
        ensure(1);
        bytes[size++] = value;
        return this;
    }

    ByteWriter put(byte[] source) {
        return put(source, 0, source.length);
    }

    ByteWriter put(byte[] source, int offset, int length) {
        ensure(length);
        System.arraycopy(source, offset, bytes, size, length);
        size += length;
        return this;
    }

    ByteWriter put(String text) {
        return put(text.getBytes(StandardCharsets.UTF_8));
    }

    ByteWriter putNumber(long value) {
        if (value < 0) {
            return put(Long.toString(value));
        }
        int digits = 1;
        for (long rest = value; rest >= 10; rest /= 10) {
            digits++;
        }
        ensure(digits);
        long rest = value;
        for (int at = size + digits - 1; at >= size; at--) {
            bytes[at] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
        size += digits;
        return this;
    }

    /** Appends the 16 lower-case hex digits of {@code value}. */
    ByteWriter putHex(long value) {
        ensure(16);
        for (int shift = 60; shift >= 0; shift -= 4) {
            bytes[size++] = HEX[(int) (value >>> shift) & 0xf];
        }
        return this;
    }

    /** Appends UTF-8 bytes as the contents of a JSON string. Escapes quotes, backslashes and control characters. */
    ByteWriter putJson(byte[] utf8, int offset, int length) {
        ensure(6 * length);
        for (int i = offset; i < offset + length; i++) {
            byte value = utf8[i];
            if (value == '"' || value == '\\') {
                bytes[size++] = '\\';
                bytes[size++] = value;
            } else if (value >= 0 && value < 0x20) {
                put("\\u00").put(HEX[value >> 4]).put(HEX[value & 0xf]);
            } else {
                bytes[size++] = value;
            }
        }
        return this;
    }

    private void ensure(int more) {
        if (bytes.length - size < more) {
            bytes = Arrays.copyOf(bytes, Math.max(Math.addExact(size, more), (int)
                    Math.min(Integer.MAX_VALUE - 8, size + (size >> 1) + 64L)));
        }
    }
}
