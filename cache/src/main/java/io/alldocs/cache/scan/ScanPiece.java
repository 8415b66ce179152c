package io.alldocs.cache.scan;

import io.alldocs.cache.Cache;
import io.alldocs.cache.CacheEntry;
import io.alldocs.cache.entry.EntryMetadata;
import io.alldocs.cache.entry.IntegrityException;
import java.util.Deque;
import java.util.List;
import java.util.Spliterator;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.BiPredicate;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A part of a parallel scan. All parts take their keys from one listing, so a split transfers no keys. Halving a stream
 * of unknown length would buffer the keys of half the cache in waiting tasks.
 */
final class ScanPiece<R extends @Nullable Object> implements Spliterator<R> {
    /**
     * Maximum number of parts, which exceeds the number of threads of any pool that scans a cache. A part that finds no
     * more keys costs nothing.
     */
    private static final int MAX_PIECES = 64;

    /** Converts a few keys into results. */
    interface Reading<R extends @Nullable Object> {
        /** Appends the results, and closes everything that it does not append. */
        void read(List<String> keys, Deque<Result<R>> results);
    }

    /** A result that is computed when the consumer reaches it, and discarded if the consumer never does. */
    interface Result<R extends @Nullable Object> {
        /** Passes the result to {@code action}. Returns false if there is none, such as for a damaged entry. */
        boolean pass(Consumer<? super R> action);

        default void discard() {}
    }

    private final ScanListing listing;
    private final Reading<R> reading;
    private final AtomicInteger splitsLeft;
    private final Deque<Result<R>> results = new ConcurrentLinkedDeque<>();

    private ScanPiece(ScanListing listing, Reading<R> reading, AtomicInteger splitsLeft) {
        this.listing = listing;
        this.reading = reading;
        this.splitsLeft = splitsLeft;
        listing.onClose(this::discard);
    }

    static <R extends @Nullable Object> ScanPiece<R> of(ScanListing listing, Reading<R> reading) {
        return new ScanPiece<>(listing, reading, new AtomicInteger(MAX_PIECES - 1));
    }

    static Reading<String> keys() {
        return (keys, results) -> keys.forEach(key -> results.add(action -> {
            action.accept(key);
            return true;
        }));
    }

    static <R extends @Nullable Object> Reading<R> heads(
            Cache cache,
            BiFunction<? super String, ? super EntryMetadata, ? extends R> mapper,
            BiConsumer<? super String, ? super IntegrityException> damage) {
        return (keys, results) -> keys.forEach(key -> results.add(action -> {
            R result;
            try {
                EntryMetadata head = cache.head(key).orElse(null);
                if (head == null) {
                    return false;
                }
                result = mapper.apply(key, head);
            } catch (IntegrityException e) {
                damage.accept(key, e);
                return false;
            }
            action.accept(result);
            return true;
        }));
    }

    static <R extends @Nullable Object> Reading<R> entries(
            Cache cache,
            BiPredicate<? super String, ? super CacheEntry> wanted,
            BiFunction<? super String, ? super CacheEntry, ? extends R> mapper,
            BiConsumer<? super String, ? super IntegrityException> damage,
            boolean free) {
        return (keys, results) -> cache.readAll(
                keys, (key, entry) -> results.add(new Entry<>(key, entry, wanted, mapper, damage, free)), damage);
    }

    private record Entry<R extends @Nullable Object>(
            String key,
            CacheEntry entry,
            BiPredicate<? super String, ? super CacheEntry> wanted,
            BiFunction<? super String, ? super CacheEntry, ? extends R> mapper,
            BiConsumer<? super String, ? super IntegrityException> damage,
            boolean free)
            implements Result<R> {

        @Override
        public boolean pass(Consumer<? super R> action) {
            boolean isHeld = false;
            R result;
            try {
                if (!wanted.test(key, entry)) {
                    return false;
                }
                result = mapper.apply(key, entry);
                isHeld = !free;
            } catch (IntegrityException e) {
                damage.accept(key, e);
                return false;
            } finally {
                if (!isHeld) {
                    discard();
                }
            }
            action.accept(result);
            return true;
        }

        @Override
        public void discard() {
            entry.close();
        }
    }

    @Override
    public boolean tryAdvance(Consumer<? super R> action) {
        while (true) {
            Result<R> next = results.poll();
            if (next == null) {
                if (!readMore()) {
                    return false;
                }
                continue;
            }
            if (next.pass(action)) {
                return true;
            }
        }
    }

    private boolean readMore() {
        List<String> keys = listing.next();
        if (keys.isEmpty()) {
            return false;
        }
        reading.read(keys, results);
        return true;
    }

    @Override
    public @Nullable Spliterator<R> trySplit() {
        return splitsLeft.getAndUpdate(left -> Math.max(0, left - 1)) > 0
                ? new ScanPiece<>(listing, reading, splitsLeft)
                : null;
    }

    private void discard() {
        for (Result<R> left = results.poll(); left != null; left = results.poll()) {
            left.discard();
        }
    }

    @Override
    public long estimateSize() {
        return Long.MAX_VALUE;
    }

    @Override
    public int characteristics() {
        return 0;
    }
}
