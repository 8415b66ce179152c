package io.alldocs.cli.operations;

import io.alldocs.cache.Cache;
import io.alldocs.cache.CacheKey;
import io.alldocs.cache.CacheMode;
import io.alldocs.cache.RequestOptions;
import io.alldocs.cache.scan.CacheScan;
import io.alldocs.cli.Errors;
import io.alldocs.cli.Progress;
import io.alldocs.http.BaseHttpClient;
import io.alldocs.http.NpmConfig;
import io.alldocs.packument.NameFilter;
import io.alldocs.packument.PackumentClient;
import io.alldocs.packument.PackumentForm;
import io.alldocs.partition.Partition;
import io.alldocs.partition.PartitionClient;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Stream;

/** Finds damaged entries in a cache and fetches them again from their origin. Not thread-safe. */
final class Refetch {
    private static final int MAX_FAILURES = 1_000;

    private final Cache cache;
    private final NpmConfig npmrc;
    private final Progress progress;
    private final List<String> failures = new ArrayList<>();
    private long damaged;
    private long fetched;

    Refetch(Cache cache, NpmConfig npmrc, Progress progress) {
        this.cache = cache;
        this.npmrc = npmrc;
        this.progress = progress;
    }

    void run() {
        Queue<String> found = find();
        damaged = found.size();
        progress.begin("damaged", damaged);
        try (BaseHttpClient http = BaseHttpClient.builder().npmConfig(npmrc).build()) {
            for (String key : found) {
                fetch(key, http);
                progress.advance(1);
            }
        }
        progress.end();
    }

    private Queue<String> find() {
        Queue<String> found = new ConcurrentLinkedQueue<>();
        progress.begin("entries", 0);
        try (Stream<Boolean> whole =
                CacheScan.of(cache, "").onDamage((key, error) -> found.add(key)).map((key, entry) -> true)) {
            whole.parallel().forEach(each -> progress.advance(1));
        }
        progress.end();
        return found;
    }

    private void fetch(String text, BaseHttpClient http) {
        try {
            CacheKey key = CacheKey.find(text)
                    .orElseThrow(() -> new IllegalArgumentException("it does not come from an origin"));
            URI origin = key.originAddress()
                    .orElseThrow(() -> new IllegalArgumentException("its key does not contain the origin's address"));
            if (key.kind() == CacheKey.Kind.PARTITION) {
                fetchPartition(key, origin, http);
            } else {
                fetchPackument(key, origin, http);
            }
            fetched++;
        } catch (RuntimeException e) {
            if (Thread.currentThread().isInterrupted()) {
                throw e;
            }
            if (failures.size() < MAX_FAILURES) {
                failures.add(text + ": " + Errors.message(e));
            }
        }
    }

    private void fetchPartition(CacheKey key, URI origin, BaseHttpClient http) {
        try (PartitionClient client =
                PartitionClient.builder().cache(cache).http(http).origin(origin).build()) {
            client.request(Partition.of(key), RequestOptions.of(CacheMode.RELOAD));
        }
    }

    private void fetchPackument(CacheKey key, URI registry, BaseHttpClient http) {
        Optional<String> name = key.packageName();
        try (PackumentClient client = PackumentClient.builder()
                .npmConfig(npmrc)
                .cache(cache)
                .http(http)
                .registry(registry)
                .form(key.kind() == CacheKey.Kind.PACKUMENT ? PackumentForm.FULL : PackumentForm.ABBREVIATED)
                .build()) {
            if (NameFilter.ALL.excludingScopes(client.scopesWithOwnRegistry()).isOfExcludedScope(name.orElseThrow())) {
                throw new IllegalArgumentException(
                        "its scope has another registry in the npm configuration, so " + registry + " is not used");
            }
            client.request(name.orElseThrow(), RequestOptions.of(CacheMode.RELOAD));
        }
    }

    long damaged() {
        return damaged;
    }

    long fetched() {
        return fetched;
    }

    long failed() {
        return damaged - fetched;
    }

    /** Returns the first thousand failures, each with its key and the reason. */
    List<String> failures() {
        return failures;
    }
}
