package io.alldocs.storage.sqlite;

import io.alldocs.cache.spi.KeyOrder;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/**
 * Iterates over keys page by page; each page is a separate query that starts after the last key of the previous one.
 */
final class KeyWalk implements Iterator<String> {
    private static final int FIRST_PAGE = 100;
    private static final int LARGEST_PAGE = 4_000;

    private final Connections connections;
    private final String prefix;
    private @Nullable String last;
    private Iterator<String> page = Collections.emptyIterator();
    private int size = FIRST_PAGE;
    private boolean more = true;

    KeyWalk(Connections connections, String prefix, @Nullable String startAfter) {
        this.connections = connections;
        this.prefix = prefix;
        boolean within = startAfter != null && KeyOrder.UTF8.compare(startAfter, prefix) >= 0;
        this.last = within ? startAfter : null;
    }

    @Override
    public boolean hasNext() {
        if (!page.hasNext() && more) {
            List<String> keys = connections.read("list the keys of", prefix, reader -> reader.keys(prefix, last, size));
            more = keys.size() == size;
            last = keys.isEmpty() ? last : keys.get(keys.size() - 1);
            size = Math.min(LARGEST_PAGE, 4 * size);
            page = keys.iterator();
        }
        return page.hasNext();
    }

    @Override
    public String next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        return page.next();
    }
}
