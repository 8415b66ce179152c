package io.alldocs.worker;

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
 * The leases of a worker that nobody has finished yet, and whether they are still its own. A lease is renewed by one
 * thread; all else is safe for concurrent use.
 */
final class HeldLeases {
    private final WorkQueue queue;

    /** By token. */
    private final Map<String, Held> open = new ConcurrentHashMap<>();

    /** When leases were renewed last, or none were held; before the queue was asked, for its answer may come late. */
    private volatile long renewedNanos = System.nanoTime();

    private static final class Held {
        final Lease lease;

        /** When it was the worker's for the last time; null while it is. */
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

    /** Forgets a lease that is finished. @return whether it was held */
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
     * Renews all.
     *
     * @return those that are lost since the last call: another worker does their items
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

    /** Whether another worker has the item by now, or will get it. */
    boolean isLost(Lease lease) {
        Held held = open.get(lease.token());
        return held != null && held.lostSinceNanos != null;
    }

    /**
     * Since when another worker may have done the same item: its lease is lost, or it was not renewed in time because
     * the process was stopped or the queue out of reach.
     *
     * @return a value of {@link System#nanoTime}; empty while the lease is the worker's
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
