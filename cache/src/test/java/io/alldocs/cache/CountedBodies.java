package io.alldocs.cache;

import io.alldocs.cache.body.Body;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.atomic.AtomicInteger;

/** Creates bodies that, like a file, cannot be read after they are closed, and counts those that are open. */
final class CountedBodies {
    private final AtomicInteger created = new AtomicInteger();
    private final AtomicInteger closes = new AtomicInteger();

    /** Returns the number of bodies that are not closed; less than 0 if one was closed twice. */
    int open() {
        return created.get() - closes.get();
    }

    int created() {
        return created.get();
    }

    Body of(byte[] bytes) {
        created.incrementAndGet();
        return new Counted(bytes);
    }

    private final class Counted implements Body {
        private final byte[] bytes;
        private volatile boolean closed;

        Counted(byte[] bytes) {
            this.bytes = bytes;
        }

        @Override
        public long sizeBytes() {
            return bytes.length;
        }

        @Override
        public InputStream openStream() throws IOException {
            requireOpen();
            return new ByteArrayInputStream(bytes) {
                @Override
                public synchronized int read(byte[] target, int offset, int length) {
                    return closed ? fail() : super.read(target, offset, length);
                }

                private int fail() {
                    throw new AssertionError("A stream was read after its body was closed.");
                }
            };
        }

        private void requireOpen() throws IOException {
            if (closed) {
                throw new IOException("The body was read after it was closed.");
            }
        }

        @Override
        public void close() {
            closed = true;
            closes.incrementAndGet();
        }
    }
}
