package io.alldocs.cli.worker;

import java.io.IOException;
import java.nio.file.Path;
import redis.embedded.core.ExecutableProvider;

/** The redis-server out of a jar. */
final class RedisBinary {
    private RedisBinary() {}

    static Path in(Path folder) throws IOException {
        return ExecutableProvider.newJarResourceProvider(folder.toFile()).get().toPath();
    }
}
