package io.alldocs.worker;

import io.alldocs.Env;
import java.util.Set;

/** Provides the runtime {@code jvm}: a process on an ordinary machine. */
public final class JvmRuntimeProvider implements RuntimeProvider {

    /** Creates a provider; called by ServiceLoader. */
    public JvmRuntimeProvider() {}

    @Override
    public String name() {
        return "jvm";
    }

    @Override
    public Set<String> runtimes() {
        return Set.of("jvm");
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
