package io.alldocs.worker.cloudflare;

import io.alldocs.cache.Env;
import io.alldocs.worker.WorkerRuntime;
import io.alldocs.worker.spi.RuntimeProvider;
import java.util.Set;

/**
 * Makes the runtime {@code cloudflare}: a process beside Cloudflare's network (a JVM does not run in Workers), with a namespace of Workers KV as the default
 * store, which edge workers read, and a queue in a Durable Object, which they may feed. KV is not consistent after a write: the worker keeps its progress
 * where {@code CHECKPOINT_DRIVER} says.
 */
public final class CloudflareRuntimeProvider implements RuntimeProvider {

    /** For ServiceLoader. */
    public CloudflareRuntimeProvider() {}

    @Override
    public String name() {
        return "cloudflare";
    }

    @Override
    public Set<String> runtimes() {
        return Set.of("cloudflare");
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
