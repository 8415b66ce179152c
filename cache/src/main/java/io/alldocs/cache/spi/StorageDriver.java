package io.alldocs.cache.spi;

import io.alldocs.cache.Body;
import io.alldocs.cache.EntryFormat;
import io.alldocs.cache.EntryHead;
import io.alldocs.cache.UnsupportedStorageOperationException;
import io.alldocs.cache.VerifyOptions;
import io.alldocs.cache.VerifyReport;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One store of keyed values, each a head and a body. Knows one vendor and nothing of npm. Safe for concurrent use. Every method throws
 * {@link io.alldocs.cache.StorageException} when the store refuses or cannot be reached, and IllegalStateException after {@link #close()}.
 * Digests are checked by {@link io.alldocs.cache.Cache}, once for all drivers: a driver returns what it stored.
 *
 * <p>A key that is outside {@link #capabilities()} is refused by every method with IllegalArgumentException; see
 * {@link StorageCapabilities#requireKey}.
 */
public interface StorageDriver extends AutoCloseable {

    /** Short name for messages and {@code STORAGE_DRIVER}. */
    String name();

    /** What this store can do; the same during the driver's life. */
    StorageCapabilities capabilities();

    /** How entries are stored here unless the user says otherwise. Default: {@link EntryFormat#NATIVE}. */
    default EntryFormat preferredFormat() {
        return EntryFormat.NATIVE;
    }

    /**
     * Head and body, empty when absent. Close the entry's body.
     *
     * @throws io.alldocs.cache.IntegrityException when something is there that is no entry
     */
    Optional<StoredEntry> get(String key);

    /**
     * Head without reading the body, empty when absent.
     *
     * @throws io.alldocs.cache.IntegrityException when something is there that is no entry
     */
    Optional<EntryHead> head(String key);

    /**
     * Stores head and body under {@code key}, replacing any earlier value as a whole: readers see the old value or the new, never a mix.
     * The body stays the caller's to close. Of a {@link EntryHead#isBare() bare} head a store need not keep more than the body.
     *
     * @param head describes the body; its size and integrity are right
     * @throws IllegalArgumentException if the key is outside {@link #capabilities()}; nothing was sent
     * @throws io.alldocs.cache.ValueTooLargeException if head and body are; nothing was sent
     * @throws UnsupportedStorageOperationException if the store is read-only
     */
    void put(String key, EntryHead head, Body body);

    /**
     * Replaces the head alone; the body stays. The key may hold another body by now than the one that {@code head} was made for: beside that, the head
     * must not be stored. Default: reads and puts again.
     *
     * @return false when the key is absent or its body is another one, going by {@link EntryHead#isOfSameBody}; what is stored stays then
     */
    default boolean putHead(String key, EntryHead head) {
        Optional<StoredEntry> stored = get(key);
        if (stored.isEmpty()) {
            return false;
        }
        try (Body body = stored.get().body()) {
            if (!stored.get().head().isOfSameBody(head)) {
                return false;
            }
            put(key, head, body);
        }
        return true;
    }

    /**
     * Stores unless present. Default: throws UnsupportedStorageOperationException.
     *
     * @return whether it was stored
     * @throws UnsupportedStorageOperationException if {@link StorageCapabilities#conditionalPut()} is false
     */
    default boolean putIfAbsent(String key, EntryHead head, Body body) {
        throw new UnsupportedStorageOperationException(
                "The " + name() + " store cannot put conditionally (" + key + ").");
    }

    /** Whether there is a value. */
    default boolean has(String key) {
        return head(key).isPresent();
    }

    /**
     * Absent keys are fine.
     *
     * @throws UnsupportedStorageOperationException if the store is read-only
     */
    void delete(String key);

    /**
     * Keys that start with {@code prefix} and lie after {@code startAfter}, lazily; in KeyOrder.UTF8 when {@link StorageCapabilities#orderedListing()}.
     * Keys written or deleted meanwhile may or may not appear; all others appear exactly once. Close the stream.
     *
     * @param prefix may be empty
     * @param startAfter null for all
     */
    Stream<String> list(String prefix, @Nullable String startAfter);

    /** What is there of {@code keys}, in their order. Default: one by one. Close the bodies. */
    default Map<String, StoredEntry> getBatch(Collection<String> keys) {
        Map<String, StoredEntry> found = new LinkedHashMap<>();
        try {
            for (String key : new LinkedHashSet<>(keys)) {
                get(key).ifPresent(entry -> found.put(key, entry));
            }
            return found;
        } catch (RuntimeException e) {
            found.values().forEach(entry -> entry.body().close());
            throw e;
        }
    }

    /** Not atomic as a whole; each entry is. The bodies stay the caller's to close. Default: one by one. */
    default void putBatch(Map<String, StoredEntry> entries) {
        entries.forEach((key, entry) -> put(key, entry.head(), entry.body()));
    }

    /** Absent keys are fine. Default: one by one. */
    default void deleteBatch(Collection<String> keys) {
        keys.forEach(this::delete);
    }

    /** Checks every value. Default: lists, reads and digests. Drivers with an index of their own do better. */
    default VerifyReport verify(VerifyOptions options) {
        return VerifyReport.byReading(this, options);
    }

    /** Frees what the driver holds; what is stored stays. Twice is fine. */
    @Override
    void close();
}
