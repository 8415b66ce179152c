package io.alldocs.storage.filesystem;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class FolderLocksTest {
    @TempDir
    Path folder;

    private Path file() {
        return folder.resolve("_all-docs-lock");
    }

    /** Another path of the same folder. */
    private Path link() throws IOException {
        return Files.createSymbolicLink(folder.resolve("link"), folder);
    }

    @Test
    void open_twice_sharesTheLocks_andClosingOneKeepsThem() throws Exception {
        ExecutorService executor = Executors.newSingleThreadExecutor();
        try (FolderLocks one = FolderLocks.open(CacheFolder.create(folder))) {
            FolderLocks other = FolderLocks.open(CacheFolder.create(link()));
            assertThat(other).isSameAs(one);
            Future<String> waiting = one.withBucket(7, () -> {
                other.close();
                Future<String> second = executor.submit(() -> one.withBucket(7, () -> "second"));
                assertThat(one.withBucket(8, () -> "elsewhere")).isEqualTo("elsewhere");
                assertThat(second.isDone()).isFalse();
                return second;
            });
            assertThat(waiting.get()).isEqualTo("second");
        } finally {
            executor.shutdownNow();
        }
    }

    /** A lock taken through another channel simulates a second copy of the library, or another process. */
    @Test
    void bucket_lockThatIsNotReleased_endsWithAnErrorAndTheInterruptFlag() throws IOException {
        try (FolderLocks locks = FolderLocks.open(CacheFolder.create(folder), Duration.ofMillis(50));
                FileChannel stranger = FileChannel.open(file(), StandardOpenOption.WRITE)) {
            try (FileLock held = stranger.lock(3, 1, false)) {
                assertThat(held.isValid()).isTrue();
                Thread.currentThread().interrupt();
                assertThatExceptionOfType(FolderLocks.LockedException.class)
                        .isThrownBy(() -> locks.withBucket(3, () -> true))
                        .withMessageContaining("byte 3 of " + file().toRealPath());
                assertThat(Thread.interrupted()).isTrue();
            }
            assertThat(locks.withBucket(3, () -> "free again")).isEqualTo("free again");
        }
    }
}
