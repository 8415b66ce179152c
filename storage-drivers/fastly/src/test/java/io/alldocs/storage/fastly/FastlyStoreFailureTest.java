package io.alldocs.storage.fastly;

import io.alldocs.cache.spi.StorageDriver;
import io.alldocs.storage.emulators.EmulatedStoreFailureContract;
import io.alldocs.storage.emulators.Emulator;
import io.alldocs.storage.emulators.FakeFastly;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;

class FastlyStoreFailureTest extends EmulatedStoreFailureContract {
    @Override
    protected Emulator newServer() throws IOException {
        return new FakeFastly();
    }

    @Override
    protected String store() {
        return FakeFastly.STORE;
    }

    @Override
    protected String secret() {
        return FakeFastly.TOKEN;
    }

    @Override
    protected StorageDriver newDriver(URI endpoint, String store, String secret) {
        return FastlyStorageDriver.builder(store)
                .endpoint(endpoint)
                .token(secret)
                .keyPrefix("p/")
                .maxAttempts(2)
                .retryDelay(Duration.ofMillis(1))
                .conflictDelay(Duration.ofMillis(1))
                .build();
    }

    @Override
    protected String missingStore() {
        return "the KV store does not exist, or the endpoint is wrong (check both, or create it)";
    }

    @Override
    protected String wrongSecret() {
        return "API token";
    }
}
