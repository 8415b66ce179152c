package io.alldocs.worker.cloudflare;

import io.alldocs.Env;
import io.alldocs.cache.spi.StorageDriver;
import io.alldocs.http.NpmConfig;
import io.alldocs.worker.spi.QueueOptions;
import io.alldocs.worker.spi.WorkQueue;
import io.alldocs.worker.spi.WorkQueueProvider;
import java.net.URI;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Creates the queue {@code durable-object}, selected by name or as the default of the runtime {@code cloudflare}.
 *
 * <table>
 * <caption>Variables, in addition to those of {@link QueueOptions#of}</caption>
 * <tr><th>name</th><th>type</th><th>default</th><th>required</th><th>meaning</th></tr>
 * <tr><td>{@code WORK_QUEUE_URL}</td><td>URL</td><td></td><td>yes</td><td>address of the Worker
 * {@code queue.js}</td></tr>
 * <tr><td>{@code WORK_QUEUE_TOKEN}</td><td>text</td><td></td><td>yes</td><td>the Worker's secret {@code QUEUE_TOKEN}; a
 * secret</td></tr>
 * <tr><td>{@code WORK_QUEUE_MAX_ATTEMPTS}</td><td>1 to 100</td><td>5</td><td>no</td>
 * <td>{@link DurableObjectQueueBuilder#maxAttempts}</td></tr>
 * </table>
 */
public final class DurableObjectQueueProvider implements WorkQueueProvider {

    /** For ServiceLoader. */
    public DurableObjectQueueProvider() {}

    @Override
    public String name() {
        return "durable-object";
    }

    @Override
    public Set<String> runtimes() {
        return Set.of("cloudflare");
    }

    @Override
    public int spiVersion() {
        return SPI_VERSION;
    }

    /**
     * Creates a queue with its own client. Sends no requests.
     *
     * @throws IllegalArgumentException if a variable is missing or has an invalid value; the message names the variable
     */
    @Override
    public WorkQueue create(Env env, QueueOptions options, Supplier<StorageDriver> storage) {
        URI address = env.getAddress("WORK_QUEUE_URL", "https://all-docs-queue.example.workers.dev")
                .orElseThrow(() -> new IllegalArgumentException("The environment variable WORK_QUEUE_URL is not set;"
                        + " it is needed by the durable-object queue (address of the Worker queue.js)."));
        String token = env.require("WORK_QUEUE_TOKEN", "by the durable-object queue to authenticate")
                .strip();
        int attempts = (int) env.getLong("WORK_QUEUE_MAX_ATTEMPTS", 5, 1, 100);
        NpmConfig npmConfig = NpmConfig.load(env.asMap(), env.readsUserFiles(), env.projectFolder());
        try {
            return DurableObjectQueue.builder(address, token)
                    .npmConfig(npmConfig)
                    .options(options)
                    .maxAttempts(attempts)
                    .build();
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("WORK_QUEUE_URL or WORK_QUEUE_TOKEN: " + e.getMessage(), e);
        }
    }
}
