package io.alldocs.worker;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A worker in its own process, which a test can end by signals. */
final class WorkerProcess implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private static final Duration ANSWER = Duration.ofSeconds(10);

    private final Process process;
    private final Path err;
    private final int port;

    private WorkerProcess(Process process, Path err, int port) {
        this.process = process;
        this.err = err;
        this.port = port;
    }

    static WorkerProcess start(Path folder, Map<String, String> environment, String... options) throws Exception {
        Path err = Files.createTempFile(folder, "err", ".txt");
        Path out = Files.createTempFile(folder, "out", ".txt");
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of(options));
        command.addAll(List.of(
                "-Xmx128m",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                WorkerMain.class.getName()));
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile());
        builder.environment().keySet().removeIf(WorkerProcess::ofAnotherWorker);
        builder.environment().putAll(environment);
        builder.environment().put("PORT", "0");
        Process process = builder.start();
        Await.until("the worker listens", () -> {
            assertThat(process.isAlive()).as(Files.readString(err)).isTrue();
            return Files.readString(out).endsWith("\n");
        });
        return new WorkerProcess(process, err, port(Files.readString(out)));
    }

    /**
     * Returns whether a variable is a setting of the user who runs the tests or contains JVM options. Each JVM prints
     * its options when it starts.
     */
    private static boolean ofAnotherWorker(String variable) {
        return Stream.of("CACHE_", "QUEUE_", "REDIS_", "WORKER_").anyMatch(variable::startsWith)
                || variable.equals("JAVA_TOOL_OPTIONS")
                || variable.equals("JDK_JAVA_OPTIONS");
    }

    private static int port(String said) {
        assertThat(said).startsWith("Listening on http://127.0.0.1:");
        return URI.create(said.substring("Listening on ".length()).strip()).getPort();
    }

    int port() {
        return port;
    }

    HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return send(HttpRequest.newBuilder(at(path)));
    }

    HttpResponse<String> post(String path, JsonNode body) throws IOException, InterruptedException {
        return send(HttpRequest.newBuilder(at(path)).POST(BodyPublishers.ofString(body.toString())));
    }

    private HttpResponse<String> send(HttpRequest.Builder request) throws IOException, InterruptedException {
        try {
            return http.send(request.timeout(ANSWER).build(), BodyHandlers.ofString());
        } catch (IOException e) {
            throw new IOException("The worker does not answer. It wrote: " + err(), e);
        }
    }

    private URI at(String path) {
        return URI.create("http://127.0.0.1:" + port + path);
    }

    /** Returns the response of {@code /progress}; a missing node while the worker starts. */
    JsonNode progress() throws IOException, InterruptedException {
        HttpResponse<String> response = get("/progress");
        return response.statusCode() == 200 ? JSON.readTree(response.body()) : JSON.missingNode();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    int exitCode() {
        return process.exitValue();
    }

    String err() throws IOException {
        return Files.readString(err);
    }

    /** Sends {@code kill -9}: the process runs no further instruction. */
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    /** Sends SIGTERM. */
    int terminate() throws Exception {
        process.destroy();
        assertThat(process.waitFor(60, TimeUnit.SECONDS))
                .as("ends after SIGTERM")
                .isTrue();
        return process.exitValue();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
