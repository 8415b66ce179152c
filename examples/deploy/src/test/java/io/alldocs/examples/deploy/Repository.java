package io.alldocs.examples.deploy;

import java.nio.file.Path;

/** The source tree that these tests read. */
final class Repository {
    static final Path ROOT = Path.of("").toAbsolutePath().resolve("../..").normalize();
    static final Path DEPLOY = ROOT.resolve("examples/deploy");

    private Repository() {}
}
