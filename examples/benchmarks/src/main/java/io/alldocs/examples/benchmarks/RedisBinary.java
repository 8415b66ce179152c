package io.alldocs.examples.benchmarks;

import io.alldocs.cli.worker.RedisProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import redis.embedded.core.ExecutableProvider;

/** The redis-server executable contained in a jar. */
final class RedisBinary {
    private RedisBinary() {}

    /** Starts a server whose executable, append-only file and log are in {@code folder}. */
    static RedisProcess start(Path folder) throws IOException, InterruptedException {
        Files.createDirectories(folder);
        String executable =
                ExecutableProvider.newJarResourceProvider(folder.toFile()).get().getPath();
        return RedisProcess.start(executable, folder);
    }
}
