package io.alldocs.worker.mirror;

import io.alldocs.cache.MemoryStorageDriver;
import io.alldocs.cache.spi.StoredEntry;
import io.alldocs.storage.contract.ForwardingStorageDriver;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The memory driver, except that an action runs just before the next body is read, such as a write of another process.
 */
final class InterferingDriver extends ForwardingStorageDriver {
    private final AtomicReference<@Nullable Runnable> next = new AtomicReference<>();

    InterferingDriver() {
        super(new MemoryStorageDriver());
    }

    /** Runs {@code interference} once, before the next body is read. */
    void beforeNextBody(Runnable interference) {
        next.set(interference);
    }

    /** Returns whether a body was read since {@link #beforeNextBody}. */
    boolean hasInterfered() {
        return next.get() == null;
    }

    @Override
    public Optional<StoredEntry> get(String key) {
        Runnable interference = next.getAndSet(null);
        if (interference != null) {
            interference.run();
        }
        return super.get(key);
    }
}
