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
 * Answers at hand, bounded in bytes. What lies here was compared with the cache a moment ago; when that moment is over it is compared again, by one
 * thread, and still given out meanwhile: so a slow store slows no one. What nobody asked for in ten such moments is given out only after the comparison.
 * Safe for concurrent use; nothing here blocks.
 */
final class Shelf {
    /** A head, its strings and the map's own structures, roughly. */
    private static final int OVERHEAD_BYTES = 512;

    /** For how many times as long as an answer is good it is given out while it is compared. */
    private static final int GRACE = 9;

    /**
     * What an answer depends on.
     *
     * @param insisting whether the registry is to be asked first, however fresh the cache is; then nothing that lies here will do
     * @param policy the policy's revision, empty without one
     */
    record Key(String name, PackumentForm form, boolean gzip, boolean insisting, String policy) {
        Key relaxed() {
            return insisting ? new Key(name, form, gzip, false, policy) : this;
        }
    }

    /**
     * An answer with what it was made of.
     *
     * @param document what was found when it was made, null for answers that no document stands behind
     * @param good how long it needs no comparison
     * @param stamp of what the policy decided about the document; null without one. When that ends, the answer is no longer given out
     */
    record Shelved(Reply reply, @Nullable Document document, Duration good, MirrorPolicy.@Nullable Stamp stamp) {

        Shelved(Reply reply, @Nullable Document document, Duration good) {
            this(reply, document, good, null);
        }

        boolean hasEnded(Clock clock) {
            return stamp != null && stamp.hasEnded(clock);
        }
    }

    /** Makes the answer for a key, or confirms the one that lay here; ends the future, and calls nothing of this class. */
    @FunctionalInterface
    interface Maker {
        void make(Key key, @Nullable Shelved previous, CompletableFuture<Shelved> made);
    }

    private record Slot(Shelved shelved, long until) {}

    private final Cache<Key, Slot> slots;
    private final ConcurrentHashMap<Key, CompletableFuture<Shelved>> making = new ConcurrentHashMap<>();
    private final long largestBytes;
    private final LongSupplier nanoTime;
    private final Clock clock;
    private final Maker maker;
    private final MirrorMetrics metrics;

    Shelf(long bytes, LongSupplier nanoTime, Clock clock, Maker maker, MirrorMetrics metrics) {
        this.largestBytes = bytes / 8;
        this.nanoTime = nanoTime;
        this.clock = clock;
        this.maker = maker;
        this.metrics = metrics;
        this.slots = Caffeine.newBuilder()
                .maximumWeight(bytes)
                .weigher((Key key, Slot slot) -> weight(slot.shelved()))
                .removalListener(Shelf::removed)
                .executor(Runnable::run)
                .build();
    }

    private static int weight(Shelved shelved) {
        return OVERHEAD_BYTES + shelved.reply().weight();
    }

    private static void removed(@Nullable Key key, @Nullable Slot slot, RemovalCause cause) {
        if (slot != null) {
            slot.shelved().reply().release();
        }
    }

    /** Largest body worth laying here. */
    long largestBytes() {
        return largestBytes;
    }

    /** Bytes that lie here, roughly. */
    long weightedBytes() {
        return slots.policy().eviction().map(e -> e.weightedSize().orElse(0)).orElse(0L);
    }

    /** The answer, retained for the caller; null where it must be made or compared first. */
    @Nullable
    Reply atHand(Key key) {
        Slot slot = slots.getIfPresent(key);
        if (slot == null) {
            return null;
        }
        long late = nanoTime.getAsLong() - slot.until();
        if (late >= GRACE * slot.shelved().good().toNanos() || slot.shelved().hasEnded(clock)) {
            return null;
        }
        if (!slot.shelved().reply().retain()) {
            return null; // it was taken off just now
        }
        metrics.hit();
        if (late >= 0 && !making.containsKey(key)) {
            get(key, Shelf::letGo);
        }
        return slot.shelved().reply();
    }

    private static void letGo(@Nullable Reply reply, @Nullable Throwable error) {
        if (reply != null) {
            reply.release();
        }
    }

    /** Gives the answer, retained for whoever takes it, to {@code taker}, or the error; from any thread. */
    void get(Key key, BiConsumer<@Nullable Reply, @Nullable Throwable> taker) {
        CompletableFuture<Shelved> mine = new CompletableFuture<>();
        CompletableFuture<Shelved> other = making.putIfAbsent(key, mine);
        CompletableFuture<Shelved> future = other == null ? mine : other;
        CompletableFuture<Shelved> unused = future.whenComplete((made, error) -> {
            if (error != null) {
                taker.accept(null, error);
            } else if (made.reply().retain()) {
                taker.accept(made.reply(), null);
            } else {
                get(key, taker); // it came and went before we looked
            }
        });
        if (other == null) {
            metrics.missed();
            make(key, mine);
        }
    }

    private void make(Key key, CompletableFuture<Shelved> mine) {
        Slot slot = slots.getIfPresent(key.relaxed());
        Shelved previous = slot != null && slot.shelved().reply().retain() ? slot.shelved() : null;
        CompletableFuture<Shelved> made = new CompletableFuture<>();
        CompletableFuture<Shelved> unused = made.whenComplete((shelved, error) -> {
            if (shelved != null) {
                lay(key.relaxed(), shelved);
            }
            making.remove(key, mine);
            if (shelved != null) {
                mine.complete(shelved);
                shelved.reply().release();
            } else {
                mine.completeExceptionally(error);
            }
            if (previous != null) {
                previous.reply().release();
            }
        });
        maker.make(key, previous, made);
    }

    /** Whoever made it holds it until all who wait have it. */
    private void lay(Key key, Shelved shelved) {
        boolean fits = weight(shelved) <= largestBytes && shelved.reply().source() == null;
        if (fits && shelved.reply().retain()) {
            slots.put(
                    key, new Slot(shelved, nanoTime.getAsLong() + shelved.good().toNanos()));
        } else {
            slots.invalidate(key);
        }
    }

    /** Lets go of everything. */
    void clear() {
        slots.invalidateAll();
    }
}
