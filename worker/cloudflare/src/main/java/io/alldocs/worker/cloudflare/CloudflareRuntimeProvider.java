package io.alldocs.worker.cloudflare;

import io.alldocs.Env;
import io.alldocs.worker.RuntimeProvider;
import io.alldocs.worker.WorkerRuntime;
import java.util.Set;

/**
 * Creates the runtime {@code cloudflare}, a process outside Cloudflare's network (Workers cannot run a JVM). Its
 * default store is a namespace of Workers KV, which edge workers can read. Its queue is a Durable Object, to which edge
 * workers can add items. KV is eventually consistent, so the worker stores its checkpoints in the driver that
 * {@code CHECKPOINT_DRIVER} names.
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
