package io.alldocs.cli.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;

import io.alldocs.cli.Main;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Runs a command line of the program in a separate process, which signals can end. */
public final class ChildProcess implements AutoCloseable {
    private static final boolean LINUX = System.getProperty("os.name").startsWith("Linux");

    private final Process process;
    private final Path out;
    private final Path err;

    private ChildProcess(Process process, Path out, Path err) {
        this.process = process;
        this.out = out;
        this.err = err;
    }

    public static ChildProcess start(Path folder, List<String> args) throws IOException {
        return start(folder, Map.of(), args);
    }

    public static ChildProcess start(Path folder, Map<String, String> environment, List<String> args)
            throws IOException {
        Path out = Files.createTempFile(folder, "out", ".txt");
        Path err = Files.createTempFile(folder, "err", ".txt");
        List<String> command = new ArrayList<>();
        if (LINUX) {
            // A process that was started in the background ignores SIGINT, and its children inherit this.
            command.addAll(List.of("env", "--default-signal=INT"));
        }
        command.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx128m",
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName()));
        command.addAll(args);
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile());
        builder.environment()
                .put("NPM_CONFIG_USERCONFIG", folder.resolve("no-such-npmrc").toString());
        builder.environment().putAll(environment);
        return new ChildProcess(builder.start(), out, err);
    }

    /** Waits until {@code condition} is true. Fails if the process ends before. */
    public void awaitWhileRunning(BooleanSupplier condition) throws IOException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (!condition.getAsBoolean()) {
            assertThat(process.isAlive()).as("ended too early: %s", err()).isTrue();
            assertThat(System.nanoTime()).as("waited too long: %s", err()).isLessThan(deadline);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
        }
    }

    /** Sends SIGINT, as Ctrl-C does, or the platform's normal request to end if it has no SIGINT. */
    public void interrupt() throws IOException, InterruptedException {
        if (LINUX) {
            // Uses the shell's built-in kill, because a system without procps has no kill program.
            new ProcessBuilder("sh", "-c", "kill -INT " + process.pid()).start().waitFor();
        } else {
            process.destroy();
        }
    }

    /** Sends SIGTERM, or the platform's equivalent. */
    public void terminate() {
        process.destroy();
    }

    /** Kills the process as {@code kill -9} does. It runs no shutdown hooks. */
    public void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    public int awaitExit() throws InterruptedException {
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return process.exitValue();
    }

    public String out() throws IOException {
        return Files.readString(out);
    }

    public String err() throws IOException {
        return Files.readString(err);
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
