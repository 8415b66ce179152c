package io.alldocs.packument;

import io.alldocs.cache.Cache;
import io.alldocs.cache.CacheEntry;
import io.alldocs.cache.CacheKey;
import io.alldocs.cache.CacheScan;
import io.alldocs.cache.IntegrityException;
import io.alldocs.cache.KeyOrder;
import java.net.URI;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The packuments of one registry in a cache, as lazy streams with bounded memory. A value that says which ones; nothing is read before a stream is,
 * and every stream reads anew. Nobody is asked for what is not there.
 *
 * <p>Streams are to be closed. A sequential one comes in the store's order, where that is one (sqlite, s3 …) in that of the names' UTF-8 bytes;
 * {@link Stream#parallel()} uses all processors and comes in no order. {@link #map} is the one to prefer: it frees each document when the function
 * returns, and what the function finds damaged is left out.
 *
 * <p>What is damaged is reported ({@link #onDamage}) and left out; it never ends a stream unless asked to ({@link #failOnDamage}). A store that
 * cannot be read ends it with a {@link io.alldocs.cache.StorageException}.
 *
 * <p>Immutable and safe for concurrent use; the streams are not.
 */
public final class PackumentFrame {
    private final CacheScan scan;
    private final UnaryOperator<String> keyOf;
    private final Predicate<? super CachedPackument> wanted;

    private PackumentFrame(CacheScan scan, UnaryOperator<String> keyOf, Predicate<? super CachedPackument> wanted) {
        this.scan = scan;
        this.keyOf = keyOf;
        this.wanted = wanted;
    }

    /**
     * The full packuments of a registry.
     *
     * @param registry its address, as it was given to the client that fetched them
     * @throws IllegalArgumentException when the address is no origin
     */
    public static PackumentFrame fromCache(Cache cache, URI registry) {
        return fromCache(cache, registry, PackumentForm.FULL);
    }

    /**
     * The packuments of a registry in one form.
     *
     * @throws IllegalArgumentException when the address is no origin
     */
    public static PackumentFrame fromCache(Cache cache, URI registry, PackumentForm form) {
        CacheScan scan = CacheScan.of(cache, CacheKey.prefix(form.kind(), registry))
                .where(key -> CacheKey.find(key).isPresent());
        return new PackumentFrame(scan, name -> form.key(registry, name).toString(), packument -> true);
    }

    /**
     * Only names of {@code [start, end)}, in the order of UTF-8 bytes. Takes the place of an earlier range or prefix.
     *
     * @param start first name, null for an open start
     * @param end name after the range, null for an open end
     * @throws IllegalArgumentException when a name is empty or not valid Unicode, or start is not below end
     */
    public PackumentFrame range(@Nullable String start, @Nullable String end) {
        if (start != null && end != null && KeyOrder.UTF8.compare(start, end) >= 0) {
            throw new IllegalArgumentException("The first name " + PackageName.quote(start)
                    + " must be below the name after the range, " + PackageName.quote(end) + '.');
        }
        return with(scan.range(start == null ? null : keyOf.apply(start), end == null ? null : keyOf.apply(end)));
    }

    /**
     * Only names that begin with {@code prefix}; all when it is empty. Takes the place of an earlier range or prefix.
     *
     * @throws IllegalArgumentException when it is not valid Unicode
     */
    public PackumentFrame prefix(String prefix) {
        if (prefix.isEmpty()) {
            return with(scan.range(null, null));
        }
        String key = keyOf.apply(prefix);
        return with(scan.range(key, key + 'g')); // behind all hexadecimal digits
    }

    /** Only packuments that {@code wanted} accepts as well. */
    public PackumentFrame filter(Predicate<? super CachedPackument> wanted) {
        Predicate<? super CachedPackument> before = this.wanted;
        return new PackumentFrame(scan, keyOf, packument -> before.test(packument) && wanted.test(packument));
    }

    /**
     * Told of each damaged entry by its name, by the thread that found it; what {@code damage} throws ends the stream. Default: a line of the log, at
     * WARNING.
     */
    public PackumentFrame onDamage(BiConsumer<? super String, ? super IntegrityException> damage) {
        return with(scan.onDamage((key, error) -> damage.accept(name(key), error)));
    }

    /** Ends a stream at the first damaged entry, with its {@link IntegrityException}. */
    public PackumentFrame failOnDamage() {
        return onDamage((name, error) -> {
            throw error;
        });
    }

    /**
     * Entries that are read at a time. Default: 16. More is faster with stores that answer many keys in one request.
     *
     * @throws IllegalArgumentException when below 1
     */
    public PackumentFrame batchSize(int batchSize) {
        return with(scan.batchSize(batchSize));
    }

    private PackumentFrame with(CacheScan scan) {
        return new PackumentFrame(scan, keyOf, wanted);
    }

    /** All names of the range; nothing else is read, and {@link #filter} is not asked. */
    public Stream<String> names() {
        return scan.keys().map(PackumentFrame::name);
    }

    /** All heads of the range, without reading documents; {@link #filter} is not asked. */
    public Stream<PackumentHead> heads() {
        return scan.heads((key, head) -> new PackumentHead(name(key), head));
    }

    /** The packuments, to be kept as long as you like; those in files are freed when nobody holds them any more. */
    public Stream<CachedPackument> stream() {
        return scan.hold(accepted(packument -> packument));
    }

    /**
     * What {@code mapper} makes of each packument; null is left out. The packument is good until it returns. An {@link IntegrityException} of the
     * mapper's, as the fields of a damaged document throw it, is reported and costs that packument alone.
     */
    public <R> Stream<R> map(Function<? super CachedPackument, ? extends @Nullable R> mapper) {
        return scan.map(accepted(mapper));
    }

    private <R> BiFunction<String, CacheEntry, @Nullable R> accepted(
            Function<? super CachedPackument, ? extends @Nullable R> mapper) {
        return (key, entry) -> {
            CachedPackument packument = new CachedPackument(name(key), entry);
            return wanted.test(packument) ? mapper.apply(packument) : null;
        };
    }

    /** Gives each packument to {@code action}, one after the other; otherwise as {@link #map}. */
    public void forEach(Consumer<? super CachedPackument> action) {
        reduce(true, (done, packument) -> {
            action.accept(packument);
            return done;
        });
    }

    /**
     * Carries a value through all packuments, one after the other; otherwise as {@link #map}. With several threads: {@code map(…).parallel().reduce(…)}.
     *
     * @param initial what the first call gets, and the result when there is no packument
     */
    public <A> A reduce(A initial, BiFunction<? super A, ? super CachedPackument, ? extends A> reducer) {
        var held = new Object() {
            A value = initial;
        };
        try (Stream<Boolean> all = map(packument -> {
            held.value = reducer.apply(held.value, packument);
            return true;
        })) {
            all.forEach(done -> {});
        }
        return held.value;
    }

    private static String name(String key) {
        return CacheKey.parse(key).packageName().orElseThrow();
    }
}
