package io.alldocs.partition;

import io.alldocs.cache.Cache;
import io.alldocs.cache.CacheEntry;
import io.alldocs.cache.CacheKey;
import io.alldocs.cache.CacheScan;
import io.alldocs.cache.EntryHead;
import io.alldocs.cache.IntegrityException;
import java.net.URI;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The stored pages of one origin in a cache, as lazy streams with bounded memory. A value that says which ones; nothing is read before a stream is,
 * and every stream reads anew. Nobody is asked for what is not there, and nothing is said about completeness: for that there are
 * {@link PartitionClient#rows} and {@link CompletenessReport}. Pages of walks that were cut at other places lie across each other, and then a name is in
 * more than one.
 *
 * <p>Streams are to be closed. A sequential one comes in the store's order; {@link Stream#parallel()} uses all processors and comes in none.
 *
 * <p>What is damaged is reported ({@link #onDamage}) and left out; it never ends a stream unless asked to ({@link #failOnDamage}). A store that
 * cannot be read ends it with a {@link io.alldocs.cache.StorageException}.
 *
 * <p>Immutable and safe for concurrent use; the streams are not.
 */
public final class PartitionFrame {
    private final CacheScan scan;
    private final Partition range;
    private final Predicate<? super CachedPartition> wanted;

    private PartitionFrame(CacheScan scan, Partition range, Predicate<? super CachedPartition> wanted) {
        this.scan = scan;
        this.range = range;
        this.wanted = wanted;
    }

    /**
     * All stored pages of an origin.
     *
     * @param origin its address, as it was given to the client that walked it
     * @throws IllegalArgumentException when the address is no origin
     */
    public static PartitionFrame fromCache(Cache cache, URI origin) {
        CacheScan scan = CacheScan.of(cache, CacheKey.prefix(CacheKey.Kind.PARTITION, origin))
                .where(PartitionFrame::namesARange);
        return new PartitionFrame(scan, Partition.all(), page -> true);
    }

    /** Only pages that share a key with {@code range}, and of {@link #rows} those in it. Takes the place of an earlier range. */
    public PartitionFrame range(Partition range) {
        return new PartitionFrame(scan, range, wanted);
    }

    /** Only pages that {@code wanted} accepts as well. */
    public PartitionFrame filter(Predicate<? super CachedPartition> wanted) {
        Predicate<? super CachedPartition> before = this.wanted;
        return new PartitionFrame(scan, range, page -> before.test(page) && wanted.test(page));
    }

    /**
     * Told of each damaged page, by the thread that found it; what {@code damage} throws ends the stream. Default: a line of the log, at WARNING.
     */
    public PartitionFrame onDamage(BiConsumer<? super Partition, ? super IntegrityException> damage) {
        return new PartitionFrame(scan.onDamage((key, error) -> damage.accept(partition(key), error)), range, wanted);
    }

    /** Ends a stream at the first damaged page, with its {@link IntegrityException}. */
    public PartitionFrame failOnDamage() {
        return onDamage((partition, error) -> {
            throw error;
        });
    }

    /** The ranges alone; nothing else is read, and {@link #filter} is not asked. */
    public Stream<Partition> partitions() {
        return inRange().keys().map(PartitionFrame::partition);
    }

    /** What {@code mapper} makes of each head, without reading pages; null is left out, and {@link #filter} is not asked. */
    public <R> Stream<R> heads(BiFunction<? super Partition, ? super EntryHead, ? extends @Nullable R> mapper) {
        return inRange().heads((key, head) -> mapper.apply(partition(key), head));
    }

    /** The pages, to be kept as long as you like. */
    public Stream<CachedPartition> stream() {
        return inRange().hold(accepted(page -> page));
    }

    /**
     * What {@code mapper} makes of each page; null is left out. The page is good until it returns. An {@link IntegrityException} of the mapper's is
     * reported and costs that page alone.
     */
    public <R> Stream<R> map(Function<? super CachedPartition, ? extends @Nullable R> mapper) {
        return inRange().map(accepted(mapper));
    }

    /** The rows of the range, page by page; of a damaged page none. */
    public Stream<PartitionRow> rows() {
        return map(page -> page.rows().stream()
                        .filter(row -> range.contains(row.id()))
                        .toList())
                .flatMap(List::stream);
    }

    /** Gives each page to {@code action}, one after the other; otherwise as {@link #map}. */
    public void forEach(Consumer<? super CachedPartition> action) {
        reduce(true, (done, page) -> {
            action.accept(page);
            return done;
        });
    }

    /**
     * Carries a value through all pages, one after the other; otherwise as {@link #map}. With several threads: {@code map(…).parallel().reduce(…)}.
     *
     * @param initial what the first call gets, and the result when there is no page
     */
    public <A> A reduce(A initial, BiFunction<? super A, ? super CachedPartition, ? extends A> reducer) {
        var held = new Object() {
            A value = initial;
        };
        try (Stream<Boolean> all = map(page -> {
            held.value = reducer.apply(held.value, page);
            return true;
        })) {
            all.forEach(done -> {});
        }
        return held.value;
    }

    private CacheScan inRange() {
        return range.equals(Partition.all())
                ? scan
                : scan.where(key -> partition(key).intersect(range).isPresent());
    }

    private <R> BiFunction<String, CacheEntry, @Nullable R> accepted(
            Function<? super CachedPartition, ? extends @Nullable R> mapper) {
        return (key, entry) -> {
            CachedPartition page = new CachedPartition(partition(key), entry);
            return wanted.test(page) ? mapper.apply(page) : null;
        };
    }

    /** Other writers store pages of ranges whose start is not below their end, too; those hold no rows. */
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
