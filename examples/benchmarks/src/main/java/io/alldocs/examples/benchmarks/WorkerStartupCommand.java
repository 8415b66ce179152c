package io.alldocs.examples.benchmarks;

import io.alldocs.worker.WorkerMain;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Measures the time from the start of a JVM to the first response 200 of {@code /health}. Runs the runtime {@code jvm},
 * alone and as the examples' {@code worker}, and the runtime {@code cloudrun} with the container's command. Runs each
 * with and without a class data archive (AppCDS) that this command creates first. A hello-world server with the JDK's
 * HTTP server is the baseline.
 */
@Command(
        name = "worker-startup",
        description = "Times the start of workers to their first answer, with and without archives of classes.")
final class WorkerStartupCommand implements Callable<Integer> {
    private static final String WITHOUT = "to /health, s";
    private static final String WITH = "with archive, s";
    private static final String HELLO = "hello";
    private static final double MOST = 1.5;
    private static final int PATIENCE_SECONDS = 60;

    @Option(
            names = "--examples",
            paramLabel = "JAR",
            description = "The examples' jar, for the runtime jvm and the program worker.")
    private @Nullable Path examples;

    @Option(
            names = "--cloudrun",
            paramLabel = "JAR",
            description = "The runnable jar of worker/cloudrun, for the runtime cloudrun.")
    private @Nullable Path cloudrun;

    @Option(
            names = "--rounds",
            defaultValue = "9",
            description = "Rounds; the medians are printed (default: ${DEFAULT-VALUE}).")
    private int rounds;

    @Mixin
    private FigureOptions options = new FigureOptions();

    private final Figures figures = new Figures();

    @Override
    public Integer call() throws IOException, InterruptedException {
        Path folder = Files.createDirectories(options.workDir()).toAbsolutePath();
        Map<String, List<String>> contenders = contenders(folder);
        for (Map.Entry<String, List<String>> each : contenders.entrySet()) {
            start(
                    each.getKey(),
                    List.of("-XX:ArchiveClassesAtExit=" + archive(folder, each.getKey())),
                    each.getValue(),
                    folder);
        }
        for (int round = 1; round <= rounds; round++) {
            for (Map.Entry<String, List<String>> each : contenders.entrySet()) {
                String name = each.getKey();
                figures.add(WITHOUT, name, start(name, List.of(), each.getValue(), folder));
                // With -Xshare:on, the JVM exits if it cannot use the archive, instead of running slowly.
                List<String> shared = List.of("-Xshare:on", "-XX:SharedArchiveFile=" + archive(folder, name));
                figures.add(WITH, name, start(name, shared, each.getValue(), folder));
            }
        }
        for (String name : contenders.keySet()) {
            if (!name.equals(HELLO)) {
                figures.compare(WITHOUT, name, HELLO, MOST);
                figures.compare(WITH, name, HELLO, MOST);
            }
        }
        options.print(figures);
        return 0;
    }

    private Map<String, List<String>> contenders(Path folder) throws IOException {
        Map<String, List<String>> contenders = new LinkedHashMap<>();
        contenders.put(HELLO, List.of("-cp", helloJar(folder).toString(), HelloServer.class.getName()));
        if (examples != null) {
            contenders.put("jvm", List.of("-cp", examples.toAbsolutePath().toString(), WorkerMain.class.getName()));
            contenders.put("worker", List.of("-jar", examples.toAbsolutePath().toString(), "worker", "--quiet"));
        }
        if (cloudrun != null) {
            contenders.put("cloudrun", List.of("-jar", cloudrun.toAbsolutePath().toString()));
        }
        return contenders;
    }

    /** Creates a jar, which a class data archive requires. */
    private static Path helloJar(Path folder) throws IOException {
        String name = HelloServer.class.getName().replace('.', '/') + ".class";
        Path jar = folder.resolve("hello.jar");
        try (InputStream in = HelloServer.class.getClassLoader().getResourceAsStream(name);
                java.util.jar.JarOutputStream out = new java.util.jar.JarOutputStream(Files.newOutputStream(jar))) {
            out.putNextEntry(new java.util.jar.JarEntry(name));
            in.transferTo(out);
            out.closeEntry();
        }
        return jar;
    }

    private static Path archive(Path folder, String name) {
        return folder.resolve(name + ".jsa");
    }

    /** Returns the seconds to the first response, after ending the process with SIGTERM. */
    private double start(String name, List<String> options, List<String> program, Path folder)
            throws IOException, InterruptedException {
        int port = freePort();
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(options);
        command.addAll(List.of("-Xlog:disable", "-Xlog:all=error:stderr"));
        command.addAll(program);
        Path said = folder.resolve(name + ".txt");
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(said.toFile());
        builder.environment()
                .putAll(Map.of(
                        "PORT", Integer.toString(port),
                        "HOST", "127.0.0.1",
                        "CACHE_DIR", folder.resolve("cache").toString(),
                        "GCS_BUCKET", "nowhere",
                        "STORAGE_EMULATOR_HOST", "http://127.0.0.1:9"));
        long start = System.nanoTime();
        Process process = builder.start();
        try {
            while (!answers(port)) {
                if (!process.isAlive() || System.nanoTime() - start > TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS)) {
                    throw new IOException(String.join(" ", command) + " does not answer: " + Files.readString(said));
                }
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(2));
            }
            return (System.nanoTime() - start) / 1e9;
        } finally {
            process.destroy();
            process.waitFor();
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return free.getLocalPort();
        }
    }

    private static boolean answers(int port) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1_000);
            socket.setSoTimeout(10_000);
            socket.getOutputStream()
                    .write("GET /health HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"
                            .getBytes(StandardCharsets.US_ASCII));
            byte[] status = socket.getInputStream().readNBytes("HTTP/1.1 200".length());
            return new String(status, StandardCharsets.US_ASCII).equals("HTTP/1.1 200");
        } catch (IOException e) {
            return false;
        }
    }
}
