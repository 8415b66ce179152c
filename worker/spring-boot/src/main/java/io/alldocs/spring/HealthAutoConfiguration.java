package io.alldocs.spring;

import io.alldocs.cache.Cache;
import io.alldocs.sync.RegistrySync;
import io.alldocs.worker.Worker;
import io.alldocs.worker.spi.WorkQueue;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.health.autoconfigure.contributor.ConditionalOnEnabledHealthIndicator;
import org.springframework.boot.health.contributor.CompositeHealthContributor;
import org.springframework.boot.health.contributor.HealthContributor;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * Adds the health component {@code allDocs} with {@code store}, {@code job} and {@code queue}, if Spring Boot's health
 * module is on the class path. {@code management.health.all-docs.enabled=false} removes it.
 */
@AutoConfiguration(after = {AllDocsAutoConfiguration.class, SyncAutoConfiguration.class, WorkerAutoConfiguration.class})
@ConditionalOnClass({HealthContributor.class, ConditionalOnEnabledHealthIndicator.class})
@ConditionalOnEnabledHealthIndicator("all-docs")
public final class HealthAutoConfiguration {

    /** Called by Spring. */
    HealthAutoConfiguration() {}

    /** @param queue the part of the queue; a supplier, because the worker may be missing from the class path */
    @Bean
    @ConditionalOnBean(Cache.class)
    @ConditionalOnMissingBean(name = "allDocsHealthContributor")
    HealthContributor allDocsHealthContributor(
            Cache cache,
            ObjectProvider<RegistrySync> sync,
            ObjectProvider<SyncLifecycle> lifecycle,
            ObjectProvider<QueueHealth> queue) {
        Map<String, HealthContributor> parts = new LinkedHashMap<>();
        parts.put("store", new StoreHealthIndicator(cache.driver()));
        RegistrySync job = sync.getIfUnique();
        SyncLifecycle running = lifecycle.getIfUnique();
        if (job != null && running != null) {
            parts.put("job", new JobHealthIndicator(job, running));
        }
        QueueHealth items = queue.getIfUnique();
        if (items != null) {
            parts.put("queue", items.indicator().get());
        }
        return CompositeHealthContributor.fromMap(parts);
    }

    /** The indicator of the queue, which is not a separate health component. */
    record QueueHealth(Supplier<HealthContributor> indicator) {}

    /** For applications with a worker. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(Worker.class)
    @ConditionalOnBean({Worker.class, WorkQueue.class})
    static class OfTheQueue {
        @Bean
        QueueHealth allDocsQueueHealth(WorkQueue queue, Worker worker) {
            return new QueueHealth(() -> new QueueHealthIndicator(queue, worker));
        }
    }
}
