package io.alldocs.examples.registry;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/** Writes bits in the order that deflate requires: the lowest bit first. */
final class BitWriter {
    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final int SLACK = 16;

    private static final ThreadLocal<BitWriter> SCRATCH = ThreadLocal.withInitial(() -> new BitWriter(1 << 16));

    private byte[] bytes;
    private int size;
    private long pending;
    private int pendingBits;

    /** Returns this thread's writer after emptying it. */
    static BitWriter scratch() {
        BitWriter scratch = SCRATCH.get();
        scratch.size = 0;
        scratch.pending = 0;
        scratch.pendingBits = 0;
        return scratch;
    }

    BitWriter(int capacity) {
        bytes = new byte[capacity + SLACK];
    }

    /** Appends the lowest {@code count} bits, 0 to 56; the others must be 0. */
    BitWriter put(long bits, int count) {
        if (size + SLACK > bytes.length) {
            bytes = Arrays.copyOf(bytes, bytes.length * 2);
        }
        pending |= bits << pendingBits;
        pendingBits += count;
        LONGS.set(bytes, size, pending);
        int whole = pendingBits >>> 3;
        size += whole;
        pending >>>= whole << 3;
        pendingBits &= 7;
        return this;
    }

    /** Appends the first {@code count} bits of {@code source}, which must have at least 8 further bytes. */
    void putAll(byte[] source, int count) {
        int at = 0;
        for (int left = count; left > 0; left -= 56, at += 7) {
            int now = Math.min(56, left);
            put((long) LONGS.get(source, at) & (-1L >>> (64 - now)), now);
        }
    }

    /** Pads the last byte with zeros. */
    BitWriter align() {
        return pendingBits == 0 ? this : put(0, 8 - pendingBits);
    }

    int bitCount() {
        return 8 * size + pendingBits;
    }

    /** Returns the bits so far, followed by the padding that {@link #putAll} needs. */
    byte[] toPaddedArray() {
        LONGS.set(bytes, size, pending);
        return Arrays.copyOf(bytes, size + SLACK);
    }

    /** Returns the bytes so far; the bits must be aligned. */
    byte[] toByteArray() {
        return Arrays.copyOf(bytes, size);
    }
}
