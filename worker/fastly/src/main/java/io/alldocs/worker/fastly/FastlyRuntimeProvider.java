package io.alldocs.worker.fastly;

import io.alldocs.cache.Env;
import io.alldocs.worker.WorkerRuntime;
import io.alldocs.worker.spi.RuntimeProvider;
import java.util.Set;

/**
 * Makes the runtime {@code fastly}: a process beside Fastly's network (a JVM does not run in Compute), with a KV store as the default store, which edge
 * workers read, and the local queue, since Fastly has none. The KV store is not consistent after a write: the worker keeps its progress, and with
 * {@code QUEUE_DURABLE=true} its queue, where {@code CHECKPOINT_DRIVER} says.
 */
public final class FastlyRuntimeProvider implements RuntimeProvider {

    /** For ServiceLoader. */
    public FastlyRuntimeProvider() {}

    @Override
    public String name() {
        return "fastly";
    }

    @Override
    public Set<String> runtimes() {
        return Set.of("fastly");
    }

    @Override
    public int spiVersion() {
        return SPI_VERSION;
    }

    @Override
    public WorkerRuntime create(Env env) {
        return WorkerRuntime.builder().env(env).build();
    }
}
