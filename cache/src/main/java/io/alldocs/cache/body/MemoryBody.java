package io.alldocs.cache.body;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** A range of an array. Closing it returns its bytes to the budget, once; the bytes stay readable. */
final class MemoryBody implements Body {
    private final byte[] bytes;
    private final int offset;
    private final int length;
    private final @Nullable ByteBudget budget;
    private final AtomicLong held;

    MemoryBody(byte[] bytes, int offset, int length) {
        this(bytes, offset, length, null, 0);
    }

    MemoryBody(byte[] bytes, int offset, int length, @Nullable ByteBudget budget, long held) {
        this.bytes = bytes;
        this.offset = offset;
        this.length = length;
        this.budget = budget;
        this.held = new AtomicLong(held);
    }

    @Override
    public long sizeBytes() {
        return length;
    }

    @Override
    public InputStream openStream() {
        return new ByteArrayInputStream(bytes, offset, length);
    }

    @Override
    public byte[] toByteArray() {
        return length == bytes.length ? bytes : Arrays.copyOfRange(bytes, offset, offset + length);
    }

    @Override
    public void close() {
        if (budget != null) {
            budget.release(held.getAndSet(0));
        }
    }
}
