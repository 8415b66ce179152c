package io.alldocs.storage.gcs;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.alldocs.cache.spi.StorageDriver;
import io.alldocs.storage.contract.StorageDriverContract;
import io.alldocs.storage.emulators.FakeGcs;
import io.alldocs.storage.emulators.FakeObjects;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

class GcsStorageDriverTest extends StorageDriverContract {
    private static final String PREFIX = "some/prefix-";

    private static FakeGcs fake;

    @BeforeAll
    static void start() throws IOException {
        fake = new FakeGcs();
    }

    @AfterAll
    static void stop() {
        fake.close();
    }

    @Override
    protected StorageDriver newDriver() {
        return GcsStorageDriver.builder(FakeGcs.BUCKET)
                .endpoint(fake.endpoint())
                .noCredentials()
                .keyPrefix(PREFIX)
                .build();
    }

    @Override
    protected void clear() {
        fake.objects().clear();
    }

    @Override
    protected void corrupt(String key) throws Exception {
        String name = ObjectNames.under(PREFIX).of(key);
        FakeObjects.Stored object = fake.objects().get(FakeGcs.BUCKET, name, Map.of());
        byte[] bytes = object.bytes().clone();
        bytes[bytes.length / 2] ^= 1;
        ObjectNode described = object.resource().deepCopy();
        described.remove(List.of("crc32c", "md5Hash"));
        fake.objects().insert(FakeGcs.BUCKET, name, described, bytes, Map.of());
    }
}
