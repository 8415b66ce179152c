package io.alldocs.packument;

import io.alldocs.cache.Cache;
import io.alldocs.cache.CacheEntry;
import io.alldocs.cache.CacheKey;
import io.alldocs.cache.entry.IntegrityException;
import io.alldocs.cache.scan.CacheScan;
import io.alldocs.cache.spi.KeyOrder;
import java.net.URI;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Reads the packuments of one registry from a cache, as lazy streams with bounded memory. A frame describes which
 * packuments to read. Nothing is read before a stream is consumed, and every stream reads the cache again. No requests
 * are sent for missing packuments.
 *
 * <p>The caller closes the streams. A sequential stream is in the store's order. If the store has ordered listing
 * (sqlite, s3 …), that is the order of the names' UTF-8 bytes. A {@link Stream#parallel()} stream uses all processors
 * and has no order. Prefer {@link #map}: it frees each document when the function returns, and skips documents that the
 * function finds damaged.
 *
 * <p>A damaged entry is reported ({@link #onDamage}) and skipped; it ends a stream only after {@link #failOnDamage}. If
 * the store cannot be read, the stream fails with {@link io.alldocs.cache.spi.StorageException}.
 *
 * <p>Frames are immutable and safe for concurrent use; streams are not.
 */
public final class PackumentFrame {
    private final CacheScan scan;
    private final UnaryOperator<String> keyOf;

    private PackumentFrame(CacheScan scan, UnaryOperator<String> keyOf) {
        this.scan = scan;
        this.keyOf = keyOf;
    }

    /**
     * Returns a frame of the full packuments of a registry.
     *
     * @param registry URL of the registry, as it was passed to the client that fetched them
     * @throws IllegalArgumentException if the URL is not a valid origin
     */
    public static PackumentFrame fromCache(Cache cache, URI registry) {
        return fromCache(cache, registry, PackumentForm.FULL);
    }

    /**
     * Returns a frame of the packuments of a registry in one form.
     *
     * @throws IllegalArgumentException if the URL is not a valid origin
     */
    public static PackumentFrame fromCache(Cache cache, URI registry, PackumentForm form) {
        CacheScan scan = CacheScan.of(cache, CacheKey.prefix(form.kind(), registry))
                .where(key -> CacheKey.find(key).isPresent());
        return new PackumentFrame(scan, name -> form.key(registry, name).toString());
    }

    /**
     * Limits the frame to the names of {@code [start, end)}, in the order of UTF-8 bytes. Replaces an earlier range or
     * prefix.
     *
     * @param start first name, null for an open start
     * @param end first name after the range, null for an open end
     * @throws IllegalArgumentException if a name is empty or not valid Unicode, or start is not below end
     */
    public PackumentFrame range(@Nullable String start, @Nullable String end) {
        if (start != null && end != null && KeyOrder.UTF8.compare(start, end) >= 0) {
            throw new IllegalArgumentException("The first name " + PackageName.quote(start)
                    + " must be below the name after the range, " + PackageName.quote(end) + '.');
        }
        return with(scan.range(start == null ? null : keyOf.apply(start), end == null ? null : keyOf.apply(end)));
    }

    /**
     * Limits the frame to names that begin with {@code prefix}; the empty prefix selects all names. Replaces an earlier
     * range or prefix.
     *
     * @throws IllegalArgumentException if the prefix is not valid Unicode
     */
    public PackumentFrame prefix(String prefix) {
        if (prefix.isEmpty()) {
            return with(scan.range(null, null));
        }
        String key = keyOf.apply(prefix);
        return with(scan.range(key, key + 'g')); // sorts after all hexadecimal digits
    }

    /** Limits the frame further to packuments that {@code wanted} accepts. */
    public PackumentFrame filter(Predicate<? super CachedPackument> wanted) {
        return with(scan.filter((key, entry) -> wanted.test(packument(key, entry))));
    }

    /**
     * Sets the callback for damaged entries, which receives the name and is called on the thread that found the damage.
     * An exception that {@code damage} throws ends the stream. Default: logs a message at WARNING.
     */
    public PackumentFrame onDamage(BiConsumer<? super String, ? super IntegrityException> damage) {
        return with(scan.onDamage((key, error) -> damage.accept(name(key), error)));
    }

    /** Makes a stream fail at the first damaged entry, with its {@link IntegrityException}. */
    public PackumentFrame failOnDamage() {
        return onDamage((name, error) -> {
            throw error;
        });
    }

    /**
     * Sets how many entries are read at a time. Default: 16. A larger value is faster with stores that return many
     * values per request.
     *
     * @throws IllegalArgumentException if below 1
     */
    public PackumentFrame batchSize(int batchSize) {
        return with(scan.batchSize(batchSize));
    }

    private PackumentFrame with(CacheScan scan) {
        return new PackumentFrame(scan, keyOf);
    }

    /** Returns all names of the range. Reads nothing else and ignores {@link #filter}. */
    public Stream<String> names() {
        return scan.keys().map(PackumentFrame::name);
    }

    /** Returns the metadata of all packuments of the range. Documents are not read, and {@link #filter} is ignored. */
    public Stream<PackumentHead> heads() {
        return scan.heads((key, head) -> new PackumentHead(name(key), head));
    }

    /**
     * Returns the packuments, which remain usable for any time. A document in a file is freed when its packument is
     * closed or no longer reachable.
     */
    public Stream<CachedPackument> stream() {
        return scan.hold(PackumentFrame::packument);
    }

    /**
     * Returns the results of {@code mapper} for each packument, like {@link Stream#map}. The packument is valid until
     * the mapper returns. The mapper may throw an {@link IntegrityException} when it reads fields of a damaged
     * document. The exception is then reported, and only that packument is skipped.
     */
    public <R extends @Nullable Object> Stream<R> map(Function<? super CachedPackument, ? extends R> mapper) {
        return scan.map((key, entry) -> mapper.apply(packument(key, entry)));
    }

    /** Calls {@code action} with each packument, one after the other. Otherwise like {@link #map}. */
    public void forEach(Consumer<? super CachedPackument> action) {
        scan.forEach((key, entry) -> action.accept(packument(key, entry)));
    }

    /**
     * Reduces all packuments to one value, one packument after the other. Otherwise like {@link #map}. To use several
     * threads, call {@code map(…).parallel().reduce(…)}.
     *
     * @param initial value passed to the first call, and the result if there is no packument
     */
    public <A> A reduce(A initial, BiFunction<? super A, ? super CachedPackument, ? extends A> reducer) {
        AtomicReference<A> value = new AtomicReference<>(initial);
        forEach(packument -> value.setPlain(reducer.apply(value.getPlain(), packument)));
        return value.getPlain();
    }

    private static CachedPackument packument(String key, CacheEntry entry) {
        return new CachedPackument(name(key), entry);
    }

    private static String name(String key) {
        return CacheKey.parse(key).packageName().orElseThrow();
    }
}
