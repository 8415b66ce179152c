package io.alldocs.cache;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.alldocs.cache.body.Body;
import io.alldocs.cache.body.SharedBody;
import io.alldocs.cache.entry.EntryMetadata;
import io.alldocs.cache.entry.EntrySource;
import io.alldocs.cache.entry.IntegrityException;
import io.alldocs.cache.internal.body.Integrity;
import io.alldocs.cache.internal.json.Json;
import io.alldocs.cache.internal.key.Utf8;
import io.alldocs.cache.internal.run.RequestCoalescer;
import io.alldocs.cache.spi.StorageDriver;
import io.alldocs.cache.spi.StoredEntry;
import java.io.IOException;
import java.io.InputStream;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** JSON values under the user's own keys, with an optional time to live. Safe for concurrent use. */
final class UserValues {
    private static final Pattern RESERVED = Pattern.compile("v1:[a-z][a-z-]*:.+", Pattern.DOTALL);
    private static final Pattern DOCUMENTED =
            Pattern.compile("v1:(partition|packument|abbreviated)(:.*)?", Pattern.DOTALL);

    private final StorageDriver driver;
    private final EntryStore store;
    private final RequestCoalescer<CacheEntry> coalescer;
    private final Clock clock;

    UserValues(StorageDriver driver, EntryStore store, RequestCoalescer<CacheEntry> coalescer, Clock clock) {
        this.driver = driver;
        this.store = store;
        this.coalescer = coalescer;
        this.clock = clock;
    }

    /**
     * Refuses keys that look like keys of this project but are malformed. An entry under such a key would never be
     * found.
     *
     * @throws IllegalArgumentException if the key begins with {@code v1:} and is malformed
     */
    private static void requireWellFormed(String key) {
        if (!key.startsWith("v1:")) {
            return;
        }
        if (DOCUMENTED.matcher(key).matches()) {
            CacheKey parsed = CacheKey.parse(key);
            assert parsed.toString().equals(key);
        } else if (!RESERVED.matcher(key).matches()) {
            throw new IllegalArgumentException("Not a cache key: " + Utf8.quote(key)
                    + ". Keys that begin with v1: are reserved for all-docs and must name a kind, as in"
                    + " v1:packument:npm:61. Choose another prefix for your own keys.");
        }
    }

    /** Implements {@link Cache#set(String, Object, Duration)}; null is no time to live. */
    void set(String key, Object value, @Nullable Duration ttl) {
        requireWellFormed(key);
        if (!(value instanceof CacheEntry entry)) {
            store.writeValue(key, encode(value, ttl));
            return;
        }
        EntryMetadata head = ttl == null
                ? entry.head()
                : entry.head().toBuilder()
                        .lifetime(requirePositive(ttl))
                        .validatedAt(clock.instant())
                        .build();
        store.write(key, head, entry.rawBody());
    }

    /** Implements {@link Cache#setIfAbsent(String, Object)}. */
    boolean setIfAbsent(String key, Object value) {
        requireWellFormed(key);
        if (!driver.capabilities().conditionalPut()) {
            if (has(key)) {
                return false;
            }
            set(key, value, null);
            return true;
        }
        StoredEntry entry = encode(value, null);
        return driver.putIfAbsent(key, entry.head(), entry.body());
    }

    /** Implements {@link Cache#has(String)}. */
    boolean has(String key) {
        if (key.startsWith("v1:")) {
            return driver.has(key); // entries expire by their headers but stay stored
        }
        try {
            return driver.head(key).filter(this::isAlive).isPresent();
        } catch (IntegrityException e) {
            return true;
        }
    }

    /** @throws IllegalArgumentException if Jackson cannot write the value, or the time to live is not positive */
    private StoredEntry encode(Object value, @Nullable Duration ttl) {
        byte[] json;
        try {
            json = Json.MAPPER.writeValueAsBytes(value);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(
                    "A value of type " + value.getClass().getName() + " cannot be written as JSON.", e);
        }
        EntryMetadata head = EntryMetadata.bare(json.length, Integrity.sriOf(json), clock.instant());
        if (ttl != null) {
            head = head.toBuilder().lifetime(requirePositive(ttl)).build();
        }
        return new StoredEntry(head, Body.of(json));
    }

    static Duration requirePositive(Duration ttl) {
        if (ttl.isNegative() || ttl.isZero()) {
            throw new IllegalArgumentException("The time to live must be positive, but is " + ttl + ".");
        }
        return ttl;
    }

    /**
     * Returns the value, or empty if there is none or its time to live has passed.
     *
     * @throws IntegrityException if the value is damaged
     */
    Optional<CacheEntry> read(String key) {
        return StoredLoads.only(store.readValue(key), stored -> isAlive(stored.head()))
                .map(stored -> new CacheEntry(stored.head(), stored.body(), EntrySource.HIT));
    }

    private boolean isAlive(EntryMetadata head) {
        return head.lifetime() == null || head.isFresh(clock);
    }

    /** Implements {@link Cache#fetch(String, Class, Duration, Supplier)}; null is no time to live. */
    <T> T fetch(String key, Class<T> type, @Nullable Duration ttl, Supplier<? extends T> loader) {
        if (key.startsWith("v1:")) {
            throw new IllegalArgumentException("The key " + Utf8.quote(key)
                    + " is reserved, as are all keys that begin with v1:. Use fetch(CacheKey, …) for a"
                    + " packument or partition, and another prefix for your own keys.");
        }
        int before = store.generation(key);
        CacheEntry entry = usable(key)
                .orElseGet(() -> coalescer.join(
                        key,
                        false,
                        () -> (store.generation(key) == before ? Optional.<CacheEntry>empty() : usable(key))
                                .orElseGet(() -> load(key, ttl, loader))));
        return as(key, entry, type);
    }

    private Optional<CacheEntry> usable(String key) {
        try {
            return read(key);
        } catch (IntegrityException e) {
            return Optional.empty(); // a damaged value is loaded again
        }
    }

    private CacheEntry load(String key, @Nullable Duration ttl, Supplier<?> loader) {
        Object value = loader.get();
        if (value == null) {
            throw new IllegalArgumentException("The loader of " + Utf8.quote(key) + " returned null.");
        }
        StoredEntry entry = encode(value, ttl);
        store.writeValue(key, entry);
        return new CacheEntry(entry.head(), SharedBody.of(entry.body()), EntrySource.FETCHED);
    }

    /**
     * Reads an entry as {@code type} and closes it, unless {@code type} is {@link CacheEntry}.
     *
     * @throws IntegrityException if the value cannot be read as this type
     */
    static <T> T as(String key, CacheEntry entry, Class<T> type) {
        if (type == CacheEntry.class) {
            return type.cast(entry);
        }
        try (entry;
                InputStream in = entry.bodyStream()) {
            return Json.MAPPER.readValue(in, type);
        } catch (IOException e) {
            throw new IntegrityException(
                    "The value of " + key + " is not the JSON form of a " + type.getSimpleName() + ".", e);
        }
    }
}
