package io.alldocs.cache;

import io.alldocs.cache.body.Body;
import io.alldocs.cache.body.SharedBody;
import io.alldocs.cache.entry.EntryFormat;
import io.alldocs.cache.entry.EntryMetadata;
import io.alldocs.cache.entry.IntegrityException;
import io.alldocs.cache.internal.body.Integrity;
import io.alldocs.cache.internal.entry.MemoryTier;
import io.alldocs.cache.internal.entry.WriteVersions;
import io.alldocs.cache.spi.StorageDriver;
import io.alldocs.cache.spi.StorageException;
import io.alldocs.cache.spi.StoredEntry;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Reads and writes the entries of cache keys in a driver, in both stored forms. For all drivers, it checks that the
 * bytes read are those that were written. Safe for concurrent use.
 */
final class EntryStore {
    /** Larger bodies are read twice: first to compute the digest, then by the consumer. */
    private static final long IN_MEMORY_BYTES = 1 << 20;

    /** A value without a recorded time counts as infinitely old. */
    private static final Instant UNKNOWN_TIME = Instant.EPOCH;

    private final StorageDriver driver;
    private final EntryFormat format;
    private final MemoryTier<Stored> tier;
    private final WriteVersions writeVersions = new WriteVersions();

    EntryStore(StorageDriver driver, EntryFormat format, MemoryTier<Stored> tier) {
        this.driver = driver;
        this.format = format;
        this.tier = tier;
    }

    /** Returns a number that changes whenever this cache writes {@code key}. */
    int generation(String key) {
        return writeVersions.of(key);
    }

    /**
     * Returns the verified value. The caller closes it.
     *
     * @throws IntegrityException if the stored value is damaged
     */
    Optional<Stored> read(String key) {
        Optional<Stored> remembered = tier.get(key);
        if (remembered.isPresent()) {
            return remembered;
        }
        int before = writeVersions.of(key);
        Optional<Stored> stored = readDriver(key, true);
        if (stored.isPresent() && SharedBody.isInMemory(stored.get().body()) && writeVersions.of(key) == before) {
            tier.put(key, stored.get());
            if (writeVersions.of(key) != before) {
                tier.remove(key);
            }
        }
        return stored;
    }

    /** Returns the metadata alone, without checking the body. */
    Optional<EntryMetadata> head(String key) {
        Optional<Stored> remembered = tier.get(key);
        if (remembered.isPresent()) {
            return remembered.map(Stored::head);
        }
        Optional<EntryMetadata> head = driver.head(key);
        boolean full = head.isEmpty() || !head.get().isBare();
        // In the JSON form, the metadata is part of the value.
        return full ? head : read(key).map(Stored::head);
    }

    /**
     * Returns a user's value in any format. The caller closes it.
     *
     * @throws IntegrityException if the value is damaged
     */
    Optional<Stored> readValue(String key) {
        return readDriver(key, false);
    }

    /**
     * Reads several values without the memory tier. Each value is passed to {@code found}, or to {@code damaged} if it
     * is damaged. Absent keys are skipped.
     */
    void readAll(
            Collection<String> keys,
            BiConsumer<? super String, ? super Stored> found,
            BiConsumer<? super String, ? super IntegrityException> damaged) {
        Map<String, StoredEntry> entries;
        try {
            entries = driver.getBatch(keys);
        } catch (IntegrityException e) {
            // The batch failed because one value is not an entry, so read them one by one.
            keys.forEach(key -> readOne(key, () -> readDriver(key, true), found, damaged));
            return;
        }
        Deque<Map.Entry<String, StoredEntry>> left = new ArrayDeque<>(entries.entrySet());
        try {
            while (!left.isEmpty()) {
                String key = left.element().getKey();
                StoredEntry entry = left.remove().getValue();
                readOne(key, () -> Optional.of(whole(key, entry, true)), found, damaged);
            }
        } finally {
            left.forEach(each -> each.getValue().body().close());
        }
    }

    private static void readOne(
            String key,
            Supplier<Optional<Stored>> read,
            BiConsumer<? super String, ? super Stored> found,
            BiConsumer<? super String, ? super IntegrityException> damaged) {
        Optional<Stored> stored;
        try {
            stored = read.get();
        } catch (IntegrityException e) {
            damaged.accept(key, e);
            return;
        }
        stored.ifPresent(entry -> found.accept(key, entry));
    }

    private Optional<Stored> readDriver(String key, boolean forms) {
        return driver.get(key).map(entry -> whole(key, entry, forms));
    }

