package io.alldocs.partition;

import io.alldocs.cache.Cache;
import io.alldocs.cache.CacheEntry;
import io.alldocs.cache.CacheKey;
import io.alldocs.cache.entry.EntryMetadata;
import io.alldocs.cache.entry.IntegrityException;
import io.alldocs.cache.scan.CacheScan;
import java.net.URI;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Reads the stored pages of one origin from a cache, as lazy streams with bounded memory. A frame describes which pages
 * to read. Nothing is read before a stream is consumed, and every stream reads the cache again.
 *
 * <p>A frame sends no requests for missing pages and does not check completeness; for both, use
 * {@link PartitionClient#rows} and {@link CompletenessReport}. If walks were split at different keys, their pages
 * overlap, and a name may be in more than one page.
 *
 * <p>The caller closes the streams. A sequential stream is in the store's order. A {@link Stream#parallel()} stream
 * uses all processors and has no order.
 *
 * <p>A damaged page is reported ({@link #onDamage}) and skipped; it ends a stream only after {@link #failOnDamage}. If
 * the store cannot be read, the stream fails with {@link io.alldocs.cache.spi.StorageException}.
 *
 * <p>Frames are immutable and safe for concurrent use; streams are not.
 */
public final class PartitionFrame {
    private final CacheScan scan;
    private final Partition range;

    private PartitionFrame(CacheScan scan, Partition range) {
        this.scan = scan;
        this.range = range;
    }

    /**
     * Returns a frame of all stored pages of an origin.
     *
     * @param origin URL of the origin, as it was passed to the client that walked it
     * @throws IllegalArgumentException if the URL is not a valid origin
     */
    public static PartitionFrame fromCache(Cache cache, URI origin) {
        CacheScan scan = CacheScan.of(cache, CacheKey.prefix(CacheKey.Kind.PARTITION, origin))
                .where(PartitionFrame::namesARange);
        return new PartitionFrame(scan, Partition.all());
    }

    /**
     * Limits the frame to pages that share a key with {@code range}, and {@link #rows} to the rows in it. Replaces an
     * earlier range.
     */
    public PartitionFrame range(Partition range) {
        return new PartitionFrame(scan, range);
    }

    /** Limits the frame further to pages that {@code wanted} accepts. */
    public PartitionFrame filter(Predicate<? super CachedPartition> wanted) {
        return new PartitionFrame(scan.filter((key, entry) -> wanted.test(page(key, entry))), range);
    }

    /**
     * Sets the callback for damaged pages, which is called on the thread that found the damage. An exception that
     * {@code damage} throws ends the stream. Default: logs a message at WARNING.
     */
    public PartitionFrame onDamage(BiConsumer<? super Partition, ? super IntegrityException> damage) {
        return new PartitionFrame(scan.onDamage((key, error) -> damage.accept(partition(key), error)), range);
    }

    /** Makes a stream fail at the first damaged page, with its {@link IntegrityException}. */
    public PartitionFrame failOnDamage() {
        return onDamage((partition, error) -> {
            throw error;
        });
    }

    /** Returns the ranges alone. Reads nothing else and ignores {@link #filter}. */
    public Stream<Partition> partitions() {
        return inRange().keys().map(PartitionFrame::partition);
    }

    /**
     * Returns the results of {@code mapper} for the metadata of each page, like {@link Stream#map}. Pages are not read,
     * and {@link #filter} is ignored.
     */
    public <R extends @Nullable Object> Stream<R> heads(
            BiFunction<? super Partition, ? super EntryMetadata, ? extends R> mapper) {
        return inRange().heads((key, head) -> mapper.apply(partition(key), head));
    }

    /** Returns the pages, which remain usable for any time. */
    public Stream<CachedPartition> stream() {
        return inRange().hold(PartitionFrame::page);
    }

    /**
     * Returns the results of {@code mapper} for each page, like {@link Stream#map}. The page is valid until the mapper
     * returns. If the mapper throws an {@link IntegrityException}, it is reported and only that page is skipped.
     */
    public <R extends @Nullable Object> Stream<R> map(Function<? super CachedPartition, ? extends R> mapper) {
        return inRange().map((key, entry) -> mapper.apply(page(key, entry)));
    }

    /** Returns the rows of the range, page by page. A damaged page has none. */
    public Stream<PartitionRow> rows() {
        return map(page -> page.rows().stream()
                        .filter(row -> range.contains(row.id()))
                        .toList())
                .flatMap(List::stream);
    }

    /** Calls {@code action} with each page, one after the other. Otherwise like {@link #map}. */
    public void forEach(Consumer<? super CachedPartition> action) {
        inRange().forEach((key, entry) -> action.accept(page(key, entry)));
    }

    /**
     * Reduces all pages to one value, one page after the other. Otherwise like {@link #map}. To use several threads,
     * call {@code map(…).parallel().reduce(…)}.
     *
     * @param initial value passed to the first call, and the result if there is no page
     */
    public <A> A reduce(A initial, BiFunction<? super A, ? super CachedPartition, ? extends A> reducer) {
        AtomicReference<A> value = new AtomicReference<>(initial);
        forEach(page -> value.setPlain(reducer.apply(value.getPlain(), page)));
        return value.getPlain();
    }

    private CacheScan inRange() {
        return range.equals(Partition.all())
                ? scan
                : scan.where(key -> partition(key).intersect(range).isPresent());
    }

    private static CachedPartition page(String key, CacheEntry entry) {
        return new CachedPartition(partition(key), entry);
    }

    /**
     * Returns whether the key identifies a non-empty range. Other programs may also store pages of ranges whose start
     * is not below their end; such pages contain no rows.
     */
    private static boolean namesARange(String key) {
        return CacheKey.find(key)
                .filter(range -> range.start().isEmpty()
                        || range.end().isEmpty()
                        || Keys.isBelow(range.start().get(), range.end().get()))
                .isPresent();
    }

    private static Partition partition(String key) {
        return Partition.of(CacheKey.parse(key));
    }
}
