package io.alldocs.examples.programs.bootstrap;

import io.alldocs.cache.KeyOrder;
import io.alldocs.cache.spi.StorageDriver;
import java.util.Iterator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Tells which keys a store holds nothing under, for keys that are asked in order: a listing beside them tells it of a thousand in one request, where a look at
 * each head is a request each. A store that lists in no order says of every key that it may be there. Keys that are written meanwhile may be missed. Not
 * thread-safe.
 */
final class HeldKeys implements AutoCloseable {
    /** Two pages of an object store's listing: to begin a listing anew is cheaper than to read more keys that nobody asks for. */
    private static final int FAR = 2_000;

    private final StorageDriver driver;
    private final String prefix;
    private final boolean ordered;
    private @Nullable Stream<String> listing;
    private @Nullable Iterator<String> keys;

    /** Last read of the listing, null at its end: no key between those asked last and this one is held. */
    private @Nullable String reached;

    private String asked = "";

    /** @param prefix of all keys that will be asked */
    HeldKeys(StorageDriver driver, String prefix) {
        this.driver = driver;
        this.prefix = prefix;
        this.ordered = driver.capabilities().orderedListing();
    }

    /** Whether there may be something under {@code key}. */
    boolean mayHold(String key) {
        if (!ordered) {
            return true;
        }
        Iterator<String> from = keys == null || KeyOrder.UTF8.compare(key, asked) < 0 ? begin(key) : keys;
        asked = key;
        for (int passed = 0; isBelow(reached, key); passed++) {
            if (passed == FAR) {
                from = begin(key);
            } else {
                reached = from.hasNext() ? from.next() : null;
            }
        }
        return key.equals(reached);
    }

    private static boolean isBelow(@Nullable String reached, String key) {
        return reached != null && KeyOrder.UTF8.compare(reached, key) < 0;
    }

    /** A beginning of the key lies below it, and hardly anything between the two. */
    private Iterator<String> begin(String key) {
        close();
        Stream<String> fresh = driver.list(prefix, key.substring(0, key.length() - 1));
        Iterator<String> from = fresh.iterator();
        listing = fresh;
        keys = from;
        reached = from.hasNext() ? from.next() : null;
        return from;
    }

    @Override
    public void close() {
        if (listing != null) {
            listing.close();
        }
    }
}
