package io.alldocs.worker.cloudflare;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * Runs {@code queue.js} in a process of Cloudflare's own runtime. Needs Node; {@code src/test/js} defines the versions.
 */
final class Workerd implements AutoCloseable {
    static final String TOKEN = "a token of the interop test";

    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private final Process node;
    private final URI address;

    private Workerd(Process node, URI address) {
        this.node = node;
        this.address = address;
    }

    /** Starts the runtime with the secret {@link #TOKEN}. */
    static Workerd start(Path folder) throws IOException, URISyntaxException {
        return start(folder, TOKEN);
    }

    /** @param secret may be empty */
    static Workerd start(Path folder, String... secret) throws IOException, URISyntaxException {
        Path script = Path.of(Objects.requireNonNull(DurableObjectQueue.class.getResource("queue.js"))
                .toURI());
        List<String> command = new ArrayList<>(List.of("node", "interop.cjs", script.toString(), folder.toString()));
        command.addAll(List.of(secret));
        Process node = new ProcessBuilder(command)
                .directory(Path.of(System.getProperty("interop.directory")).toFile())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String line = Objects.requireNonNull(node.inputReader().readLine(), "The runtime did not start.");
        return new Workerd(
                node,
                URI.create(new ObjectMapper().readTree(line).path("worker").asText()));
    }

    URI address() {
        return address;
    }

    /** Empties a queue. */
    void clear(String queue) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(address.resolve("/test/clear?queue=" + queue))
                .POST(BodyPublishers.noBody())
                .build();
        HTTP.send(request, BodyHandlers.discarding());
    }

    /** Stops the runtime gracefully. */
    @Override
    public void close() {
        try {
            node.outputWriter().close();
        } catch (IOException e) {
            node.destroy();
        }
        node.onExit().join();
    }
}
