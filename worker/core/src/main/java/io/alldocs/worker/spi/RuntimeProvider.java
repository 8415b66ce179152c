package io.alldocs.worker.spi;

import io.alldocs.cache.Env;
import io.alldocs.worker.WorkerRuntime;
import java.util.Set;

/**
 * How ServiceLoader finds a runtime: what wires storage, checkpoints, queue, clients, worker and HTTP face as one
 * platform wants them. Public no-argument constructor; cheap to make.
 */
public interface RuntimeProvider {

    /** The SPI version this library speaks. */
    int SPI_VERSION = 1;

    /** What messages call it. */
    String name();

    /** Values of {@code RUNTIME} that choose it. */
    Set<String> runtimes();

    /** The {@link #SPI_VERSION} it was compiled against; implementations return the constant. */
    int spiVersion();

    /**
     * A runtime as the environment says, not started yet. Providers call {@link WorkerRuntime#builder}, and set there
     * what is different on their platform; what needs a server elsewhere is opened by {@link WorkerRuntime#start}, so
     * that the process answers health checks at once.
     *
     * @throws IllegalArgumentException naming the variable, when one is missing or wrong
     */
    WorkerRuntime create(Env env);
}
