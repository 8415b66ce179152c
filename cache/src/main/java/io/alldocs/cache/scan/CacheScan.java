package io.alldocs.cache.scan;

import io.alldocs.OperationInterruptedException;
import io.alldocs.cache.Cache;
import io.alldocs.cache.CacheEntry;
import io.alldocs.cache.CacheKey;
import io.alldocs.cache.entry.EntryMetadata;
import io.alldocs.cache.entry.IntegrityException;
import io.alldocs.cache.spi.KeyOrder;
import io.alldocs.cache.spi.StorageException;
import java.util.Objects;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.BiPredicate;
import java.util.function.Predicate;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/**
 * Reads the entries under a prefix in bulk, as lazy streams with bounded memory. A scan describes which entries to
 * read; each of its methods returns another scan or a new stream. Scans are immutable and safe for concurrent use.
 * Streams are not; the caller closes them.
 *
 * <p><b>Order.</b> A sequential stream is in the driver's order
 * ({@link io.alldocs.cache.spi.StorageCapabilities#orderedListing()}). A {@linkplain Stream#parallel() parallel} stream
 * has no order. Each thread takes a few keys from one shared listing, processes them, and takes the next few. All
 * threads therefore work until the end, and only the keys being processed are in memory.
 *
 * <p><b>Entries.</b> Every entry appears exactly once, except those written or deleted during the scan. Each thread
 * reads {@link #batchSize} entries at a time. Bodies of up to 1 MiB are on the heap, larger ones in files. The memory
 * tier is not used.
 *
 * <p><b>Damage.</b> A damaged entry is reported and skipped, and the stream continues; see {@link #onDamage}. If the
 * store cannot be read, the stream fails with {@link StorageException}. If a reading thread is interrupted, it fails
 * with {@link OperationInterruptedException}.
 */
public final class CacheScan {
    private static final System.Logger LOG = System.getLogger(CacheScan.class.getName());
    private static final int DEFAULT_BATCH = 16;

    private final Cache cache;
    private final String prefix;
    private final @Nullable String from;
    private final @Nullable String to;
    private final Predicate<? super String> wanted;
    private final BiPredicate<? super String, ? super CacheEntry> wantedEntry;
    private final BiConsumer<? super String, ? super IntegrityException> damage;
    private final int batchSize;

    private CacheScan(
            Cache cache,
            String prefix,
            @Nullable String from,
            @Nullable String to,
            Predicate<? super String> wanted,
            BiPredicate<? super String, ? super CacheEntry> wantedEntry,
            BiConsumer<? super String, ? super IntegrityException> damage,
            int batchSize) {
        this.cache = cache;
        this.prefix = prefix;
        this.from = from;
        this.to = to;
        this.wanted = wanted;
        this.wantedEntry = wantedEntry;
        this.damage = damage;
        this.batchSize = batchSize;
    }

    /**
     * Returns a scan of all entries under a prefix.
     *
     * @param prefix such as the result of {@link CacheKey#prefix}; may be empty
     */
    public static CacheScan of(Cache cache, String prefix) {
        return new CacheScan(
                Objects.requireNonNull(cache, "cache"),
                Objects.requireNonNull(prefix, "prefix"),
                null,
                null,
                key -> true,
                (key, entry) -> true,
                (key, error) ->
                        LOG.log(System.Logger.Level.WARNING, "Skipped a damaged entry. {0}", error.getMessage()),
                DEFAULT_BATCH);
    }

    /**
     * Limits the scan to the keys of {@code [from, to)}, in {@link KeyOrder#UTF8}. In a store with ordered listing,
     * only this range is listed.
     *
     * @param from first key, null for an open start
     * @param to first key after the range, null for an open end
     */
    public CacheScan range(@Nullable String from, @Nullable String to) {
        return new CacheScan(cache, prefix, from, to, wanted, wantedEntry, damage, batchSize);
    }

    /** Limits the scan further to the keys that {@code wanted} accepts. Other entries are not read. */
    public CacheScan where(Predicate<? super String> wanted) {
        Predicate<? super String> before = this.wanted;
        return new CacheScan(
                cache, prefix, from, to, key -> before.test(key) && wanted.test(key), wantedEntry, damage, batchSize);
    }

    /**
     * Limits {@link #map}, {@link #hold} and {@link #forEach} further to the entries that {@code wanted} accepts. If it
     * throws an {@link IntegrityException}, the entry is treated as damaged.
     */
    public CacheScan filter(BiPredicate<? super String, ? super CacheEntry> wanted) {
        BiPredicate<? super String, ? super CacheEntry> before = this.wantedEntry;
        BiPredicate<String, CacheEntry> both = (key, entry) -> before.test(key, entry) && wanted.test(key, entry);
        return new CacheScan(cache, prefix, from, to, this.wanted, both, damage, batchSize);
    }

