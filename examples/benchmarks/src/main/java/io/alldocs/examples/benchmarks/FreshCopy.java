package io.alldocs.examples.benchmarks;

import io.alldocs.Env;
import io.alldocs.cache.Cache;
import io.alldocs.cache.CacheKey;
import io.alldocs.cache.entry.EntryMetadata;
import io.alldocs.cache.scan.CacheDiff;
import io.alldocs.examples.registry.EmbeddedRegistry;
import io.alldocs.storage.filesystem.FilesystemStorageDriver;
import io.alldocs.sync.RegistrySync;
import io.alldocs.sync.SyncForm;
import io.alldocs.sync.SyncJob;
import io.alldocs.sync.SyncReport;
import io.alldocs.sync.SyncResult;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Compares a cache with a new one filled by a single process, and checks the report of the cache's job.
 *
 * @param bootstrapped whether the single process was complete
 * @param differences packuments that differ between the two caches, as reported by {@code diff}, except differences by
 *     design
 * @param reported whether the job's report says that it is complete
 */
record FreshCopy(boolean bootstrapped, long differences, boolean reported) {
    private static final int CONCURRENCY = 16;

    boolean equal() {
        return bootstrapped && differences == 0 && reported;
    }

    /**
     * Fetches everything again and compares.
     *
     * @param environment the environment that selects the cache
     * @param folder folder for the new cache
     */
    static FreshCopy of(EmbeddedRegistry registry, Map<String, String> environment, Path folder) {
        SyncJob job = SyncJob.builder()
                .origin(registry.origin())
                .registry(registry.origin())
                .form(SyncForm.FULL)
                .build();
        Map<String, String> variables = new HashMap<>(environment);
        variables.put("NPM_CONFIG_USERCONFIG", folder.resolve("no-such-npmrc").toString());
        Env env = Env.of(variables);
        try (Cache cache = Cache.builder().env(env).build();
                Cache fresh = Cache.builder()
                        .driver(FilesystemStorageDriver.builder(folder).build())
                        .build();
                RegistrySync single =
                        RegistrySync.builder().job(job).env(env).cache(fresh).build();
                RegistrySync fleet =
                        RegistrySync.builder().job(job).env(env).cache(cache).build()) {
            SyncResult result = single.bootstrap();
            String packuments = CacheKey.prefix(CacheKey.Kind.PACKUMENT, registry.origin());
            AtomicLong differences = new AtomicLong();
            CacheDiff.run(
                    cache.driver(),
                    fresh.driver(),
                    key -> key.startsWith(packuments),
                    CONCURRENCY,
                    difference -> differences.addAndGet(isByDesign(difference, registry) ? 0 : 1),
                    () -> {});
            return new FreshCopy(
                    result.status() == SyncResult.Status.COMPLETE,
                    differences.get(),
                    fleet.report().status() == SyncReport.Status.COMPLETE);
        }
    }

    /**
     * Returns whether the older cache has the expected contents. For a name that was deleted meanwhile, it must have
     * the outcome not found. For a name that was unpublished or put on hold, it must have that outcome and revision, in
     * addition to the last document.
     */
    private static boolean isByDesign(CacheDiff.Difference difference, EmbeddedRegistry registry) {
        EntryMetadata ours = difference.first();
        EntryMetadata theirs = difference.second();
        if (ours == null) {
            return false;
        }
        if (theirs == null) {
            return "not_found".equals(ours.outcome())
                    && registry.state(CacheKey.parse(difference.key())
                                    .packageName()
                                    .orElseThrow())
                            .isEmpty();
        }
        return !"ok".equals(ours.outcome())
                && Objects.equals(ours.outcome(), theirs.outcome())
                && Objects.equals(ours.rev(), theirs.rev());
    }

    @Override
    public String toString() {
        return String.format(
                "%s bootstrap differs in %d packuments, report %s",
                bootstrapped ? "a fresh" : "a PARTIAL", differences, reported ? "complete" : "PARTIAL");
    }
}
