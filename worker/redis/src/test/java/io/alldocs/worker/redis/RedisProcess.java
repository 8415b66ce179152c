package io.alldocs.worker.redis;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import redis.embedded.core.ExecutableProvider;

/**
 * A Redis server in a separate process, on a port of 127.0.0.1, with an append-only file in a folder. Everything that
 * it acknowledged survives {@link #kill()}, however slow the disk is: Redis has written it before it responds. Only a
 * crash of the machine would require an fsync, for which Redis would delay writing.
 */
final class RedisProcess implements AutoCloseable {
    private static final int STARTS = 3;
    /** A cluster node needs a second port, which is 10,000 higher. */
    private static final int MAX_PORT = 55_535;

    private final int port;
    private final List<String> command;
    private Process process;

    private RedisProcess(int port, List<String> command) throws IOException {
        this.port = port;
        this.command = command;
        this.process = launch(command);
    }

    /** @param settings pairs as on the server's command line, such as {@code --requirepass secret} */
    static RedisProcess start(Path folder, String... settings) {
        for (int starts = 1; ; starts++) {
            try {
                return start(freePort(), folder, settings);
            } catch (IOException e) {
                // Another process may have taken the port meanwhile.
                if (starts == STARTS) {
                    throw new UncheckedIOException(e);
                }
            }
        }
    }

    private static RedisProcess start(int port, Path folder, String... settings) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Executable.PATH,
                "--port",
                Integer.toString(port),
                "--bind",
                "127.0.0.1",
                "--dir",
                Files.createDirectories(folder).toString(),
                "--save",
                "",
                "--appendonly",
                "yes",
                "--appendfsync",
                "no"));
        command.addAll(List.of(settings));
        return new RedisProcess(port, command);
    }

    private static int freePort() throws IOException {
        while (true) {
            try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
                if (socket.getLocalPort() <= MAX_PORT) {
                    return socket.getLocalPort();
                }
            }
        }
    }

    private static Process launch(List<String> command) throws IOException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        BufferedReader out = process.inputReader();
        StringBuilder said = new StringBuilder();
        for (String line = out.readLine(); line != null; line = out.readLine()) {
            said.append(line).append('\n');
            if (line.contains("Ready to accept connections")) {
                Thread drain = new Thread(() -> out.lines().forEach(each -> {}), "redis-output");
                drain.setDaemon(true);
                drain.start();
                return process;
            }
        }
        throw new IOException("Redis did not start: " + said);
    }

    int port() {
        return port;
    }

    String url() {
        return "redis://127.0.0.1:" + port;
    }

    /** Sends one command through a separate client, for example {@code SCRIPT FLUSH}. */
    String command(String... words) {
        try (RespClient client = new RespClient(port)) {
            return client.command(words);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void forgetAll() {
        command("FLUSHALL");
    }

    /** Kills the server like {@code kill -9}. */
    void kill() {
        process.destroyForcibly().onExit().join();
    }

    /** Restarts the server on the same port and folder, after {@link #kill()}. */
    void restart() {
        try {
            process = launch(command);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        kill();
    }

    /** The binary from the jar. */
    private static final class Executable {
        static final String PATH = extract();

        private static String extract() {
            try {
                Path folder = Files.createTempDirectory("redis-server");
                folder.toFile().deleteOnExit();
                File file = ExecutableProvider.newJarResourceProvider(folder.toFile())
                        .get();
                file.deleteOnExit();
                return file.getPath();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
