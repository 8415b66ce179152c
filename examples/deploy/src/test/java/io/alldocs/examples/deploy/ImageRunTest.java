package io.alldocs.examples.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Executes the instructions of the Dockerfile in a folder, and runs the entry points there. */
@Tag("release")
class ImageRunTest {
    private static final int USER = 10001;
    private static final int SIGTERM_EXIT = 128 + 15;

    @TempDir
    Path root;

    private Dockerfile dockerfile;

    @BeforeEach
    void read() throws IOException {
        dockerfile = Dockerfile.read(Repository.DEPLOY.resolve("Dockerfile"));
    }

    @Test
    void cli_runsAJobAsItsUser_fromTheArchiveOfClasses() throws Exception {
        RootTree image = RootTree.prepare(root, dockerfile, "cli");
        assertThat(dockerfile.last("cli", "USER")).isEqualTo(USER + ":" + USER);

        // With this option, the JVM exits if it cannot use the archive that the entry point names.
        image.setEnvironment("JAVA_TOOL_OPTIONS", "-Xshare:on");
        Process help = image.startEntryPoint(dockerfile, "cli", RootTree.words(dockerfile.last("cli", "CMD")));
        assertThat(RootTree.exitCode(help)).isZero();
        assertThat(RootTree.read(help)).contains("bootstrap", "mirror", "worker");

        Process job = image.startEntryPoint(
                dockerfile, "cli", List.of("bootstrap", "--embedded=50", "--port=0", "--report=/data/report.json"));
        assertThat(RootTree.exitCode(job)).as("%s", RootTree.read(job)).isZero();
        assertThat(root.resolve("data/report.json")).exists();
        assertThat(image.ownedBy(USER)).allMatch(path -> path.startsWith("/data") || path.startsWith("/tmp"));
    }

    @Test
    void cli_withoutItsArchive_isFound() throws Exception {
        RootTree image = RootTree.prepare(root, dockerfile, "cli");
        Files.delete(root.resolve("app/all-docs.jsa"));
        image.setEnvironment("JAVA_TOOL_OPTIONS", "-Xshare:on");
        assertThat(RootTree.exitCode(image.startEntryPoint(dockerfile, "cli", List.of("--version"))))
                .isNotZero();
    }

    @ParameterizedTest
    @CsvSource({"mirror, 4873", "worker, 8080"})
    void server_becomesHealthy_andStopsOnSigterm(String stage, String declaredPort) throws Exception {
        RootTree image = RootTree.prepare(root, dockerfile, stage);
        assertThat(dockerfile.last(stage, "EXPOSE")).isEqualTo(declaredPort);
        String port = freePort();
        image.setEnvironment("PORT", port);
        image.setEnvironment("HOST", "127.0.0.1");
        String check = dockerfile.last(stage, "HEALTHCHECK");
        String[] health = replaced(check.substring(check.indexOf("CMD ") + 4), declaredPort, port)
                .toArray(String[]::new);
        assertThat(RootTree.exitCode(image.start(health)))
                .as("before it starts")
                .isNotZero();

        Process server =
                image.startEntryPoint(dockerfile, stage, replaced(dockerfile.last(stage, "CMD"), declaredPort, port));
        try {
            awaitHealthy(image, server, health);
            // Process.destroy() would close the pipe that the program prints to.
            server.toHandle().destroy();
            assertThat(server.waitFor(30, TimeUnit.SECONDS)).isTrue();
            assertThat(server.exitValue()).as("%s", RootTree.read(server)).isIn(0, SIGTERM_EXIT);
            assertThat(RootTree.exitCode(image.start(health)))
                    .as("after its end")
                    .isNotZero();
        } finally {
            server.destroyForcibly();
        }
    }

    private static List<String> replaced(String json, String declaredPort, String port) throws IOException {
        List<String> words = new ArrayList<>(RootTree.words(json));
        words.replaceAll(word -> word.replace(declaredPort, port));
        return words;
    }

    private static void awaitHealthy(RootTree image, Process server, String... health) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(90);
        while (RootTree.exitCode(image.start(health)) != 0) {
            if (!server.isAlive()) {
                throw new AssertionError("ended too early: " + RootTree.read(server));
            }
            assertThat(System.nanoTime()).isLessThan(deadline);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
        }
    }

    private static String freePort() throws IOException {
        try (ServerSocket free = new ServerSocket(0)) {
            return String.valueOf(free.getLocalPort());
        }
    }
}
