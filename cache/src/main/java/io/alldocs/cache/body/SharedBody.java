package io.alldocs.cache.body;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One owner's handle of a body that several owners share, such as the callers of a coalesced fetch. The body is closed
 * when every handle, and every stream that was opened from a handle, is closed or unreachable.
 */
public final class SharedBody implements Body {
    private static final Cleaner CLEANER = Cleaner.create();

    private final Counted counted;
    private final Cleaner.Cleanable cleanable;
    private volatile boolean closed;

    /** Takes over one reference that was counted already. */
    private SharedBody(Counted counted) {
        this.counted = counted;
        this.cleanable = CLEANER.register(this, counted::release);
    }

    /** Returns whether the body is in memory, where it stays readable after it is closed. */
    public static boolean isInMemory(Body body) {
        return body instanceof MemoryBody;
    }

    /** Returns the first handle of a body. A body in memory needs none, because it stays readable. */
    public static Body of(Body body) {
        return body instanceof MemoryBody || body instanceof SharedBody ? body : new SharedBody(new Counted(body));
    }

    /**
     * Returns another owner's handle of the same body.
     *
     * @throws IllegalStateException if {@code body} is a handle that was closed
     */
    public static Body share(Body body) {
        return body instanceof SharedBody held ? held.share() : body;
    }

    private SharedBody share() {
        acquire();
        try {
            return new SharedBody(counted);
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    private void acquire() {
        if (closed || !counted.acquire()) {
            throw new IllegalStateException("The body is closed. Read it before you close it or its entry.");
        }
    }

    @Override
    public long sizeBytes() {
        return counted.body.sizeBytes();
    }

    /** Opens a stream that stays readable after this handle is closed. */
    @Override
    public InputStream openStream() throws IOException {
        SharedBody own = share();
        try {
            return new OwningStream(counted.body.openStream(), own);
        } catch (IOException | RuntimeException | Error e) {
            own.close();
            throw e;
        }
    }

    @Override
    public byte[] toByteArray() throws IOException {
        acquire();
        try {
            return counted.body.toByteArray();
        } finally {
            counted.release();
            Reference.reachabilityFence(this);
        }
    }

    @Override
    public void close() {
        closed = true;
        cleanable.clean();
    }

    /** The shared body and the number of its owners. */
    private static final class Counted {
        private final Body body;
        private final AtomicInteger owners = new AtomicInteger(1);

        Counted(Body body) {
            this.body = body;
        }

        /** Counts a further owner. Returns false if the body is closed already. */
        boolean acquire() {
            return owners.getAndUpdate(count -> count == 0 ? 0 : count + 1) > 0;
        }

        void release() {
            if (owners.decrementAndGet() == 0) {
                body.close();
            }
        }
    }

    /** Has its own handle, which it closes. */
    private static final class OwningStream extends FilterInputStream {
        private final SharedBody owner;

        OwningStream(InputStream in, SharedBody owner) {
            super(in);
            this.owner = owner;
        }

        @Override
        public int read() throws IOException {
            try {
                return in.read();
            } finally {
                Reference.reachabilityFence(owner);
            }
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            try {
                return in.read(buffer, offset, length);
            } finally {
                Reference.reachabilityFence(owner);
            }
        }

        @Override
        public void close() throws IOException {
            try {
                in.close();
            } finally {
                owner.close();
            }
        }
    }
}
