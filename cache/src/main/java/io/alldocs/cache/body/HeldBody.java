package io.alldocs.cache.body;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.ref.Cleaner;
import java.lang.ref.Reference;

/**
 * Wraps a body, and closes it at the latest when this object and its streams are unreachable. All callers of a
 * coalesced fetch share an entry, so no single caller can close its body.
 */
public final class HeldBody implements Body {
    private static final Cleaner CLEANER = Cleaner.create();

    private final Body body;
    private final Cleaner.Cleanable cleanable;

    private HeldBody(Body body) {
        this.body = body;
        this.cleanable = CLEANER.register(this, body::close);
    }

    /** Returns {@code body} itself if it needs no closing. */
    public static Body of(Body body) {
        return body instanceof MemoryBody || body instanceof HeldBody ? body : new HeldBody(body);
    }

    @Override
    public long sizeBytes() {
        return body.sizeBytes();
    }

    @Override
    public InputStream openStream() throws IOException {
        return new HoldingStream(body.openStream());
    }

    @Override
    public byte[] toByteArray() throws IOException {
        try {
            return body.toByteArray();
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    @Override
    public void close() {
        cleanable.clean();
    }

    /** Deliberately an inner class: while the stream is reachable, so is the body. */
    private final class HoldingStream extends FilterInputStream {

        HoldingStream(InputStream in) {
            super(in);
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            try {
                return in.read(buffer, offset, length);
            } finally {
                Reference.reachabilityFence(HeldBody.this);
            }
        }
    }
}
