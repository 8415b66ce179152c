package io.alldocs.worker.cloudrun;

import io.alldocs.cache.Env;
import io.alldocs.worker.WorkAnswers;
import io.alldocs.worker.WorkerRuntime;
import io.alldocs.worker.spi.RuntimeProvider;
import java.time.Duration;
import java.util.Set;

/**
 * Makes the runtime {@code cloudrun}: listens on all addresses, port {@code PORT} (8080), as the <a
 * href="https://cloud.google.com/run/docs/container-contract">container contract</a> wants, does what is pushed to {@code POST /work} before it answers, and
 * stops within the ten seconds that the contract leaves after SIGTERM. Google Cloud Storage is the default store.
 *
 * <table>
 *   <caption>Answers to a push, and what Cloud Tasks and Pub/Sub make of them</caption>
 *   <tr><td>200</td><td>the item is done, and all that follows from it; it is forgotten</td></tr>
 *   <tr><td>503 with {@code Retry-After}</td><td>it failed, or was interrupted, and may succeed later; it is brought again, by Cloud Tasks not
 *       before that time</td></tr>
 *   <tr><td>400, 413, 422</td><td>no work item, too large, or it would fail again; it is brought again, too, until the queue's or subscription's
 *       limit of attempts: Cloud Tasks drops it then, Pub/Sub puts it on the dead-letter topic, if there is one</td></tr>
 *   <tr><td>401</td><td>the token is not {@code WORKER_TOKEN}; it is brought again</td></tr>
 * </table>
 *
 * <p>An item that is brought twice is done twice, and finds in the store what was done before.
 */
public final class CloudRunRuntimeProvider implements RuntimeProvider {
    /**
     * Of the ten seconds between SIGTERM and SIGKILL: what was interrupted after it has two seconds to end, and the requests one to be answered.
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
                .handler((request, worker) -> WorkAnswers.performedWhole(Push.item(request), worker))
                .build();
    }
}
