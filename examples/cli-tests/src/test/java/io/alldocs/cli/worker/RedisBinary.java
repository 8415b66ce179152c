package io.alldocs.cli.worker;

import java.io.IOException;
import java.nio.file.Path;
import redis.embedded.core.ExecutableProvider;

/** Provides the redis-server that a jar contains. */
final class RedisBinary {
    private RedisBinary() {}

    static Path in(Path folder) throws IOException {
        return ExecutableProvider.newJarResourceProvider(folder.toFile()).get().toPath();
    }
}
