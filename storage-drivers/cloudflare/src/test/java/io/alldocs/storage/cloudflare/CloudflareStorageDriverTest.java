package io.alldocs.storage.cloudflare;

import io.alldocs.cache.spi.StorageDriver;
import io.alldocs.storage.contract.StorageDriverContract;
import io.alldocs.storage.emulators.FakeKv;
import java.io.IOException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

class CloudflareStorageDriverTest extends StorageDriverContract {
    private static FakeKv fake;

    @BeforeAll
    static void start() throws IOException {
        fake = new FakeKv();
        fake.forgetRequests();
    }

    @AfterAll
    static void stop() {
        fake.close();
    }

    @Override
    protected StorageDriver newDriver() {
        return CloudflareStorageDriver.builder(FakeKv.ACCOUNT, FakeKv.NAMESPACE)
                .endpoint(fake.endpoint())
                .apiToken(FakeKv.TOKEN)
                .build();
    }

    @Override
    protected void clear() {
        fake.items().clear();
    }

    @Override
    protected void corrupt(String key) {
        fake.items().computeIfPresent(new Names("").of(key), (name, item) -> {
            byte[] value = item.value().clone();
            value[value.length - 1] ^= 1;
            return new FakeKv.Item(value, item.metadata());
        });
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
