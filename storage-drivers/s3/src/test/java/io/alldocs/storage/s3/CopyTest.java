package io.alldocs.storage.s3;

import static org.assertj.core.api.Assertions.assertThat;

import io.alldocs.cache.Cache;
import io.alldocs.cache.body.Body;
import io.alldocs.cache.entry.EntryMetadata;
import io.alldocs.cache.scan.CacheCopy;
import io.alldocs.cache.scan.CacheDiff;
import io.alldocs.cache.spi.StorageDriver;
import io.alldocs.cache.spi.VerifyOptions;
import io.alldocs.storage.contract.Values;
import io.alldocs.storage.emulators.S3Server;
import io.alldocs.storage.filesystem.FilesystemStorageDriver;
import io.alldocs.storage.sqlite.SqliteStorageDriver;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Copies a cache through the drivers of a machine into a bucket, and back. */
class CopyTest {
    private final S3Server server = S3Server.running();

    @TempDir
    private Path folder;

    @AfterEach
    void clear() {
        server.clear();
    }

    @Test
    void copy_filesystemSqliteS3AndBack_isEqual() {
        server.clear();
        try (StorageDriver files = FilesystemStorageDriver.open(folder.resolve("files"));
                StorageDriver sqlite = SqliteStorageDriver.open(folder.resolve("all-docs.sqlite"));
                StorageDriver bucket = FailuresTest.driver(server.endpoint()).build();
                StorageDriver back = FilesystemStorageDriver.open(folder.resolve("back"));
                Cache values = Cache.builder().driver(files).build()) {
            for (int i = 0; i < 60; i++) {
                byte[] bytes = Values.random(i, i * 100);
                files.put("v1:packument:npm:" + i, Values.gzipHead(bytes), Body.of(bytes));
            }
            byte[] large = Values.random(7, (1 << 20) + 1);
            files.put("v1:packument:npm:61", Values.head(large), Body.of(large));
            values.set("mine", Map.of("an", "answer"));

            copy(files, sqlite);
            copy(sqlite, bucket);
            copy(bucket, back);

            assertThat(differences(files, back)).isEmpty();
            assertThat(back.verify(VerifyOptions.dryRun()).clean()).isTrue();
            try (Stream<String> keys = files.list("", null)) {
                for (String key : keys.toList()) {
                    EntryMetadata head = files.head(key).orElseThrow();
                    if (!head.isBare()) {
                        assertThat(back.head(key)).hasValue(head);
                    }
                    assertThat(Values.bytes(back, key)).isEqualTo(Values.bytes(files, key));
                }
            }
            assertThat(CacheCopy.run(bucket, back, key -> true, 2, count -> {}).copied())
                    .isZero();
        }
    }

    private static void copy(StorageDriver from, StorageDriver to) {
        CacheCopy.Report report = CacheCopy.run(from, to, key -> true, 2, count -> {});
        assertThat(report.problems()).isEmpty();
        assertThat(report.copied()).isEqualTo(62);
    }

    private static List<CacheDiff.Difference> differences(StorageDriver one, StorageDriver other) {
        List<CacheDiff.Difference> found = new ArrayList<>();
        CacheDiff.run(one, other, key -> true, 2, found::add, () -> {});
        return found;
    }
}
