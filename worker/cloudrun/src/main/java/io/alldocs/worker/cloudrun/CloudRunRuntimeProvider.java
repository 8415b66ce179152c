package io.alldocs.worker.cloudrun;

import io.alldocs.Env;
import io.alldocs.worker.RuntimeProvider;
import io.alldocs.worker.WorkResponses;
import io.alldocs.worker.WorkerRuntime;
import java.time.Duration;
import java.util.Set;

/**
 * Creates the runtime {@code cloudrun}. It listens on all addresses, port {@code PORT} (8080), as the <a
 * href="https://cloud.google.com/run/docs/container-contract">container contract</a> requires. It processes items
 * pushed to {@code POST /work} before it responds, and stops within the ten seconds that the contract allows after
 * SIGTERM. Google Cloud Storage is the default store.
 *
 * <table>
 * <caption>Responses to a push, and how Cloud Tasks and Pub/Sub handle them</caption>
 * <tr><td>200</td><td>the item and its follow-up items are done; the service deletes it</td></tr>
 * <tr><td>503 with {@code Retry-After}</td><td>the item failed or was interrupted, and may succeed later; it is
 * delivered again, by Cloud Tasks not before that time</td></tr>
 * <tr><td>400, 413, 422</td><td>not a work item, too large, or an item that would fail again. It is also delivered
 * again, up to the maximum attempts of the queue or subscription. Cloud Tasks then drops it; Pub/Sub moves it to the
 * dead-letter topic, if there is one</td></tr>
 * <tr><td>401</td><td>the token is not {@code WORKER_TOKEN}; the item is delivered again</td></tr>
 * </table>
 *
 * <p>An item that is delivered twice is processed twice; the second run finds the results of the first one in the
 * store.
 */
public final class CloudRunRuntimeProvider implements RuntimeProvider {
    /**
     * Grace period, a part of the ten seconds between SIGTERM and SIGKILL. After it, interrupted items have two seconds
     * to end, and one second remains to send the responses.
     */
    private static final Duration GRACE = Duration.ofSeconds(5);

    /** For ServiceLoader. */
    public CloudRunRuntimeProvider() {}

    @Override
    public String name() {
        return "cloudrun";
    }

    @Override
    public Set<String> runtimes() {
        return Set.of("cloudrun");
    }

    @Override
    public int spiVersion() {
        return SPI_VERSION;
    }

    @Override
    public WorkerRuntime create(Env env) {
        return WorkerRuntime.builder()
                .env(env)
                .host("0.0.0.0")
                .port(8080)
                .grace(GRACE)
                .handler((request, worker) -> WorkResponses.processedWithFollowUps(Push.item(request), worker))
                .build();
    }
}
