package io.alldocs.cli.worker;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.alldocs.cli.Errors;
import io.alldocs.cli.Main;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Runs a command of these examples in a separate process with the same class path. The command is a worker, or the
 * command that seeds its queue. Safe for concurrent use.
 */
public final class WorkerProcess implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration ANSWER = Duration.ofSeconds(10);
    private static final int OUT_OF_MEMORY = 3;
    private static final int LONGEST_ERROR = 1_000;

    private static final HttpClient HTTP = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(ANSWER)
            .build();

    private final Process process;
    private final Path out;
    private final Path err;
    private volatile @Nullable URI address;

    private WorkerProcess(Process process, Path out, Path err) {
        this.process = process;
        this.out = out;
        this.err = err;
    }

    /**
     * Starts a worker on a free port. It ends with this process.
     *
     * @param environment variables added to those of this process
     * @param jvm options of its JVM
     * @param folder folder of its files
     * @param name name of its files in {@code folder}, {@code NAME.out} and {@code NAME.log}
     */
    public static WorkerProcess start(Map<String, String> environment, List<String> jvm, Path folder, String name)
            throws IOException {
        return start(
                environment,
                jvm,
                folder,
                name,
                List.of(
                        "worker",
                        "--json",
                        "--port=0",
                        "--end-with=" + ProcessHandle.current().pid()));
    }

    static WorkerProcess start(
            Map<String, String> environment, List<String> jvm, Path folder, String name, List<String> words)
            throws IOException {
        Path out = folder.resolve(name + ".out");
        Path err = folder.resolve(name + ".log");
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(jvm);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
        command.addAll(words);
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectOutput(out.toFile())
                .redirectError(ProcessBuilder.Redirect.appendTo(new File(err.toString())));
        builder.environment().putAll(environment);
        return new WorkerProcess(builder.start(), out, err);
    }

    /** Returns the exit code; empty while the process runs. */
    public OptionalInt exitCode() {
        return process.isAlive() ? OptionalInt.empty() : OptionalInt.of(process.exitValue());
    }

    /** Waits until the process ends, and returns its exit code. */
    int awaitExit() throws InterruptedException {
        return process.waitFor();
    }

    /**
     * Returns the response of {@code GET /progress}. Empty if the worker is starting, does not respond or has ended.
     */
    public Optional<JsonNode> progress() throws InterruptedException {
        try {
            Optional<URI> at = address();
            if (at.isEmpty() || !process.isAlive()) {
                return Optional.empty();
            }
            HttpRequest request = HttpRequest.newBuilder(at.get().resolve("progress"))
                    .timeout(ANSWER)
                    .build();
            HttpResponse<byte[]> response = HTTP.send(request, BodyHandlers.ofByteArray());
            return response.statusCode() == 200 ? Optional.of(JSON.readTree(response.body())) : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** Returns the worker's address; empty until the worker has announced it. */
    public Optional<URI> address() throws IOException {
        URI known = address;
        if (known != null) {
            return Optional.of(known);
        }
        Optional<URI> told = announced(Files.readString(out, StandardCharsets.ISO_8859_1));
        told.ifPresent(uri -> address = uri);
        return told;
    }

    /**
     * Finds the address in the output. The JVM and its agents may write other lines to the output, in any character
     * set. The last line may be incomplete.
     */
    private static Optional<URI> announced(String said) {
        return said.lines()
                .filter(line -> line.startsWith("{") && line.endsWith("}"))
                .flatMap(line -> url(line).stream())
                .findFirst();
    }

    private static Optional<URI> url(String line) {
        try {
            return Optional.ofNullable(JSON.readTree(line).path("url").textValue())
                    .map(URI::create);
        } catch (JsonProcessingException e) {
            return Optional.empty();
        }
    }

    /** Returns the end of the text on standard error, in one line. */
    public String errors() throws IOException {
        String said = Errors.oneLine(Files.readString(err));
        return said.substring(Math.max(0, said.length() - LONGEST_ERROR));
    }

    /** Returns the process id. */
    long pid() {
        return process.pid();
    }

    /**
     * Returns whether the JVM reported that it ran out of memory. The exit code is not enough: {@code
     * ExitOnOutOfMemoryError} ends the process with 3, the code for a refusal by the origin.
     */
    boolean ranOutOfMemory() throws IOException {
        return process.exitValue() == OUT_OF_MEMORY
                && Files.readString(out, StandardCharsets.ISO_8859_1).contains("java.lang.OutOfMemoryError");
    }

    /** Kills the process as {@code kill -9} does. It runs no shutdown hooks. */
    public void kill() {
        process.destroyForcibly();
    }

    /** Sends SIGTERM. */
    public void terminate() {
        process.destroy();
    }

    /** Waits until the process ends after {@link #terminate()}. Kills it if it still runs after {@code patience}. */
    void awaitEnd(Duration patience) throws InterruptedException {
        if (!process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
            process.destroyForcibly().waitFor();
        }
    }

    /** Kills the process if it runs. */
    @Override
    public void close() {
        process.destroyForcibly();
    }
}
