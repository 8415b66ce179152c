package io.alldocs.worker.mirror;

import io.netty.buffer.ByteBuf;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.atomic.AtomicLong;

/** The body of a request, while it arrives; all bodies of a server share one bound. Used by one thread at a time. */
final class RequestBody {
    /** An audit of 20,000 packages has half of it, before it is compressed. */
    static final int LARGEST_BYTES = 2 << 20;

    /** Of all bodies that are on their way at a time. */
    static final long ALL_BYTES = 16L << 20;

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final AtomicLong all;
    private boolean tooLarge;
    private boolean noRoom;

    /** @param all bytes of all bodies */
    RequestBody(AtomicLong all) {
        this.all = all;
    }

    /** Keeps the next part, unless the body is refused. */
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
                throw new UncheckedIOException(e); // memory does not fail
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

    /** Gives its room back. Once. */
    void release() {
        all.addAndGet(-bytes.size());
    }
}
