package io.alldocs.storage.gcs;

import com.google.auth.oauth2.AccessToken;
import com.google.auth.oauth2.GoogleCredentials;
import io.alldocs.cache.spi.StorageDriver;
import io.alldocs.storage.emulators.EmulatedStoreFailureContract;
import io.alldocs.storage.emulators.Emulator;
import io.alldocs.storage.emulators.FakeGcs;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;

class GcsStoreFailureTest extends EmulatedStoreFailureContract {
    @Override
    protected Emulator newServer() throws IOException {
        FakeGcs server = new FakeGcs();
        server.requireToken(secret());
        return server;
    }

    @Override
    protected String store() {
        return FakeGcs.BUCKET;
    }

    @Override
    protected String secret() {
        return "ya29.Accepted-Token_0123456789";
    }

    @Override
    protected StorageDriver newDriver(URI endpoint, String store, String secret) {
        return GcsStorageDriver.builder(store)
                .endpoint(endpoint)
                .credentials(GoogleCredentials.create(
                        new AccessToken(secret, Date.from(Instant.now().plusSeconds(3600)))))
                .keyPrefix("p/")
                .maxAttempts(2)
                .firstRetryDelay(Duration.ofMillis(1))
                .build();
    }

    @Override
    protected String missingStore() {
        return "or create it";
    }

    @Override
    protected String wrongSecret() {
        return "credentials";
    }
}
