package io.alldocs.worker.mirror;

import io.alldocs.cache.MemoryStorageDriver;
import io.alldocs.cache.body.Body;
import io.alldocs.cache.spi.StoredEntry;
import io.alldocs.storage.contract.ForwardingStorageDriver;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/** The memory driver, except that readers of the large body under one key are blocked. */
final class HoldingDriver extends ForwardingStorageDriver {
    private final String heldKey;
    private final CountDownLatch asked = new CountDownLatch(1);
    private final CountDownLatch may = new CountDownLatch(1);

    HoldingDriver(String heldKey) {
        super(new MemoryStorageDriver());
        this.heldKey = heldKey;
    }

    void awaitReader() throws InterruptedException {
        asked.await();
    }

    void letGo() {
        may.countDown();
    }

    /** The cache opens the body first, to verify the digest. */
    private final class Held implements Body {
        private final Body body;
        private final AtomicInteger opened = new AtomicInteger();

        Held(Body body) {
            this.body = body;
        }

        @Override
        public long sizeBytes() {
            return body.sizeBytes();
        }

        @Override
        public InputStream openStream() throws IOException {
            if (opened.incrementAndGet() > 1) {
                asked.countDown();
                try {
                    may.await();
                } catch (InterruptedException e) {
                    throw new IOException(e);
                }
            }
            return body.openStream();
        }
    }

    @Override
    public Optional<StoredEntry> get(String key) {
        return super.get(key)
                .map(entry -> key.equals(heldKey) ? new StoredEntry(entry.head(), new Held(entry.body())) : entry);
    }
}
