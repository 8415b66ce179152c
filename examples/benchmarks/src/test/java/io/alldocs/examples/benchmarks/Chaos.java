package io.alldocs.examples.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.stream.Stream;

/** Small runs of the chaos programs. */
final class Chaos {
    private Chaos() {}

    static void assertHolds(Path folder, String... command) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        String[] line = Stream.concat(Stream.of(command), Stream.of("--work-dir", folder.toString()))
                .toArray(String[]::new);
        int code = Main.run(new PrintWriter(out, true), new PrintWriter(err, true), line);
        assertThat(code).as("%s%n%s", out, err).isZero();
        assertThat(out.toString())
                .contains(": passed, ")
                .doesNotContain("FAILED")
                .contains(" 0 lost, 0 wrong, valid");
    }
}
