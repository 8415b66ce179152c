package io.alldocs.examples.programs;

import io.alldocs.cache.MemoryStorageDriver;
import io.alldocs.cache.spi.StorageDriver;
import io.alldocs.storage.contract.StorageDriverContract;
import java.io.IOException;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;

/** Runs the storage driver contract against the counting driver, which uses the memory driver. */
class CountingStorageDriverTest extends StorageDriverContract {
    private final MemoryStorageDriver store = new MemoryStorageDriver();

    @Override
    protected StorageDriver newDriver() {
        return new CountingStorageDriver(store.share(), new LongAdder(), new LongAdder());
    }

    @Override
    protected void clear() {
        try (Stream<String> keys = store.list("", null)) {
            keys.forEach(store::delete);
        }
    }

    @Override
    protected void corrupt(String key) throws IOException {
        // Damages the stored array itself. No other code changes this array.
        store.get(key).orElseThrow().body().toByteArray()[0] ^= 1;
    }

    /** Returns the heap that the memory driver needs for a large value, including the buffer while it grows. */
    @Override
    protected long largeValueHeapBytes() {
        return 256L << 20;
    }
}
