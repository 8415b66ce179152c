package io.alldocs.worker.mirror;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.RemovalCause;
import io.alldocs.packument.PackumentForm;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A memory cache of responses, bounded in bytes. Each response was compared with the document cache recently. When the
 * valid period of a response is over, one thread compares it again. It is still served meanwhile, so a slow store
 * delays no client. A response that was not requested for ten such periods is served only after the comparison. Safe
 * for concurrent use; no method blocks.
 */
final class ResponseCache {
    /** Approximate size of a head, its strings and the map entry. */
    private static final int OVERHEAD_BYTES = 512;

    /** A response is served during a comparison for this many times its valid period. */
    private static final int GRACE = 9;

    /**
     * The attributes that a response depends on.
     *
     * @param insisting whether the document must be revalidated first, however fresh the cache is; no response in
     *     memory is then used
     * @param policy the policy's revision, empty without one
     */
    record Key(String name, PackumentForm form, boolean gzip, boolean insisting, String policy) {
        Key relaxed() {
            return insisting ? new Key(name, form, gzip, false, policy) : this;
        }
    }

    /**
     * A response and the document that it was built from.
     *
     * @param document found when the response was built, null for responses without a document
     * @param validFor how long the response needs no comparison
     * @param stamp of the policy's decisions about the document; null without a policy. When the stamp ends, the
     *     response is no longer served
     */
    record CachedResponse(
            Response reply, @Nullable Document document, Duration validFor, MirrorPolicy.@Nullable Stamp stamp) {

        CachedResponse {
            document = document == null ? null : document.withoutText();
        }

        CachedResponse(Response reply, @Nullable Document document, Duration validFor) {
            this(reply, document, validFor, null);
        }

        boolean hasEnded(Clock clock) {
            return stamp != null && stamp.hasEnded(clock);
        }
    }

    /**
     * Builds the response for a key, or confirms the existing one. Completes the future, and must not call this class.
     */
    @FunctionalInterface
    interface Maker {
        void make(Key key, @Nullable CachedResponse previous, CompletableFuture<CachedResponse> made);
    }

    private record Slot(CachedResponse cached, long until) {}

    private final Cache<Key, Slot> slots;
    private final ConcurrentHashMap<Key, CompletableFuture<CachedResponse>> making = new ConcurrentHashMap<>();
    private final long largestBytes;
    private final LongSupplier nanoTime;
    private final Clock clock;
    private final Maker maker;
    private final MirrorListener listener;

    ResponseCache(long bytes, LongSupplier nanoTime, Clock clock, Maker maker, MirrorListener listener) {
        this.largestBytes = largestBytes(bytes);
        this.nanoTime = nanoTime;
        this.clock = clock;
        this.maker = maker;
        this.listener = listener;
        this.slots = Caffeine.newBuilder()
                .maximumWeight(bytes)
                .weigher((Key key, Slot slot) -> weight(slot.cached()))
                .removalListener(ResponseCache::removed)
                .executor(Runnable::run)
                .build();
    }

    private static int weight(CachedResponse cached) {
        return OVERHEAD_BYTES + cached.reply().weight();
    }

    private static void removed(@Nullable Key key, @Nullable Slot slot, RemovalCause cause) {
        if (slot != null) {
            slot.cached().reply().release();
        }
    }

    /** Returns the largest response that a cache of {@code bytes} keeps. */
    static long largestBytes(long bytes) {
        return bytes / 8;
    }

    /** Returns the approximate size of the cached responses. */
    long weightedBytes() {
        return slots.policy().eviction().map(e -> e.weightedSize().orElse(0)).orElse(0L);
    }

    /** Returns the response, retained for the caller; null if it must be built or compared first. */
    @Nullable
    Response getIfFresh(Key key) {
        Slot slot = slots.getIfPresent(key);
        if (slot == null) {
            return null;
        }
        long late = nanoTime.getAsLong() - slot.until();
        if (late >= GRACE * slot.cached().validFor().toNanos() || slot.cached().hasEnded(clock)) {
            return null;
        }
        if (!slot.cached().reply().retain()) {
            return null; // it was evicted just now
        }
        listener.happened(MirrorEvent.MEMORY_HITS);
        if (late >= 0 && !making.containsKey(key)) {
            get(key, ResponseCache::release);
        }
        return slot.cached().reply();
    }

    private static void release(@Nullable Response reply, @Nullable Throwable error) {
        if (reply != null) {
            reply.release();
        }
    }

    /** Passes the response, retained for the receiver, or an error to {@code receiver}, from any thread. */
    void get(Key key, BiConsumer<@Nullable Response, @Nullable Throwable> receiver) {
        CompletableFuture<CachedResponse> mine = new CompletableFuture<>();
        CompletableFuture<CachedResponse> other = making.putIfAbsent(key, mine);
        CompletableFuture<CachedResponse> future = other == null ? mine : other;
        CompletableFuture<CachedResponse> unused = future.whenComplete((made, error) -> {
            if (error != null) {
                receiver.accept(null, error);
            } else if (made.reply().retain()) {
                receiver.accept(made.reply(), null);
            } else {
                get(key, receiver); // it was added and evicted before this lookup
            }
        });
        if (other == null) {
            listener.happened(MirrorEvent.MEMORY_MISSES);
            make(key, mine);
        }
    }

    private void make(Key key, CompletableFuture<CachedResponse> mine) {
        Slot slot = slots.getIfPresent(key.relaxed());
        CachedResponse previous = slot != null && slot.cached().reply().retain() ? slot.cached() : null;
        CompletableFuture<CachedResponse> made = new CompletableFuture<>();
        CompletableFuture<CachedResponse> unused = made.whenComplete((cached, error) -> {
            if (cached != null) {
                put(key.relaxed(), cached);
            }
            making.remove(key, mine);
            if (cached != null) {
                mine.complete(cached);
                cached.reply().release();
            } else {
                mine.completeExceptionally(error);
            }
            if (previous != null) {
                previous.reply().release();
            }
        });
        maker.make(key, previous, made);
    }

    /** Stores a response. Its maker retains it until all waiting receivers have it. */
    private void put(Key key, CachedResponse cached) {
        boolean fits = weight(cached) <= largestBytes && cached.reply().source() == null;
        if (fits && cached.reply().retain()) {
            slots.put(
                    key,
                    new Slot(cached, nanoTime.getAsLong() + cached.validFor().toNanos()));
        } else {
            slots.invalidate(key);
        }
    }

    /** Releases all responses. */
    void clear() {
        slots.invalidateAll();
    }
}
