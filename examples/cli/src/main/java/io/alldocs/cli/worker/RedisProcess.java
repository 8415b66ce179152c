package io.alldocs.cli.worker;

import io.alldocs.cli.UsageException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Runs a Redis server as a child process on a port of 127.0.0.1. The server writes an append-only file to a folder, so
 * that a queue survives a restart, and evicts no keys. A file contains the process id of the server. If the program
 * ended without stopping its server, the next program stops that server before it starts one in the same folder. Not
 * thread-safe.
 */
public final class RedisProcess implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int DEFAULT_PORT = 6379;
    private static final int ANSWER_MILLIS = 1_000;
    private static final long LOOK_EVERY_MILLIS = 20;

    private final String executable;
    private final Path folder;
    private final int port;
    private Process process;

    private RedisProcess(String executable, Path folder, int port) throws IOException, InterruptedException {
        this.executable = executable;
        this.folder = folder;
        this.port = port;
        this.process = launch();
    }

    /**
     * Starts a server on a free port.
     *
     * @param executable path of {@code redis-server}, version 6.2 or later
     * @param folder folder for its files; created if missing
     * @throws UsageException if the server does not start; the message contains its output
     */
    public static RedisProcess start(String executable, Path folder) throws IOException, InterruptedException {
        Files.createDirectories(folder);
        endLeftOver(folder);
        return new RedisProcess(executable, folder, freePort());
    }

    private static int freePort() throws IOException {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return free.getLocalPort();
        }
    }

    /** Returns the first {@code redis-server} on a {@code PATH}. */
    static Optional<String> executableOf(String path) {
        return List.of(path.split(java.io.File.pathSeparator, -1)).stream()
                .filter(each -> !each.isEmpty())
                .map(each -> Path.of(each, "redis-server"))
                .filter(Files::isExecutable)
                .map(Path::toString)
                .findFirst();
    }

    /** Returns the address of a server that accepts commands without a password at the default address of Redis. */
    static Optional<String> usual() {
        return answers(DEFAULT_PORT) ? Optional.of(url(DEFAULT_PORT)) : Optional.empty();
    }

    private static void endLeftOver(Path folder) throws IOException, InterruptedException {
        Path file = pidFile(folder);
        if (!Files.exists(file)) {
            return;
        }
        Optional<ProcessHandle> left = pid(Files.readString(file))
                .flatMap(ProcessHandle::of)
                .filter(handle -> handle.info().command().orElse("").contains("redis-server"));
        if (left.isPresent()) {
            left.get().destroy();
            long end = System.nanoTime() + PATIENCE.toNanos();
            while (left.get().isAlive() && System.nanoTime() < end) {
                TimeUnit.MILLISECONDS.sleep(LOOK_EVERY_MILLIS);
            }
        }
        Files.deleteIfExists(file);
    }

    /**
     * Parses a process id. Empty if the file is incomplete, because the program was killed or the disk was full when it
     * was written.
     */
    private static Optional<Long> pid(String text) {
        try {
            return Optional.of(Long.valueOf(text.strip()));
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }

    private static Path pidFile(Path folder) {
        return folder.resolve("redis.pid");
    }

    private Process launch() throws IOException, InterruptedException {
        Path log = folder.resolve("redis.log");
        ProcessBuilder builder = new ProcessBuilder(
                executable,
                "--port",
                Integer.toString(port),
                "--bind",
                "127.0.0.1",
                "--dir",
                folder.toAbsolutePath().toString(),
                "--save",
                "",
                "--appendonly",
                "yes",
                "--maxmemory-policy",
                "noeviction");
        Process started = start(builder.redirectErrorStream(true).redirectOutput(log.toFile()));
        try {
            remember(started.pid());
            awaitAnswer(started, log);
            return started;
        } catch (IOException | InterruptedException | RuntimeException e) {
            started.destroyForcibly(); // otherwise, the server would run forever
            throw e;
        }
    }

    private Process start(ProcessBuilder builder) {
        try {
            return builder.start();
        } catch (IOException e) {
            throw new UsageException("Cannot start " + executable + ": " + e.getMessage(), e);
        }
    }

    private void remember(long pid) throws IOException {
        Path part = Files.writeString(folder.resolve("redis.pid.part"), Long.toString(pid));
        Files.move(part, pidFile(folder), StandardCopyOption.REPLACE_EXISTING);
    }

    private void awaitAnswer(Process started, Path log) throws IOException, InterruptedException {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!answers(port)) {
            if (!started.isAlive() || System.nanoTime() > end) {
                throw new UsageException(
                        executable + " did not start in " + folder + ". Its output was: " + lastLines(log));
            }
            TimeUnit.MILLISECONDS.sleep(LOOK_EVERY_MILLIS);
        }
    }

    private static String lastLines(Path log) throws IOException {
        List<String> lines = Files.readAllLines(log);
        return String.join(" ", lines.subList(Math.max(0, lines.size() - 3), lines.size()));
    }

    /** Returns whether a server on the port accepts commands. A server that is still loading its file does not. */
    private static boolean answers(int port) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), ANSWER_MILLIS);
            socket.setSoTimeout(ANSWER_MILLIS);
            socket.getOutputStream().write("PING\r\n".getBytes(StandardCharsets.US_ASCII));
            byte[] answer = socket.getInputStream().readNBytes("+PONG".length());
            return new String(answer, StandardCharsets.US_ASCII).equals("+PONG");
        } catch (IOException e) {
            return false;
        }
    }

    private static String url(int port) {
        return "redis://127.0.0.1:" + port;
    }

    /** Returns the server's address. */
    public String url() {
        return url(port);
    }

    /** Kills the server as {@code kill -9} does, and starts a new one with the same port and file. */
    public void crashAndRestart() throws IOException, InterruptedException {
        process.destroyForcibly().waitFor();
        process = launch();
    }

    /** Stops the server and keeps its file. */
    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
            Files.deleteIfExists(pidFile(folder));
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot delete " + pidFile(folder), e);
        }
    }
}
