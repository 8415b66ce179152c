package io.alldocs.spring;

import io.alldocs.Env;
import io.alldocs.cache.Cache;
import io.alldocs.http.HttpTransport;
import io.alldocs.http.NpmConfig;
import io.alldocs.packument.NameFilter;
import io.alldocs.partition.Partition;
import io.alldocs.sync.FollowOptions;
import io.alldocs.sync.RegistrySync;
import io.alldocs.sync.RegistrySyncBuilder;
import io.alldocs.sync.SyncJob;
import io.alldocs.sync.SyncListener;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;

/**
 * Creates a job and runs it while the application runs, if {@code all-docs.sync.enabled} is true. A bean of type
 * {@link SyncJob}, {@link FollowOptions} or {@link RegistrySync} replaces the one that the properties describe. Beans
 * of type {@link SyncListener} receive the events of the job.
 */
@AutoConfiguration(after = AllDocsAutoConfiguration.class)
@ConditionalOnBooleanProperty("all-docs.sync.enabled")
public final class SyncAutoConfiguration {

    /** Called by Spring. */
    SyncAutoConfiguration() {}

    @Bean
    @ConditionalOnMissingBean
    SyncJob allDocsSyncJob(AllDocsProperties properties, Env env, NpmConfig npm) {
        AllDocsProperties.Sync sync = properties.sync();
        return SyncJob.builder()
                .origin(Variables.origin(env))
                .registry(npm.registry().orElse(SyncJob.NPM_REGISTRY))
                .form(sync.form())
                .range(range(sync))
                .filter(Settings.checked("sync.allow and .deny", () -> NameFilter.of(sync.allow(), sync.deny())))
                .deletions(sync.deletions())
                .build();
    }

    private static Partition range(AllDocsProperties.Sync sync) {
        Partition range = bounds(sync);
        if (sync.prefix() == null) {
            return range;
        }
        return range.intersect(Partition.ofPrefix(sync.prefix()))
                .orElseThrow(() -> new IllegalArgumentException("No name that begins with all-docs.sync.prefix lies"
                        + " between all-docs.sync.start and all-docs.sync.end; remove one of these properties."));
    }

    private static Partition bounds(AllDocsProperties.Sync sync) {
        try {
            return Partition.of(sync.start(), sync.end());
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "all-docs.sync.start and all-docs.sync.end are not a range: " + e.getMessage(), e);
        }
    }

    @Bean
    @ConditionalOnMissingBean
    FollowOptions allDocsFollowOptions(AllDocsProperties properties) {
        AllDocsProperties.Sync sync = properties.sync();
        FollowOptions options = Settings.checked(
                "sync.interval and .max-interval",
                () -> FollowOptions.DEFAULT.interval(sync.interval(), sync.maxInterval()));
        return Settings.checked("sync.list-every", () -> options.listEvery(sync.listEvery()));
    }

    @Bean
    @ConditionalOnMissingBean
    RegistrySync allDocsSync(
            SyncJob job,
            AllDocsProperties properties,
            NpmConfig npm,
            Cache cache,
            Checkpoints checkpoints,
            HttpSettings http,
            HttpTransport transport,
            Threads threads,
            ObjectProvider<SyncListener> listeners) {
        RegistrySyncBuilder sync = RegistrySync.builder()
                .job(job)
                .npmConfig(npm)
                .cache(cache)
                .checkpoints(checkpoints.cache())
                .http(http.builder())
                .transport(transport)
                .listener(Listeners.of(SyncListener.class, listeners, SyncListener.NONE));
        http.rate().ifPresent(rate -> Settings.checked("http.rate", () -> sync.rate(rate)));
        threads.executor().ifPresent(sync::executor);
        if (properties.sync().concurrency() != null) {
            int concurrency = properties.sync().concurrency();
            Settings.checked("sync.concurrency", () -> sync.concurrency(concurrency));
        }
        return sync.build();
    }

    @Bean
    @ConditionalOnMissingBean
    SyncLifecycle allDocsSyncLifecycle(RegistrySync sync, FollowOptions options) {
        return new SyncLifecycle(sync, options, SyncLifecycle.RETRY);
    }
}
