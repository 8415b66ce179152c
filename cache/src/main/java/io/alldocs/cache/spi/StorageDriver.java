package io.alldocs.cache.spi;

import io.alldocs.cache.body.Body;
import io.alldocs.cache.entry.EntryFormat;
import io.alldocs.cache.entry.EntryMetadata;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Stores values under keys in one kind of store; each value consists of metadata and a body. A driver contains
 * vendor-specific code only and nothing specific to npm. Safe for concurrent use.
 *
 * <p>Every method throws {@link io.alldocs.cache.spi.StorageException} when the store refuses the request or is
 * unreachable, and IllegalStateException after {@link #close()}. Every method refuses a key outside the limits of
 * {@link #capabilities()} with IllegalArgumentException; see {@link StorageCapabilities#requireKey}.
 *
 * <p>A driver returns the stored bytes without checking digests; {@link io.alldocs.cache.Cache} does that for all
 * drivers.
 */
public interface StorageDriver extends AutoCloseable {

    /** Returns the short name used in messages and in {@code STORAGE_DRIVER}. */
    String name();

    /** Returns the capabilities and limits of this store, which do not change during the driver's lifetime. */
    StorageCapabilities capabilities();

    /**
     * Returns the format of entries in this store, unless the user sets another one. Default:
     * {@link EntryFormat#NATIVE}.
     */
    default EntryFormat preferredFormat() {
        return EntryFormat.NATIVE;
    }

    /**
     * Returns the metadata and body of a value, or empty if the key is absent. The caller closes the entry's body.
     *
     * @throws io.alldocs.cache.entry.IntegrityException if the stored bytes are not a valid entry
     */
    Optional<StoredEntry> get(String key);

    /**
     * Returns the metadata of a value without reading its body, or empty if the key is absent.
     *
     * @throws io.alldocs.cache.entry.IntegrityException if the stored bytes are not a valid entry
     */
    Optional<EntryMetadata> head(String key);

    /**
     * Stores metadata and body under {@code key}. It replaces any earlier value as a whole: readers see the old value
     * or the new one, never a mix. The caller closes the body. If the metadata is {@link EntryMetadata#isBare() bare},
     * a store may keep only the body.
     *
     * @param head metadata of the body, with its correct size and integrity
     * @throws IllegalArgumentException if the key is outside the limits of {@link #capabilities()}; nothing was sent
     * @throws io.alldocs.cache.spi.ValueTooLargeException if metadata and body together are too large; nothing was sent
     * @throws UnsupportedStorageOperationException if the store is read-only
     */
    void put(String key, EntryMetadata head, Body body);

    /**
     * Replaces only the metadata and keeps the body. If another writer has replaced the body that {@code head}
     * describes, the metadata must not be stored with the new body. Default: reads the value and puts it with the new
     * metadata.
     *
     * @return false if the key is absent or {@link EntryMetadata#isOfSameBody} returns that it has another body; the
     *     stored value is then unchanged
     */
    default boolean putHead(String key, EntryMetadata head) {
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
     * Stores a value unless the key exists. Default: throws UnsupportedStorageOperationException.
     *
     * @return whether the value was stored
     * @throws UnsupportedStorageOperationException if {@link StorageCapabilities#conditionalPut()} is false
     */
    default boolean putIfAbsent(String key, EntryMetadata head, Body body) {
        throw new UnsupportedStorageOperationException(
                "The " + name() + " store does not support conditional puts (key " + key + ").");
    }

    /** Returns whether the key exists. */
    default boolean has(String key) {
        return head(key).isPresent();
    }

    /**
     * Deletes a value. Does nothing if the key is absent.
     *
     * @throws UnsupportedStorageOperationException if the store is read-only
     */
    void delete(String key);

    /**
     * Returns a lazy stream of the keys that start with {@code prefix} and follow {@code startAfter}. They are in
     * KeyOrder.UTF8 if {@link StorageCapabilities#orderedListing()} is true. Keys written or deleted during the listing
     * may or may not appear; all others appear exactly once. The caller closes the stream.
     *
     * @param prefix may be empty
     * @param startAfter null for all keys
     */
    Stream<String> list(String prefix, @Nullable String startAfter);

    /**
     * Returns the values found under {@code keys}, in the order of {@code keys}. Absent keys are left out. The caller
     * closes the bodies. Default: one call of {@link #get} per key.
     */
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

    /**
     * Stores several values. Each entry is atomic, but not the batch. The caller closes the bodies. Default: one call
     * of {@link #put} per entry.
     */
    default void putBatch(Map<String, StoredEntry> entries) {
        entries.forEach((key, entry) -> put(key, entry.head(), entry.body()));
    }

    /** Deletes several values. Does nothing for absent keys. Default: one call of {@link #delete} per key. */
    default void deleteBatch(Collection<String> keys) {
        keys.forEach(this::delete);
    }

    /**
     * Checks every stored value. Default: lists the keys, reads each value, and compares size and digest. A repair
     * deletes entries that are damaged or unreadable, unless their metadata shows that they are recent. Values without
     * a recorded digest count as verified if they can be read completely. Override this method if the driver has its
     * own index, which can be faster, or if the store cannot list keys.
     */
    default VerifyReport verify(VerifyOptions options) {
        return new DriverVerification(this, options).run();
    }

    /** Releases the driver's resources. Stored values remain. Idempotent. */
    @Override
    void close();
}
