package io.alldocs.spring;

import io.alldocs.Env;
import io.alldocs.cache.Cache;
import io.alldocs.http.HttpTransport;
import io.alldocs.http.NpmConfig;
import io.alldocs.worker.Processor;
import io.alldocs.worker.WorkListener;
import io.alldocs.worker.WorkQueues;
import io.alldocs.worker.Worker;
import io.alldocs.worker.WorkerBuilder;
import io.alldocs.worker.spi.WorkQueue;
import java.time.Duration;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;

/**
 * Creates a queue and a worker, which runs while the application runs, if {@code all-docs.worker.enabled} is true and
 * {@code all-docs-worker} is on the class path. A bean of type {@link WorkQueue} or {@link Worker} replaces the one
 * that the properties describe. Beans of type {@link Processor} process the items of their type, and beans of type
 * {@link WorkListener} receive the events of the worker. The worker creates its own clients, with the same npm
 * configuration, transport, contact, rate and listeners.
 */
@AutoConfiguration(after = AllDocsAutoConfiguration.class)
@ConditionalOnClass(Worker.class)
@ConditionalOnBooleanProperty("all-docs.worker.enabled")
public final class WorkerAutoConfiguration {

    private static final long DEFAULT_GRACE_MILLIS = 10_000;

    /** Called by Spring. */
    WorkerAutoConfiguration() {}

    @Bean
    @ConditionalOnMissingBean
    WorkQueue allDocsWorkQueue(Env env, Checkpoints checkpoints) {
        return WorkQueues.create(env, () -> checkpoints.cache().driver());
    }

    @Bean
    @ConditionalOnMissingBean
    Worker allDocsWorker(
            Env env,
            Cache cache,
            Checkpoints checkpoints,
            WorkQueue queue,
            Threads threads,
            HttpSettings http,
            NpmConfig npm,
            HttpTransport transport,
            ObjectProvider<WorkListener> listeners,
            ObjectProvider<Processor> processors) {
        WorkerBuilder worker = Worker.builder()
                .env(env)
                .cache(cache)
                .checkpoints(checkpoints.cache())
                .queue(queue)
                .http(http::builder)
                .httpListener(http.listener())
                .npmConfig(npm)
                .transport(transport)
                .listener(Listeners.of(WorkListener.class, listeners, WorkListener.NONE))
                .grace(Duration.ofMillis(env.getLong("WORKER_GRACE_MS", DEFAULT_GRACE_MILLIS, 0, 3_600_000)))
                .concurrency((int) env.getLong("WORKER_CONCURRENCY", WorkerBuilder.DEFAULT_CONCURRENCY, 1, 10_000));
        threads.executor().ifPresent(worker::executor);
        processors.orderedStream().forEach(worker::processor);
        return worker.build();
    }

    @Bean
    @ConditionalOnMissingBean
    WorkerLifecycle allDocsWorkerLifecycle(Worker worker) {
        return new WorkerLifecycle(worker);
    }
}
