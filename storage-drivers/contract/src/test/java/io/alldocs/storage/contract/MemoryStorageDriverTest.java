package io.alldocs.storage.contract;

import io.alldocs.cache.MemoryStorageDriver;
import io.alldocs.cache.spi.StorageDriver;
import java.io.IOException;
import java.util.stream.Stream;

class MemoryStorageDriverTest extends StorageDriverContract {
    private final MemoryStorageDriver store = new MemoryStorageDriver();

    @Override
    protected StorageDriver newDriver() {
        return store.share();
    }

    @Override
    protected void clear() {
        try (Stream<String> keys = store.list("", null)) {
            keys.forEach(store::delete);
        }
    }

    @Override
    protected void corrupt(String key) throws IOException {
        // Modify the stored array itself, which no driver method does.
        store.get(key).orElseThrow().body().toByteArray()[0] ^= 1;
    }

    /** The driver keeps the value on the heap, plus the buffer that grows while it is copied. */
    @Override
    protected long largeValueHeapBytes() {
        return 256L << 20;
    }
}
