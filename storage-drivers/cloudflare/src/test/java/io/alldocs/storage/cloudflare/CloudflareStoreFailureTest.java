package io.alldocs.storage.cloudflare;

import io.alldocs.cache.spi.StorageDriver;
import io.alldocs.storage.emulators.EmulatedStoreFailureContract;
import io.alldocs.storage.emulators.Emulator;
import io.alldocs.storage.emulators.FakeKv;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;

// region contract
class CloudflareStoreFailureTest extends EmulatedStoreFailureContract {
    @Override
    protected Emulator newServer() throws IOException {
        return new FakeKv();
    }

    @Override
    protected String store() {
        return FakeKv.NAMESPACE;
    }

    @Override
    protected String secret() {
        return FakeKv.TOKEN;
    }

    @Override
    protected StorageDriver newDriver(URI endpoint, String store, String secret) {
        return CloudflareStorageDriver.builder(FakeKv.ACCOUNT, store)
                .endpoint(endpoint)
                .apiToken(secret)
                .keyPrefix("p/")
                .maxAttempts(2)
                .firstRetryDelay(Duration.ofMillis(1))
                .build();
    }

    @Override
    protected String missingStore() {
        return "namespace does not exist";
    }

    @Override
    protected String wrongSecret() {
        return "the token is wrong";
    }
}
// endregion
