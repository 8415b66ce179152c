package io.alldocs.spring;

import java.util.Optional;
import java.util.concurrent.Executor;
import org.springframework.boot.thread.Threading;
import org.springframework.core.env.Environment;
import org.springframework.core.task.VirtualThreadTaskExecutor;

/**
 * The threads of cache, clients, job and worker.
 *
 * @param executor starts virtual threads; empty for the platform threads that each of them has by default
 */
record Threads(Optional<Executor> executor) {

    /** Returns virtual threads if {@code spring.threads.virtual.enabled} is true and the JDK is 21 or later. */
    static Threads of(Environment environment) {
        return new Threads(
                Threading.VIRTUAL.isActive(environment)
                        ? Optional.of(new VirtualThreadTaskExecutor("all-docs-"))
                        : Optional.empty());
    }
}
