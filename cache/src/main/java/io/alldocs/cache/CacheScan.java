package io.alldocs.cache;

import java.util.Objects;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.Predicate;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/**
 * What a cache holds, in bulk: lazy streams over the entries under a prefix, with bounded memory. A value that says what is wanted: each method gives
 * another one, or a stream that begins anew. Immutable and safe for concurrent use; the streams are not. Close them.
 *
 * <p><b>Order.</b> A sequential stream comes in the driver's order ({@link io.alldocs.cache.spi.StorageCapabilities#orderedListing()}). A
 * {@linkplain Stream#parallel() parallel} one comes in none: its pieces take the next few keys from one listing whenever they are done with the
 * last, so that all threads stay busy to the end and no more keys are held than are worked on.
 *
 * <p><b>Entries.</b> All others than those written or deleted meanwhile appear exactly once. {@link #batchSize} of them are read at a time and by each
 * thread; bodies up to 1 MiB are on the heap, larger ones in files. The memory tier is left alone.
 *
 * <p><b>Damage.</b> What is damaged is reported and left out, and the stream goes on; see {@link #onDamage}. A store that cannot be read ends it with
 * a {@link StorageException}, an interrupt of a thread that reads with an {@link OperationInterruptedException}.
 */
public final class CacheScan {
    private static final System.Logger LOG = System.getLogger(CacheScan.class.getName());
    private static final int DEFAULT_BATCH = 16;

    private final Cache cache;
    private final String prefix;
    private final @Nullable String from;
    private final @Nullable String to;
    private final Predicate<? super String> wanted;
    private final BiConsumer<? super String, ? super IntegrityException> damage;
    private final int batchSize;

    private CacheScan(
            Cache cache,
            String prefix,
            @Nullable String from,
            @Nullable String to,
            Predicate<? super String> wanted,
            BiConsumer<? super String, ? super IntegrityException> damage,
            int batchSize) {
        this.cache = cache;
        this.prefix = prefix;
        this.from = from;
        this.to = to;
        this.wanted = wanted;
        this.damage = damage;
        this.batchSize = batchSize;
    }

    /**
     * Everything under a prefix.
     *
     * @param prefix as {@link CacheKey#prefix} gives it, or another; may be empty
     */
    public static CacheScan of(Cache cache, String prefix) {
        return new CacheScan(
                Objects.requireNonNull(cache, "cache"),
                Objects.requireNonNull(prefix, "prefix"),
                null,
                null,
                key -> true,
                (key, error) -> LOG.log(System.Logger.Level.WARNING, "Left out: {0}", error.getMessage()),
                DEFAULT_BATCH);
    }

    /**
     * Only keys of {@code [from, to)}, in {@link KeyOrder#UTF8}. Stores that list in order are read from there and no further.
     *
     * @param from first key, null for an open start
     * @param to key after the range, null for an open end
     */
    public CacheScan range(@Nullable String from, @Nullable String to) {
        return new CacheScan(cache, prefix, from, to, wanted, damage, batchSize);
    }

    /** Only keys that {@code wanted} accepts as well; what it leaves out is not read. */
    public CacheScan where(Predicate<? super String> wanted) {
        Predicate<? super String> before = this.wanted;
        return new CacheScan(cache, prefix, from, to, key -> before.test(key) && wanted.test(key), damage, batchSize);
    }

    /**
     * Told of each damaged entry, by the thread that found it; what {@code damage} throws ends the stream. Default: a line of the log, at WARNING.
     */
    public CacheScan onDamage(BiConsumer<? super String, ? super IntegrityException> damage) {
        return new CacheScan(cache, prefix, from, to, wanted, Objects.requireNonNull(damage, "damage"), batchSize);
    }

    /**
     * Entries that are read at a time. Default: {@value #DEFAULT_BATCH}. More is faster with stores that answer many keys in one request.
     *
     * @throws IllegalArgumentException when below 1
     */
    public CacheScan batchSize(int batchSize) {
        if (batchSize < 1) {
            throw new IllegalArgumentException("A batch has at least one entry: " + batchSize);
        }
        return new CacheScan(cache, prefix, from, to, wanted, damage, batchSize);
    }

    /** The keys alone; nothing else is read. */
    public Stream<String> keys() {
        return stream(ScanPiece.keys());
    }

    /** What {@code mapper} makes of each head, without reading bodies (but in the JSON form, where both are one value); null is left out. */
    public <R> Stream<R> heads(BiFunction<? super String, ? super EntryHead, ? extends @Nullable R> mapper) {
        return stream(ScanPiece.heads(cache, mapper, damage));
    }

    /**
     * What {@code mapper} makes of each entry; null is left out. Its body is freed when the mapper returns: take from it what you need. An
     * {@link IntegrityException} of the mapper's is damage of the entry.
     */
    public <R> Stream<R> map(BiFunction<? super String, ? super CacheEntry, ? extends @Nullable R> mapper) {
        return stream(ScanPiece.entries(cache, mapper, damage, /* free= */ true));
    }

    /** As {@link #map}, but the entries may be kept: a body that lies in a file is freed when nobody holds it any more. */
    public <R> Stream<R> hold(BiFunction<? super String, ? super CacheEntry, ? extends @Nullable R> mapper) {
        return stream(ScanPiece.entries(cache, mapper, damage, /* free= */ false));
    }

    private <R> Stream<R> stream(ScanPiece.Reading<R> reading) {
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

    /** All keys between two have the beginning that both have. */
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

    /** A text right before {@code key}, after which a store is asked to list: of other keys hardly any lie in between. */
    private static @Nullable String before(String key) {
        char last = key.isEmpty() ? 0 : key.charAt(key.length() - 1);
        boolean plain = last > ' ' && last < 0x7f;
        return plain ? key.substring(0, key.length() - 1) + (char) (last - 1) + '~' : null;
    }
}
