package io.alldocs.storage.filesystem;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
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
        return folder.resolve("lock");
    }

    @Test
    void open_twice_sharesTheLocks_andClosingOneKeepsThem() throws Exception {
        ExecutorService executor = Executors.newSingleThreadExecutor();
        try (FolderLocks one = FolderLocks.open(file())) {
            FolderLocks other = FolderLocks.open(folder.resolve("../" + folder.getFileName() + "/lock"));
            assertThat(other).isSameAs(one);
            Future<?> waiting;
            try (FolderLocks.Held held = one.bucket(7)) {
                other.close();
                waiting = executor.submit(() -> {
                    try (FolderLocks.Held second = one.bucket(7)) {
                        return second;
                    }
                });
                try (FolderLocks.Held elsewhere = one.bucket(8)) {
                    assertThat(elsewhere).isNotSameAs(held);
                }
                assertThat(waiting.isDone()).isFalse();
            }
            assertThat(waiting.get()).isNotNull();
        } finally {
            executor.shutdownNow();
        }
    }

    /** A lock taken through another channel stands for one of a second copy of the library, or of another process. */
    @Test
    void bucket_lockThatIsNotReleased_endsWithAnErrorAndTheInterruptFlag() throws IOException {
        try (FolderLocks locks = FolderLocks.open(file(), Duration.ofMillis(50));
                FileChannel stranger = FileChannel.open(file(), StandardOpenOption.WRITE)) {
            try (FileLock held = stranger.lock(3, 1, false)) {
                assertThat(held.isValid()).isTrue();
                Thread.currentThread().interrupt();
                assertThatExceptionOfType(FolderLocks.LockedException.class)
                        .isThrownBy(() -> locks.bucket(3))
                        .withMessageContaining("byte 3 of " + file().toRealPath());
                assertThat(Thread.interrupted()).isTrue();
            }
            try (FolderLocks.Held held = locks.bucket(3)) {
                assertThat(held).isNotNull();
            }
        }
    }
}
