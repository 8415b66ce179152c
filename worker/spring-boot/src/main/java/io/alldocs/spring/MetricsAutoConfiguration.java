package io.alldocs.spring;

import io.alldocs.micrometer.CacheMeters;
import io.alldocs.micrometer.HttpMeters;
import io.alldocs.micrometer.SyncMeters;
import io.alldocs.micrometer.WorkerMeters;
import io.alldocs.sync.RegistrySync;
import io.alldocs.worker.Worker;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * Registers the meters of {@code all-docs-micrometer} with the application's {@link MeterRegistry}, if both are
 * present. A bean of the type of a meter class replaces it, for example to add tags.
 */
@AutoConfiguration(
        after = {AllDocsAutoConfiguration.class, SyncAutoConfiguration.class, WorkerAutoConfiguration.class},
        afterName = {
            "org.springframework.boot.micrometer.metrics.autoconfigure.MetricsAutoConfiguration",
            "org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration"
        })
@ConditionalOnClass({HttpMeters.class, MeterRegistry.class})
@ConditionalOnBean(MeterRegistry.class)
public final class MetricsAutoConfiguration {

    /** Called by Spring. */
    MetricsAutoConfiguration() {}

    @Bean
    @ConditionalOnMissingBean
    HttpMeters allDocsHttpMeters(MeterRegistry registry) {
        return new HttpMeters(registry, Tags.empty());
    }

    @Bean
    @ConditionalOnMissingBean
    CacheMeters allDocsCacheMeters(MeterRegistry registry) {
        return new CacheMeters(registry, Tags.empty());
    }

    @Bean
    @ConditionalOnMissingBean
    @ConditionalOnBean(RegistrySync.class)
    SyncMeters allDocsSyncMeters(MeterRegistry registry) {
        return new SyncMeters(registry, Tags.empty());
    }

    /** The job receives the meters as a listener, so its own gauges are added once both exist. */
    @Bean
    @ConditionalOnBean({RegistrySync.class, SyncMeters.class})
    SmartInitializingSingleton allDocsSyncGauges(SyncMeters meters, RegistrySync sync) {
        return () -> meters.bind(sync);
    }

    /** For applications with a worker. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(Worker.class)
    @ConditionalOnBean(Worker.class)
    static class OfTheWorker {
        @Bean
        @ConditionalOnMissingBean
        WorkerMeters allDocsWorkerMeters(MeterRegistry registry) {
            return new WorkerMeters(registry, Tags.empty());
        }

        @Bean
        SmartInitializingSingleton allDocsWorkerGauges(WorkerMeters meters, Worker worker) {
            return () -> meters.bind(worker);
        }
    }
}
