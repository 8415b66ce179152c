package io.alldocs.cache.spi;

import io.alldocs.cache.Body;
import io.alldocs.cache.EntryHead;
import io.alldocs.cache.VerifyOptions;
import io.alldocs.cache.VerifyReport;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One store of keyed values, each a head and a body. Knows one vendor and nothing of npm. Safe for concurrent use. Every method throws
 * {@link io.alldocs.cache.StorageException} when the store refuses or cannot be reached, and IllegalStateException after {@link #close()}.
 * Digests are checked by {@link io.alldocs.cache.Cache}, once for all drivers: a driver returns what it stored.
 */
public interface StorageDriver extends AutoCloseable {

    /** Short name for messages and {@code STORAGE_DRIVER}. */
    String name();

    StorageCapabilities capabilities();

    /** Head and body, empty when absent. Close the entry's body. */
    Optional<StoredEntry> get(String key);

    /** Head without reading the body. */
    Optional<EntryHead> head(String key);

    /**
     * Stores head and body under {@code key}, replacing any earlier value as a whole: readers see the old value or the new, never a mix.
     * The body stays the caller's to close.
     *
     * @param head describes the body; its size and integrity are right
     * @throws IllegalArgumentException if key or value is outside {@link #capabilities()}; nothing was sent
     */
    void put(String key, EntryHead head, Body body);

    /** Replaces the head alone; the body stays. Default: reads and puts again. @return false when the key is absent */
    default boolean putHead(String key, EntryHead head) {
        throw new AssertionError("skeleton");
    }

    /** Stores unless present. Default: throws UnsupportedStorageOperationException. @return whether it was stored */
    default boolean putIfAbsent(String key, EntryHead head, Body body) {
        throw new AssertionError("skeleton");
    }

    default boolean has(String key) {
        return head(key).isPresent();
    }

    /** Absent keys are fine. */
    void delete(String key);

    /**
     * Keys that start with {@code prefix} and lie after {@code startAfter}, lazily; in KeyOrder.UTF8 when {@link StorageCapabilities#orderedListing()}.
     * Keys written or deleted meanwhile may or may not appear; all others appear exactly once. Close the stream.
     */
    Stream<String> list(String prefix, @Nullable String startAfter);

    default Map<String, StoredEntry> getBatch(Collection<String> keys) {
        throw new AssertionError("skeleton");
    }

    /** Not atomic as a whole; each entry is. */
    default void putBatch(Map<String, StoredEntry> entries) {
        throw new AssertionError("skeleton");
    }

    default void deleteBatch(Collection<String> keys) {
        keys.forEach(this::delete);
    }

    /** Checks every value. Default: lists, reads and digests. Drivers with an index of their own do better. */
    default VerifyReport verify(VerifyOptions options) {
        throw new AssertionError("skeleton");
    }

    @Override
    void close();
}
