package io.alldocs.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.net.URI;
import java.nio.file.Path;

/**
 * Runs headless Chromium for tests tagged interop. Requires Node, and Chromium at {@code /usr/bin/chromium} or at the
 * path in the environment variable {@code CHROMIUM}. Not thread-safe.
 */
public final class Browser implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Process node;

    private Browser(Process node) {
        this.node = node;
    }

    /**
     * The result of opening a page.
     *
     * @param console messages of the page's console, including failed requests
     * @param value value of the expression
     */
    public record Visit(JsonNode console, JsonNode value) {}

    /** Starts the browser. */
    public static Browser start() {
        try {
            return new Browser(new ProcessBuilder(
                            "node", "browser.cjs", System.getenv().getOrDefault("CHROMIUM", "/usr/bin/chromium"))
                    .directory(Path.of(System.getProperty("interop.directory")).toFile())
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start());
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot start node", e);
        }
    }

    /**
     * Opens a page in a new window.
     *
     * @param scheme light or dark
     * @param expression JavaScript expression, evaluated after the page has loaded; if it is a promise, its result is
     *     awaited
     */
    public Visit visit(URI page, int width, String scheme, String expression) {
        return visit(request(page, width, scheme).put("expression", expression));
    }

    /**
     * Stores a screenshot of the whole page as {@code name}-{@code width}-{@code scheme}.png in the folder of the
     * interop tests.
     */
    public void screenshot(URI page, int width, String scheme, String name) {
        Path file = Path.of(System.getProperty("interop.directory"), name + "-" + width + "-" + scheme + ".png");
        visit(request(page, width, scheme).put("expression", "0").put("screenshot", file.toString()));
    }

    private static ObjectNode request(URI page, int width, String scheme) {
        return JSON.createObjectNode()
                .put("url", page.toString())
                .put("width", width)
                .put("scheme", scheme);
    }

    private Visit visit(ObjectNode asked) {
        try {
            Writer in = node.outputWriter();
            in.write(asked + "\n");
            in.flush();
            String answer = node.inputReader().readLine();
            if (answer == null) {
                throw new IllegalStateException("The browser ended; the test's output contains the reason.");
            }
            JsonNode json = JSON.readTree(answer);
            return new Visit(json.path("console"), json.path("value"));
        } catch (IOException e) {
            throw new UncheckedIOException("The browser went away", e);
        }
    }

    /** Stops the browser and waits until it has ended. */
    @Override
    public void close() {
        try {
            node.outputWriter().close();
            node.onExit().join();
        } catch (IOException e) {
            throw new UncheckedIOException("The browser went away", e);
        }
    }
}
