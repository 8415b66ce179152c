package io.alldocs.examples.programs.driver;

import io.alldocs.cache.spi.StorageDriver;
import io.alldocs.storage.contract.StorageDriverContract;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

// region contract
class LogStorageDriverContractTest extends StorageDriverContract {
    @TempDir
    private Path folder;

    @Override
    protected StorageDriver newDriver() {
        return LogStorageDriver.open(log());
    }

    @Override
    protected void clear() throws IOException {
        Files.deleteIfExists(log());
    }

    @Override
    protected void corrupt(String key) throws IOException {
        try (LogStorageDriver driver = LogStorageDriver.open(log());
                RandomAccessFile file = new RandomAccessFile(log().toFile(), "rw")) {
            long at = driver.bodyOffset(key);
            file.seek(at);
            int changed = file.read() ^ 1;
            file.seek(at);
            file.write(changed);
        }
    }

    private Path log() {
        return folder.resolve("cache.log");
    }
}
// endregion
