package io.alldocs.micrometer;

import io.alldocs.cache.CacheKey;
import io.alldocs.cache.CacheListener;
import io.alldocs.cache.entry.EntrySource;
import io.alldocs.cache.entry.IntegrityException;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/**
 * Records the metrics of a cache. Safe for concurrent use.
 *
 * <table>
 * <caption>Meters</caption>
 * <tr><th>name</th><th>type</th><th>tags</th></tr>
 * <tr><td>{@code all.docs.cache.fetches}</td><td>counter</td><td>{@code kind} (partition, packument or abbreviated),
 * {@code result} (hit, stale, revalidated, fetched or failed)</td></tr>
 * <tr><td>{@code all.docs.cache.stored}</td><td>summary of bytes</td><td>{@code kind}</td></tr>
 * <tr><td>{@code all.docs.cache.damaged}</td><td>counter</td><td>{@code kind}</td></tr>
 * </table>
 */
public final class CacheMeters implements CacheListener {
    private final Map<CacheKey.Kind, OfKind> kinds = new EnumMap<>(CacheKey.Kind.class);

    /**
     * Registers the meters.
     *
     * @param registry where the meters are registered
     * @param tags added to each meter, such as one that names the cache
     */
    public CacheMeters(MeterRegistry registry, Iterable<Tag> tags) {
        for (CacheKey.Kind kind : CacheKey.Kind.values()) {
            kinds.put(kind, new OfKind(registry, Tags.of(tags).and("kind", kind.word())));
        }
    }

    @Override
    public void fetched(CacheKey key, EntrySource source, long sizeBytes) {
        of(key).result(source).increment();
    }

    @Override
    public void fetchFailed(CacheKey key, RuntimeException failure) {
        of(key).failed.increment();
    }

    @Override
    public void stored(CacheKey key, long sizeBytes) {
        of(key).stored.record((double) sizeBytes);
    }

    @Override
    public void damaged(CacheKey key, IntegrityException damage) {
        of(key).damaged.increment();
    }

    private OfKind of(CacheKey key) {
        return Objects.requireNonNull(kinds.get(key.kind()));
    }

    private static final class OfKind {
        private final Map<EntrySource, Counter> results = new EnumMap<>(EntrySource.class);
        private final Counter failed;
        private final DistributionSummary stored;
        private final Counter damaged;

        OfKind(MeterRegistry registry, Tags tags) {
            for (EntrySource source : EntrySource.values()) {
                results.put(source, fetches(registry, tags, source.name().toLowerCase(Locale.ROOT)));
            }
            this.failed = fetches(registry, tags, "failed");
            this.stored = DistributionSummary.builder("all.docs.cache.stored")
                    .description("Bodies of loaded values, as stored.")
                    .baseUnit("bytes")
                    .tags(tags)
                    .register(registry);
            this.damaged = Counter.builder("all.docs.cache.damaged")
                    .description("Stored values that differ from their digest or cannot be read.")
                    .tags(tags)
                    .register(registry);
        }

        Counter result(EntrySource source) {
            return Objects.requireNonNull(results.get(source));
        }

        private static Counter fetches(MeterRegistry registry, Tags tags, String result) {
            return Counter.builder("all.docs.cache.fetches")
                    .description("Calls of Cache.fetch by what answered them.")
                    .tags(tags.and("result", result))
                    .register(registry);
        }
    }
}
