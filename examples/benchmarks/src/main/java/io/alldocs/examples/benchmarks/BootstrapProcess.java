package io.alldocs.examples.benchmarks;

import io.alldocs.cli.Main;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;

/**
 * Runs {@code bootstrap}, or another command with the same options, in a separate process on this class path. Not
 * thread-safe.
 */
final class BootstrapProcess implements AutoCloseable {
    private static final boolean LINUX = System.getProperty("os.name").startsWith("Linux");

    private final Process process;
    private final Path errors;

    private BootstrapProcess(Process process, Path errors) {
        this.process = process;
        this.errors = errors;
    }

    static BootstrapProcess start(URI origin, Path folder, String driver, int concurrency) throws IOException {
        return start(List.of("bootstrap", "--quiet"), origin, folder, driver, concurrency);
    }

    static BootstrapProcess start(List<String> program, URI origin, Path folder, String driver, int concurrency)
            throws IOException {
        List<String> command = new ArrayList<>();
        if (LINUX) {
            // A process that was started in the background ignores SIGINT, and its children inherit this.
            command.addAll(List.of("env", "--default-signal=INT"));
        }
        command.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx128m",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName()));
        command.addAll(program);
        command.addAll(List.of(
                "--origin",
                origin.toString(),
                "--registry",
                origin.toString(),
                "--driver",
                driver,
                "--concurrency",
                Integer.toString(concurrency),
                "--cache-dir",
                folder.resolve("cache").toString()));
        Path errors = folder.resolve("errors.txt");
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(errors.toFile());
        builder.environment().put("NPM_CONFIG_USERCONFIG", new File(folder.toFile(), "no-such-npmrc").toString());
        return new BootstrapProcess(builder.start(), errors);
    }

    /**
     * Waits up to the given time until the process exits. Returns the exit code, or empty if the process is still
     * running.
     */
    OptionalInt awaitExit(long time, TimeUnit unit) throws InterruptedException {
        return process.waitFor(time, unit) ? OptionalInt.of(process.exitValue()) : OptionalInt.empty();
    }

    /** Kills the process as {@code kill -9} does. It runs no shutdown hooks. */
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    /**
     * Sends the signal of Ctrl-C, or a normal termination request on systems without signals. Waits for the process to
     * exit and returns the exit code.
     */
    int interrupt() throws IOException, InterruptedException {
        if (LINUX) {
            // Uses the shell's built-in kill, because a system without procps has no kill program.
            new ProcessBuilder("sh", "-c", "kill -INT " + process.pid()).start().waitFor();
        } else {
            process.destroy();
        }
        return process.waitFor();
    }

    String errors() throws IOException {
        return Files.readString(errors);
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
