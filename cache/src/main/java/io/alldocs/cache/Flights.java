package io.alldocs.cache;

import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Lets concurrent callers for one key share one load. The first caller loads on its own thread; the others wait for it. When the loading thread is
 * interrupted, one of those who wait takes over; when one who waits is interrupted, nobody else notices. Safe for concurrent use.
 */
final class Flights {
    private final ConcurrentHashMap<String, Flight> flights = new ConcurrentHashMap<>();

    /**
     * @param whole a load that must not lean on what is stored; it does not join one that may
     * @throws OperationInterruptedException when interrupted while waiting
     */
    CacheEntry join(String key, boolean whole, Supplier<CacheEntry> load) {
        while (true) {
            Flight mine = new Flight(whole);
            Flight other = flights.putIfAbsent(key, mine);
            if (other == null) {
                return lead(key, mine, load);
            }
            Optional<CacheEntry> result = other.await(key);
            if (result.isPresent() && (other.whole || !whole)) {
                return result.get();
            }
        }
    }

    /** Loads unless somebody does already. */
    void leadIfFree(String key, Supplier<CacheEntry> load) {
        Flight mine = new Flight(false);
        if (flights.putIfAbsent(key, mine) == null) {
            lead(key, mine, load);
        }
    }

    private CacheEntry lead(String key, Flight flight, Supplier<CacheEntry> load) {
        CacheEntry result = null;
        Throwable failure = null;
        try {
            result = load.get();
            return result;
        } catch (RuntimeException | Error e) {
            failure = Thread.currentThread().isInterrupted() ? null : e;
            throw e;
        } finally {
            // Away first: whoever is woken and takes over must not find this flight again.
            flights.remove(key, flight);
            flight.end(result, failure);
        }
    }

    private static final class Flight {
        private final boolean whole;
        private final Thread leader = Thread.currentThread();
        private final CountDownLatch ended = new CountDownLatch(1);
        private @Nullable CacheEntry result;
        private @Nullable Throwable failure;

        Flight(boolean whole) {
            this.whole = whole;
        }

        void end(@Nullable CacheEntry result, @Nullable Throwable failure) {
            this.result = result;
            this.failure = failure;
            ended.countDown();
        }

        /** @return empty when the leader was interrupted */
        Optional<CacheEntry> await(String key) {
            if (leader == Thread.currentThread()) {
                throw new IllegalStateException("The loader of " + key + " fetches " + key + " itself.");
            }
            try {
                ended.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new OperationInterruptedException("Interrupted while another thread loads " + key, e);
            }
            if (failure instanceof RuntimeException e) {
                throw e;
            }
            if (failure instanceof Error e) {
                throw e;
            }
            return Optional.ofNullable(result);
        }
    }
}
