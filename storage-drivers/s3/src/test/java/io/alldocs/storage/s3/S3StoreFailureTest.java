package io.alldocs.storage.s3;

import io.alldocs.cache.spi.StorageDriver;
import io.alldocs.storage.emulators.EmulatedStoreFailureContract;
import io.alldocs.storage.emulators.Emulator;
import io.alldocs.storage.emulators.FakeS3;
import io.alldocs.storage.emulators.S3Server;
import java.io.IOException;
import java.net.URI;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;

class S3StoreFailureTest extends EmulatedStoreFailureContract {
    @Override
    protected Emulator newServer() throws IOException {
        S3Server.running().clear();
        return new FakeS3();
    }

    @Override
    protected String store() {
        return S3Server.BUCKET;
    }

    @Override
    protected String secret() {
        return S3Server.SECRET_KEY;
    }

    @Override
    protected StorageDriver newDriver(URI endpoint, String store, String secret) {
        return S3StorageDriver.builder(store)
                .endpoint(endpoint)
                .credentials(StaticCredentialsProvider.create(AwsBasicCredentials.create(S3Server.ACCESS_KEY, secret)))
                .keyPrefix("p/")
                .maxAttempts(2)
                .build();
    }

    @Override
    protected String missingStore() {
        return "s3://nowhere/";
    }

    @Override
    protected String wrongSecret() {
        return "secret key";
    }
}
