package io.alldocs.cache;

import io.alldocs.cache.spi.StorageDriver;
import java.util.Iterator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Tells which keys a store holds nothing under, for keys that are asked in {@link KeyOrder#UTF8}: a listing beside them tells it of a thousand in one request,
 * where a look at each head is a request each. Keys that are asked out of order are answered too, by a listing begun anew. A store that lists in no order says
 * of every key that it may be there, unless there is none at all. What is written meanwhile may be missed. Not thread-safe; close it.
 */
public final class HeldKeys implements AutoCloseable {
    private final StorageDriver driver;
    private final String prefix;
    private final boolean ordered;
    private @Nullable Stream<String> listing;
    private @Nullable Iterator<String> keys;

    /** Last read of the listing, null at its end: no key between those asked last and this one is held. */
    private @Nullable String reached;

    private String asked = "";

    /** In a store without order: whether there is any, null if it was not asked yet. */
    private @Nullable Boolean any;

    /**
     * Reads nothing yet.
     *
     * @param prefix of all keys that will be asked; the longer it is, the less is read by a store whose listings cannot begin in the middle
     */
    public HeldKeys(StorageDriver driver, String prefix) {
        this.driver = driver;
        this.prefix = prefix;
        this.ordered = driver.capabilities().orderedListing();
    }

    /**
     * Whether there may be something under {@code key}.
     *
     * @param key not empty
     * @throws StorageException when the store cannot be listed
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

    /** A beginning of the key lies below it, and hardly anything between the two. */
    private Iterator<String> begin(String key) {
        close();
        Stream<String> fresh = driver.list(prefix, key.substring(0, key.offsetByCodePoints(key.length(), -1)));
        Iterator<String> from = fresh.iterator();
        listing = fresh;
        keys = from;
        reached = from.hasNext() ? from.next() : null;
        return from;
    }

    /** Ends the listing. */
    @Override
    public void close() {
        if (listing != null) {
            listing.close();
        }
    }
}