    /**
     * Sets the callback for damaged entries, which is called on the thread that found the damage. An exception that
     * {@code damage} throws ends the stream. Default: logs a message at WARNING.
     */
    public CacheScan onDamage(BiConsumer<? super String, ? super IntegrityException> damage) {
        return new CacheScan(
                cache, prefix, from, to, wanted, wantedEntry, Objects.requireNonNull(damage, "damage"), batchSize);
    }

    /**
     * Sets how many entries are read at a time. Default: {@value #DEFAULT_BATCH}. A larger value is faster with stores
     * that return many values per request.
     *
     * @throws IllegalArgumentException if below 1
     */
    public CacheScan batchSize(int batchSize) {
        if (batchSize < 1) {
            throw new IllegalArgumentException("The batch size must be at least 1, but is " + batchSize + ".");
        }
        return new CacheScan(cache, prefix, from, to, wanted, wantedEntry, damage, batchSize);
    }

    /** Returns the keys; reads nothing else. */
    public Stream<String> keys() {
        return stream(ScanPiece.keys());
    }

    /**
     * Returns the results of {@code mapper} for the metadata of each entry, like {@link Stream#map}. Bodies are not
     * read, except in the JSON form, which stores metadata and body as one value. {@link #filter} is ignored.
     */
    public <R extends @Nullable Object> Stream<R> heads(
            BiFunction<? super String, ? super EntryMetadata, ? extends R> mapper) {
        return stream(ScanPiece.heads(cache, mapper, damage));
    }

    /**
     * Returns the results of {@code mapper} for each entry, like {@link Stream#map}. The body is freed when the mapper
     * returns, so the mapper must copy what it needs. If the mapper throws an {@link IntegrityException}, the entry is
     * treated as damaged.
     */
    public <R extends @Nullable Object> Stream<R> map(
            BiFunction<? super String, ? super CacheEntry, ? extends R> mapper) {
        return stream(ScanPiece.entries(cache, wantedEntry, mapper, damage, /* free= */ true));
    }

    /**
     * Returns results like {@link #map}, but the entries remain usable after the mapper returns. A body in a file is
     * freed when it is no longer reachable.
     */
    public <R extends @Nullable Object> Stream<R> hold(
            BiFunction<? super String, ? super CacheEntry, ? extends R> mapper) {
        return stream(ScanPiece.entries(cache, wantedEntry, mapper, damage, /* free= */ false));
    }

    /** Calls {@code action} with each entry, one after the other. Otherwise like {@link #map}. */
    public void forEach(BiConsumer<? super String, ? super CacheEntry> action) {
        try (Stream<Boolean> all = map((key, entry) -> {
            action.accept(key, entry);
            return true;
        })) {
            all.forEach(done -> {});
        }
    }

    private <R extends @Nullable Object> Stream<R> stream(ScanPiece.Reading<R> reading) {
        ScanListing listing = new ScanListing(this::list, batchSize);
        ScanPiece<R> whole = ScanPiece.of(listing, reading);
        return StreamSupport.stream(whole, false).onClose(listing::close);
    }

    private Stream<String> list() {
        Stream<String> keys = cache.keys(narrowed(), from == null ? null : before(from));
        if (from != null) {
            keys = keys.filter(key -> KeyOrder.UTF8.compare(key, from) >= 0);
        }
        if (to != null) {
            Predicate<String> within = key -> KeyOrder.UTF8.compare(key, to) < 0;
            keys = cache.driver().capabilities().orderedListing() ? keys.takeWhile(within) : keys.filter(within);
        }
        return keys.filter(wanted);
    }

    /** Narrows the prefix to the common prefix of both ends, which all keys between them share. */
    private String narrowed() {
        if (from == null || to == null) {
            return prefix;
        }
        int shared = 0;
        while (shared < Math.min(from.length(), to.length()) && from.charAt(shared) == to.charAt(shared)) {
            shared++;
        }
        boolean splitsPair = shared > 0 && Character.isHighSurrogate(from.charAt(shared - 1));
        String beginning = from.substring(0, splitsPair ? shared - 1 : shared);
        return beginning.startsWith(prefix) ? beginning : prefix;
    }

    /**
     * Returns a string slightly below {@code key}, for use as the position after which the store lists its keys. Hardly
     * any other keys lie in between.
     */
    private static @Nullable String before(String key) {
        char last = key.isEmpty() ? 0 : key.charAt(key.length() - 1);
        boolean plain = last > ' ' && last < 0x7f;
        return plain ? key.substring(0, key.length() - 1) + (char) (last - 1) + '~' : null;
    }
}
