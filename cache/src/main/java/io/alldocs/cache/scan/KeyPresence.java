package io.alldocs.cache.scan;

import io.alldocs.cache.spi.KeyOrder;
import io.alldocs.cache.spi.StorageDriver;
import io.alldocs.cache.spi.StorageException;
import java.util.Iterator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Determines which keys are absent from a store, for keys that are queried in {@link KeyOrder#UTF8}. It reads a listing
 * in parallel to the queries. One listing request covers a thousand keys, whereas reading metadata takes one request
 * per key.
 *
 * <p>Keys that are queried out of order restart the listing. For a store without ordered listing, the result is always
 * that the key may exist, unless the store has no key under the prefix. Concurrent writes may be missed. Not
 * thread-safe; the caller closes it.
 */
public final class KeyPresence implements AutoCloseable {
    private final StorageDriver driver;
    private final String prefix;
    private final boolean ordered;
    private @Nullable Stream<String> listing;
    private @Nullable Iterator<String> keys;

    /** Last key read from the listing, null at its end. No key between the last queried key and this one exists. */
    private @Nullable String reached;

    private String asked = "";

    /** For a store without ordered listing: whether it has any key, null if not yet known. */
    private @Nullable Boolean any;

    /**
     * Creates a query without reading anything.
     *
     * @param prefix common prefix of all keys that will be queried; a longer prefix reads less in a store whose
     *     listings cannot start in the middle
     */
    public KeyPresence(StorageDriver driver, String prefix) {
        this.driver = driver;
        this.prefix = prefix;
        this.ordered = driver.capabilities().orderedListing();
    }

    /**
     * Returns whether a value may exist under {@code key}.
     *
     * @param key not empty
     * @throws StorageException if the store cannot be listed
     */
    public boolean mayHold(String key) {
        if (!ordered) {
            return holdsAny();
        }
        Iterator<String> from = keys == null || KeyOrder.UTF8.compare(key, asked) < 0 ? begin(key) : keys;
        asked = key;
        while (reached != null && KeyOrder.UTF8.compare(reached, key) < 0) {
            reached = from.hasNext() ? from.next() : null;
        }
        return key.equals(reached);
    }

    private boolean holdsAny() {
        if (any == null) {
            try (Stream<String> all = driver.list(prefix, null)) {
                any = all.findAny().isPresent();
            }
        }
        return any;
    }

    /** Lists from a prefix of the key. The prefix sorts before the key, with hardly any other keys in between. */
    private Iterator<String> begin(String key) {
        close();
        Stream<String> fresh = driver.list(prefix, key.substring(0, key.offsetByCodePoints(key.length(), -1)));
        Iterator<String> from = fresh.iterator();
        listing = fresh;
        keys = from;
        reached = from.hasNext() ? from.next() : null;
        return from;
    }

    /** Closes the listing. */
    @Override
    public void close() {
        if (listing != null) {
            listing.close();
        }
    }
}
