package io.alldocs.storage.filesystem;

import io.alldocs.cache.spi.StorageDriver;
import io.alldocs.spi.SriHash;
import io.alldocs.storage.contract.StorageDriverContract;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;

/** Runs the contract of all drivers. */
class FilesystemStorageDriverTest extends StorageDriverContract {
    @TempDir
    Path parent;

    private Path folder() {
        return parent.resolve("cache");
    }

    @Override
    protected StorageDriver newDriver() {
        return FilesystemStorageDriver.open(folder());
    }

    @Override
    protected void clear() throws IOException {
        if (Files.exists(folder())) {
            try (Stream<Path> paths = Files.walk(folder())) {
                for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(path);
                }
            }
        }
    }

    /** There are no pages: each key has its own file. */
    @Override
    protected int listedKeys() {
        return 300;
    }

    @Override
    protected void corrupt(String key) throws IOException {
        Bucket bucket = new Bucket(Files.readAllBytes(Values.bucketFile(folder(), key)));
        SriHash integrity = bucket.last(key).flatMap(IndexRecord::content).orElseThrow();
        Path content = Values.contentFile(folder(), integrity);
        byte[] bytes = Files.readAllBytes(content);
        bytes[bytes.length / 2] ^= 1;
        Files.write(content, bytes);
    }
}
