package io.alldocs.worker;

import io.alldocs.Env;
import java.util.Set;

/**
 * Service provider interface of a runtime, found by ServiceLoader. A runtime wires storage, checkpoints, queue,
 * clients, worker and HTTP server for one platform. Implementations need a public no-argument constructor and must be
 * cheap to create.
 */
public interface RuntimeProvider {

    /** The SPI version of this library. */
    int SPI_VERSION = 1;

    /** Returns the name used in messages. */
    String name();

    /** Returns the values of {@code RUNTIME} that select this runtime. */
    Set<String> runtimes();

    /**
     * Returns the {@link #SPI_VERSION} the implementation was compiled against; implementations return the constant.
     */
    int spiVersion();

    /**
     * Creates a runtime configured by the environment, without starting it. Providers call
     * {@link WorkerRuntime#builder} and override what differs on their platform. {@link WorkerRuntime#start} opens
     * whatever needs a remote server, so that the process answers health checks immediately.
     *
     * @throws IllegalArgumentException if a variable is missing or invalid; the message names it
     */
    WorkerRuntime create(Env env);
}
