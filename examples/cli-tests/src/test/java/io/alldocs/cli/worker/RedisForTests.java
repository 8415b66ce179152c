package io.alldocs.cli.worker;

import java.io.IOException;
import java.nio.file.Path;

/** Makes the tests' Redis available to tests of other packages. */
public final class RedisForTests {
    private RedisForTests() {}

    public static Path binary(Path folder) throws IOException {
        return RedisBinary.in(folder);
    }
}
