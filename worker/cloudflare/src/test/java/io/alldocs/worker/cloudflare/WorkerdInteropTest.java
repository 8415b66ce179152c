package io.alldocs.worker.cloudflare;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.alldocs.worker.contract.WorkQueueContract;
import io.alldocs.worker.spi.QueueOptions;
import io.alldocs.worker.spi.WorkQueue;
import java.net.URI;
import java.net.URL;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;

/** The contract against {@code queue.js} itself, in Cloudflare's own runtime, workerd. Needs Node; {@code src/test/js} says which versions. */
@Tag("interop")
@Timeout(300)
class WorkerdInteropTest extends WorkQueueContract {
    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static final String TOKEN = "a token of the interop test";

    /** What was opened: the server lists no objects. */
    private static final Set<String> NAMES = ConcurrentHashMap.newKeySet();

    private static Process node;
    private static URI worker;

    @BeforeAll
    static void start() throws Exception {
        URL script = Objects.requireNonNull(DurableObjectQueue.class.getResource("queue.js"));
        node = new ProcessBuilder("node", "interop.cjs", Path.of(script.toURI()).toString(), TOKEN)
                .directory(Path.of(System.getProperty("interop.directory")).toFile())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        worker = URI.create(new ObjectMapper()
                .readTree(node.inputReader().readLine())
                .path("worker")
                .asText());
    }

    @AfterAll
    static void stop() throws Exception {
        node.outputWriter().close();
        node.waitFor();
    }

    @Override
    protected WorkQueue newQueue(QueueOptions options) {
        NAMES.add(options.name());
        return DurableObjectQueue.builder(worker, TOKEN).options(options).build();
    }

    @Override
    protected WorkQueue another(WorkQueue queue) {
        return newQueue(queue.options());
    }

    @Override
    protected void clear() throws Exception {
        for (String name : NAMES) {
            HttpRequest request = HttpRequest.newBuilder(worker.resolve("/test/clear?queue=" + name))
                    .POST(HttpRequest.BodyPublishers.noBody())
                    .build();
            HTTP.send(request, BodyHandlers.discarding());
        }
    }

    @Override
    protected boolean outlivesClose() {
        return true;
    }
}
