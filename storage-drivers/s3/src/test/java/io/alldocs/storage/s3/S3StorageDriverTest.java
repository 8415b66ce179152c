package io.alldocs.storage.s3;

import io.alldocs.cache.spi.StorageDriver;
import io.alldocs.storage.contract.StorageDriverContract;
import io.alldocs.storage.emulators.S3Server;
import software.amazon.awssdk.core.ResponseBytes;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;

class S3StorageDriverTest extends StorageDriverContract {
    private static final String PREFIX = "some/prefix-";

    private final S3Server server = S3Server.running();

    @Override
    protected StorageDriver newDriver() {
        return FailuresTest.driver(server.endpoint()).keyPrefix(PREFIX).build();
    }

    @Override
    protected void clear() {
        server.clear();
    }

    /** A page has 1,000 keys. */
    @Override
    protected int listedKeys() {
        return 1_010;
    }

    /** Each write is a request. */
    @Override
    protected int rounds() {
        return 10;
    }

    @Override
    protected void corrupt(String key) {
        String name = ObjectNames.under(PREFIX).of(key);
        ResponseBytes<GetObjectResponse> object = server.client()
                .getObjectAsBytes(request -> request.bucket(S3Server.BUCKET).key(name));
        byte[] bytes = object.asByteArray();
        bytes[bytes.length / 2] ^= 1;
        server.client()
                .putObject(
                        request -> request.bucket(S3Server.BUCKET)
                                .key(name)
                                .metadata(object.response().metadata()),
                        RequestBody.fromBytes(bytes));
    }
}
