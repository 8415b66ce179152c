package io.alldocs.worker.fastly;

import io.alldocs.Env;
import io.alldocs.worker.RuntimeProvider;
import io.alldocs.worker.WorkerRuntime;
import java.util.Set;

/**
 * Creates the runtime {@code fastly}, a process outside Fastly's network (Fastly Compute cannot run a JVM). Its default
 * store is a KV store, which edge workers can read. It uses the local queue, because Fastly has none. The KV store is
 * eventually consistent, so the worker stores its checkpoints, and with {@code QUEUE_DURABLE=true} its queue, in the
 * driver that {@code CHECKPOINT_DRIVER} names.
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
