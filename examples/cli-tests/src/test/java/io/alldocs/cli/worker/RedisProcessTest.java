package io.alldocs.cli.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class RedisProcessTest {
    @TempDir
    private Path folder;

    @Test
    void start_interruptedBeforeItAnswers_leavesNoProcess() throws Exception {
        Path silent = Files.createFile(
                folder.resolve("redis-server"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        Files.writeString(silent, "#!/bin/sh\nexec sleep 600\n");
        List<ProcessHandle> before = ProcessHandle.current().children().toList();

        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> RedisProcess.start(silent.toString(), folder.resolve("redis")))
                .isInstanceOf(InterruptedException.class);

        long pid = Long.parseLong(Files.readString(folder.resolve("redis/redis.pid")));
        ProcessHandle.of(pid).ifPresent(left -> assertThat(left.onExit()).succeedsWithin(30, TimeUnit.SECONDS));
        assertThat(ProcessHandle.current().children().filter(ProcessHandle::isAlive))
                .allMatch(before::contains);
    }

    @Test
    void start_overAnEmptyPidFile_begins() throws Exception {
        Path files = Files.createDirectories(folder.resolve("redis"));
        Path pid = Files.createFile(files.resolve("redis.pid"));

        try (RedisProcess redis = RedisProcess.start(RedisBinary.in(folder).toString(), files)) {
            assertThat(redis.url()).startsWith("redis://127.0.0.1:");
            assertThat(ProcessHandle.of(Long.parseLong(Files.readString(pid)))).isPresent();
        }

        assertThat(files).isDirectoryNotContaining("glob:**redis.pid*");
    }
}
