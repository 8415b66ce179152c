package io.alldocs.worker.cloudrun;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.ConnectException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** A process that runs {@link CloudRun} as the container does, with only the given environment variables. */
final class Container implements AutoCloseable {
    private static final long PATIENCE_SECONDS = 90;

    /** Time from SIGTERM to SIGKILL in Cloud Run: https://cloud.google.com/run/docs/container-contract. */
    private static final long TO_SIGKILL_SECONDS = 10;

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final HttpClient HTTP =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private final Process process;
    private final Path err;
    private final URI address;

    /** @param body of the response, JSON */
    record Reply(int status, Map<String, List<String>> headers, JsonNode body) {}

    private Container(Process process, Path err, URI address) {
        this.process = process;
        this.err = err;
        this.address = address;
    }

    /** Starts the process without waiting for it. */
    static Container start(Path folder, Map<String, String> environment) throws IOException {
        int port = freePort();
        Path err = Files.createTempFile(folder, "err", ".txt");
        ProcessBuilder builder = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx128m",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        CloudRun.class.getName())
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(err.toFile());
        builder.environment().clear();
        builder.environment().put("PORT", String.valueOf(port));
        builder.environment()
                .put("NPM_CONFIG_USERCONFIG", folder.resolve("no-such-npmrc").toString());
        builder.environment().putAll(environment);
        return new Container(builder.start(), err, URI.create("http://127.0.0.1:" + port));
    }

    private static int freePort() throws IOException {
        try (ServerSocket free = new ServerSocket(0)) {
            return free.getLocalPort();
        }
    }

    /** Waits until the path responds with 200. */
    Container awaitOk(String path) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (!isOk(path)) {
            assertThat(process.isAlive()).as("ended too early: %s", err()).isTrue();
            assertThat(System.nanoTime()).as("waited too long: %s", err()).isLessThan(deadline);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
        }
        return this;
    }

    private boolean isOk(String path) throws Exception {
        try {
            return get(path).status() == 200;
        } catch (ConnectException e) {
            return false;
        }
    }

    Reply get(String path) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(address.resolve(path)).build();
        return reply(HTTP.send(request, BodyHandlers.ofByteArray()));
    }

    Reply push(String body, String... headers) throws Exception {
        return reply(HTTP.send(work(body, headers), BodyHandlers.ofByteArray()));
    }

    CompletableFuture<Reply> pushAsync(String body) {
        return HTTP.sendAsync(work(body), BodyHandlers.ofByteArray()).thenApply(Container::reply);
    }

    private HttpRequest work(String body, String... headers) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(address.resolve("/work")).POST(BodyPublishers.ofString(body));
        for (int i = 0; i < headers.length; i += 2) {
            request.header(headers[i], headers[i + 1]);
        }
        return request.build();
    }

    private static Reply reply(HttpResponse<byte[]> response) {
        try {
            return new Reply(response.statusCode(), response.headers().map(), JSON.readTree(response.body()));
        } catch (IOException e) {
            throw new AssertionError("The answer is no JSON", e);
        }
    }

    /** Sends SIGTERM, as Cloud Run does before it ends a container. */
    void sigterm() {
        process.destroy();
    }

    /** Waits for the end of the process after {@link #sigterm}; returns its exit code. */
    int awaitEndBeforeSigkill() throws Exception {
        return awaitEnd(TO_SIGKILL_SECONDS);
    }

    /** Waits for the end of the process; returns its exit code. */
    int awaitEnd() throws Exception {
        return awaitEnd(PATIENCE_SECONDS);
    }

    private int awaitEnd(long seconds) throws Exception {
        assertThat(process.waitFor(seconds, TimeUnit.SECONDS))
                .as("ends within %s s", seconds)
                .isTrue();
        return process.exitValue();
    }

    String err() throws IOException {
        return Files.readString(err);
    }

    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
    }
}