    /** @throws IntegrityException if the entry is damaged; its body is then closed */
    private Stored whole(String key, StoredEntry entry, boolean forms) {
        EntryMetadata head = entry.head();
        Body body = entry.body();
        try {
            Stored stored = verified(key, head, body, forms);
            if (stored.body() != body) {
                body.close();
            }
            return new Stored(stored.head(), SharedBody.of(stored.body()), stored.format());
        } catch (IOException e) {
            body.close();
            throw new StorageException(
                    "Cannot read the body of " + key + " in the " + driver.name() + " store", true, e);
        } catch (RuntimeException | Error e) {
            body.close();
            throw e;
        }
    }

    private Stored verified(String key, EntryMetadata head, Body body, boolean forms) throws IOException {
        boolean decode = forms && head.isBare();
        byte[] bytes = decode || body.sizeBytes() <= IN_MEMORY_BYTES ? body.toByteArray() : null;
        boolean described;
        try {
            described = bytes == null ? head.describes(body) : head.describes(bytes, 0, bytes.length);
        } catch (IntegrityException e) {
            throw damaged(key, e);
        }
        if (!described) {
            throw damaged(key, null);
        }
        if (bytes == null) {
            return new Stored(head, body, EntryFormat.NATIVE);
        }
        return decode ? decoded(key, head, bytes) : new Stored(head, Body.of(bytes), EntryFormat.NATIVE);
    }

    /**
     * Handles bare metadata. The value is either in the JSON form, or another program wrote it, and then only a digest
     * can verify it. These conditions do not apply to a value under a key that is not an entry's, such as a checkpoint.
     */
    private Stored decoded(String key, EntryMetadata head, byte[] bytes) {
        Instant time = head.storedAt().isBefore(UNKNOWN_TIME) ? UNKNOWN_TIME : head.storedAt();
        try {
            Optional<Stored> json = JsonForm.decode(bytes, time);
            if (json.isEmpty() && head.integrity() == null && CacheKey.find(key).isPresent()) {
                throw new IntegrityException("it is not a cache entry and has no digest", null);
            }
            return json.orElseGet(() -> new Stored(head, Body.of(bytes), EntryFormat.NATIVE));
        } catch (IntegrityException e) {
            throw damaged(key, e);
        }
    }

    private IntegrityException damaged(String key, @Nullable IntegrityException cause) {
        String why =
                cause == null ? "it does not match its recorded size or digest" : String.valueOf(cause.getMessage());
        return new IntegrityException(
                "The body of " + key + " in the " + driver.name() + " store is damaged: " + why
                        + ". It was not served. Fetch it again, or run verify.",
                cause);
    }

    /**
     * Stores metadata and body.
     *
     * @return the entry as stored
     */
    Stored write(String key, EntryMetadata head, Body body) {
        writeVersions.advance(key);
        try {
            EntryFormat written = format;
            // If the JSON value is too large for the store, the native form is stored instead: it may be a tenth of the
            // size. Edge workers cannot read it, but that is better than storing nothing.
            Optional<byte[]> json = format == EntryFormat.JSON
                    ? JsonForm.encode(head, body, driver.capabilities().maxValueBytes())
                    : Optional.empty();
            if (json.isPresent()) {
                byte[] value = json.get();
                driver.put(
                        key, EntryMetadata.bare(value.length, Integrity.sriOf(value), head.storedAt()), Body.of(value));
            } else {
                written = EntryFormat.NATIVE;
                driver.put(key, head, body);
            }
            return new Stored(head, body, written);
        } finally {
            writeVersions.advance(key);
            tier.remove(key);
        }
    }

    void writeValue(String key, StoredEntry value) {
        writeVersions.advance(key);
        try {
            driver.put(key, value.head(), value.body());
        } finally {
            writeVersions.advance(key);
            tier.remove(key);
        }
    }

    /**
     * Stores new metadata for the body of {@code stored}. Returns empty and stores nothing if that body is no longer
     * stored.
     */
    Optional<Stored> writeHead(String key, EntryMetadata head, Stored stored) {
        if (stored.format() == EntryFormat.JSON || format == EntryFormat.JSON) {
            return Optional.of(write(key, head, stored.body()));
        }
        writeVersions.advance(key);
        try {
            return driver.putHead(key, head)
                    ? Optional.of(new Stored(head, stored.body(), EntryFormat.NATIVE))
                    : Optional.empty();
        } finally {
            writeVersions.advance(key);
            tier.remove(key);
        }
    }

    void delete(String key) {
        writeVersions.advance(key);
        try {
            driver.delete(key);
        } finally {
            writeVersions.advance(key);
            tier.remove(key);
        }
    }

    void deleteAll(Collection<String> keys) {
        keys.forEach(writeVersions::advance);
        try {
            driver.deleteBatch(keys);
        } finally {
            keys.forEach(writeVersions::advance);
            keys.forEach(tier::remove);
        }
    }
}
