package io.alldocs.examples.programs;

import io.alldocs.cache.MemoryStorageDriver;
import io.alldocs.cache.spi.StorageDriver;
import io.alldocs.storage.contract.StorageDriverContract;
import java.io.IOException;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;

/** The contract of all drivers, with the memory driver inside. */
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
        // The stored array itself, which nobody else would change.
        store.get(key).orElseThrow().body().toByteArray()[0] ^= 1;
    }

    /** The memory driver keeps the value on the heap; with the room it takes while it grows. */
    @Override
    protected long largeValueHeapBytes() {
        return 256L << 20;
    }
}
