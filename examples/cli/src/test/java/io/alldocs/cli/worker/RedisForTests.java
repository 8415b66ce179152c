package io.alldocs.cli.worker;

import java.io.IOException;
import java.nio.file.Path;

/** The Redis of the tests, for tests of other packages. */
public final class RedisForTests {
    private RedisForTests() {}

    public static Path binary(Path folder) throws IOException {
        return RedisBinary.in(folder);
    }
}
