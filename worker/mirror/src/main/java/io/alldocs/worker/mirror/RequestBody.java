package io.alldocs.worker.mirror;

import io.netty.buffer.ByteBuf;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.atomic.AtomicLong;

/** The body of a request while it arrives. All bodies of a server share one limit. Used by one thread at a time. */
final class RequestBody {
    /** Maximum size of a body. An uncompressed audit of 20,000 packages has half this size. */
    static final int LARGEST_BYTES = 2 << 20;

    /** Limit for all bodies that arrive at the same time. */
    static final long ALL_BYTES = 16L << 20;

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final AtomicLong all;
    private boolean tooLarge;
    private boolean noRoom;

    /** @param all counter of the bytes of all bodies */
    RequestBody(AtomicLong all) {
        this.all = all;
    }

    /** Stores the next part, unless the body was rejected. */
    void add(ByteBuf part) {
        int count = part.readableBytes();
        if (tooLarge || noRoom) {
            return;
        }
        if (bytes.size() + count > LARGEST_BYTES) {
            tooLarge = true;
        } else if (all.addAndGet(count) > ALL_BYTES) {
            all.addAndGet(-count);
            noRoom = true;
        } else {
            try {
                part.readBytes(bytes, count);
            } catch (IOException e) {
                throw new UncheckedIOException(e); // in-memory streams do not fail
            }
        }
    }

    boolean isTooLarge() {
        return tooLarge;
    }

    boolean isWithoutRoom() {
        return noRoom;
    }

    byte[] bytes() {
        return bytes.toByteArray();
    }

    /** Releases the memory. Call this once. */
    void release() {
        all.addAndGet(-bytes.size());
    }
}
