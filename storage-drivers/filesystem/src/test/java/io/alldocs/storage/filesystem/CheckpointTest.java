package io.alldocs.storage.filesystem;

import static org.assertj.core.api.Assertions.assertThat;

import io.alldocs.cache.Cache;
import io.alldocs.cache.CacheKey;
import io.alldocs.cache.PartitionCheckpoint;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests a checkpoint in a folder with an unordered listing, among entries of other kinds. */
class CheckpointTest {
    @TempDir
    Path folder;

    @Test
    void getProgress_damagedRecordsOfOthers_areNotEvenLookedAt() throws Exception {
        URI origin = URI.create("https://replicate.npmjs.com");
        List<CacheKey> partitions = List.of(
                CacheKey.partition(origin, null, "b"),
                CacheKey.partition(origin, "b", "c"),
                CacheKey.partition(origin, "c", null));
        try (FilesystemStorageDriver driver = FilesystemStorageDriver.open(folder);
                Cache cache = Cache.builder().driver(driver).build()) {
            PartitionCheckpoint checkpoint = new PartitionCheckpoint(cache, "set-1");
            checkpoint.recordPartitions(
                    new PartitionCheckpoint.Header("run", Instant.EPOCH, origin.toString(), "names", null, partitions));
            checkpoint.markComplete(0, Map.of("rows", 100));
            checkpoint.markFailed(2, "the reason");
            // A bucket that cannot be read as a file would make a listing fail.
            Files.createDirectories(folder.resolve("index-v5/00/00/directory"));

            PartitionCheckpoint.Progress progress = checkpoint.getProgress();

            assertThat(progress.total()).isEqualTo(3);
            assertThat(progress.complete()).isEqualTo(1);
            assertThat(progress.failed()).isEqualTo(1);
            assertThat(progress.pending()).isEqualTo(1);
            assertThat(progress.rows()).isEqualTo(100);
        }
    }
}
