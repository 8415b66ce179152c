package io.alldocs.worker.internal.lease;

import io.alldocs.worker.spi.Lease;
import io.alldocs.worker.spi.WorkQueue;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The unfinished leases of a worker, and whether the worker still owns them. Only one thread renews leases; all other
 * methods are safe for concurrent use.
 */
final class HeldLeases {
    private final WorkQueue queue;

    /** Leases by token. */
    private final Map<String, Held> open = new ConcurrentHashMap<>();

    /**
     * When leases were last renewed, or none were held. Taken before the queue is called, because its response may be
     * late.
     */
    private volatile long renewedNanos = System.nanoTime();

    private static final class Held {
        final Lease lease;

        /** When the worker last owned the lease; null while it owns it. */
        volatile @Nullable Long lostSinceNanos;

        Held(Lease lease) {
            this.lease = lease;
        }
    }

    HeldLeases(WorkQueue queue) {
        this.queue = queue;
    }

    void add(Collection<Lease> leases) {
        leases.forEach(lease -> open.put(lease.token(), new Held(lease)));
    }

    /** Removes a lease that is finished, and returns whether it was held. */
    boolean remove(Lease lease) {
        return open.remove(lease.token()) != null;
    }

    int size() {
        return open.size();
    }

    List<Lease> all() {
        return open.values().stream().map(held -> held.lease).toList();
    }

    /**
     * Renews all leases.
     *
     * @return leases lost since the last call; other workers process their items
     */
    List<Lease> renew() {
        long now = System.nanoTime();
        List<Lease> held = all();
        List<Lease> lost = new ArrayList<>();
        if (!held.isEmpty()) {
            for (Lease lease : queue.renew(held)) {
                Held mine = open.get(lease.token());
                if (mine != null && mine.lostSinceNanos == null) {
                    mine.lostSinceNanos = renewedNanos;
                    lost.add(lease);
                }
            }
        }
        renewedNanos = now;
        return lost;
    }

    /** Returns whether another worker has leased the item, or will. */
    boolean isLost(Lease lease) {
        Held held = open.get(lease.token());
        return held != null && held.lostSinceNanos != null;
    }

    /**
     * Returns since when another worker may have processed the same item. This is possible if the lease is lost, or was
     * not renewed in time because the process was suspended or the queue was unreachable.
     *
     * @return a value of {@link System#nanoTime}; empty while the worker owns the lease
     */
    OptionalLong unprotectedSince(Lease lease) {
        Held held = open.get(lease.token());
        if (held != null && held.lostSinceNanos != null) {
            return OptionalLong.of(Objects.requireNonNull(held.lostSinceNanos));
        }
        long renewed = renewedNanos;
        return System.nanoTime() - renewed > queue.options().lease().toNanos()
                ? OptionalLong.of(renewed)
                : OptionalLong.empty();
    }
}
