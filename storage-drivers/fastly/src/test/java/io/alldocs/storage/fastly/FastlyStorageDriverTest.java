package io.alldocs.storage.fastly;

import io.alldocs.cache.spi.StorageDriver;
import io.alldocs.storage.contract.StorageDriverContract;
import io.alldocs.storage.emulators.FakeFastly;
import io.alldocs.storage.emulators.FakeItems.Item;
import java.io.IOException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

class FastlyStorageDriverTest extends StorageDriverContract {
    private static final String PREFIX = "some/prefix-";

    private static FakeFastly fake;

    @BeforeAll
    static void start() throws IOException {
        fake = new FakeFastly();
        fake.forgetRequests();
    }

    @AfterAll
    static void stop() {
        fake.close();
    }

    @Override
    protected StorageDriver newDriver() {
        return FastlyStorageDriver.builder(FakeFastly.STORE)
                .endpoint(fake.endpoint())
                .token(FakeFastly.TOKEN)
                .keyPrefix(PREFIX)
                .build();
    }

    @Override
    protected void clear() {
        fake.items().clear();
    }

    @Override
    protected void corrupt(String key) throws Exception {
        String name = ItemNames.under(PREFIX).of(key);
        Item item = fake.items().read(name);
        byte[] value = item.value().clone();
        value[value.length / 2] ^= 1;
        fake.items().put(name, value, item.metadata(), null, false);
    }

    /**
     * Twice the largest value, plus some overhead: the value is in memory while it is sent, and the HTTP client copies
     * it.
     */
    @Override
    protected long largeValueHeapBytes() {
        return 64L << 20;
    }
}
