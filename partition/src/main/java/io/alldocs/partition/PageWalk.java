package io.alldocs.partition;

import io.alldocs.cache.Cache;
import io.alldocs.cache.CacheEntry;
import io.alldocs.cache.CacheMode;
import io.alldocs.cache.RequestOptions;
import io.alldocs.cache.entry.IntegrityException;
import io.alldocs.partition.PageStore.Policy;
import io.alldocs.partition.PageStore.Stored;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.NoSuchElementException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Walks one partition page by page. Each page comes from the cache or, if it is not stored, from the origin. Ranges
 * that were split before are split at the same keys again. A walk therefore replaces the pages of an earlier walk and
 * adds no others. Not thread-safe.
 *
 * <p>A page is stored after the next page has arrived, because only then is the end of its range known. The next page
 * is requested from the last id of this page. If that row still exists, it belongs to the next page and is removed from
 * this page.
 */
final class PageWalk implements AutoCloseable {
    private final AllDocs allDocs;
    private final PageStore store;
    private final Cache cache;
    private final Partition walk;
    private final RequestOptions options;
    private final Policy policy;

    private final Deque<Partition> ahead = new ArrayDeque<>();
    private @Nullable Arrived arrived;

    /** A page from the origin, and the range for which it was requested. */
    private record Arrived(Partition range, Page page) {}

    PageWalk(AllDocs allDocs, PageStore store, Cache cache, Partition walk, RequestOptions options, Policy policy) {
        this.allDocs = allDocs;
        this.store = store;
        this.cache = cache;
        this.walk = walk;
        this.options = options;
        this.policy = policy;
        ahead.push(walk);
    }

    boolean hasNext() {
        return arrived != null || !ahead.isEmpty();
    }

    PartitionResult next() {
        while (arrived == null) {
            Partition range = ahead.poll();
            if (range == null) {
                throw new NoSuchElementException("The walk of " + walk + " has ended.");
            }
            Optional<Stored> stored = store.find(range, policy);
            if (stored.isPresent()) {
                return result(range, stored.get());
            }
            Optional<String> cut = store.split(range, policy);
            if (cut.isPresent()) {
                ahead.push(Partition.of(cut.get(), range.endOrNull()));
                ahead.push(Partition.of(range.startOrNull(), cut.get()));
            } else {
                arrived = new Arrived(range, ask(range));
            }
        }
        return goOn(arrived);
    }

    private Page ask(Partition range) {
        if (!policy.mode().loads()) {
            throw notStored(range);
        }
        return allDocs.first(range, options);
    }

    /** Throws the cache's own exception for a miss, or returns an exception for a stored entry that is not a page. */
    private RuntimeException notStored(Partition range) {
        try (CacheEntry other = cache.fetch(range.key(store.origin()), CacheMode.ONLY_IF_CACHED, stored -> {
            throw new AssertionError("The cache called the loader in the mode only-if-cached.");
        })) {
            return new IntegrityException(
                    "The value stored under " + range.key(store.origin()) + " at " + other.storedAt()
                            + " is not a page of " + range + ". Request the page again.",
                    null);
        }
    }

    /** Requests the next page, stores the current page, and makes the next page the current one. */
    private PartitionResult goOn(Arrived start) {
        Arrived current = start;
        while (true) {
            Partition range = current.range();
            Optional<Page> after = allDocs.after(current.page(), range, options);
            if (after.isEmpty()) {
                arrived = null;
                return result(range, store.put(range, current.page(), policy));
            }
            String boundary = after.get().firstId();
            if (current.page().scan().rawRows() > 0 && !range.start().equals(Optional.of(boundary))) {
                arrived = new Arrived(Partition.of(boundary, range.endOrNull()), after.get());
                return cut(range, boundary, current.page());
            }
            current.page().close();
            current = new Arrived(range, after.get());
            arrived = current;
        }
    }

    private PartitionResult cut(Partition range, String boundary, Page page) {
        Partition part = Partition.of(range.startOrNull(), boundary);
        Stored stored = store.put(part, page, policy);
        store.putSplit(range, boundary, policy);
        return result(part, stored);
    }

    private PartitionResult result(Partition range, Stored stored) {
        PageScan scan = stored.scan();
        return new PartitionResult(
                range,
                stored.entry(),
                scan.names(),
                !hasNext(),
                walk,
                scan.designDocuments(),
                scan.offset(),
                scan.totalRows());
    }

    /** Releases a page that has arrived but was not stored. */
    @Override
    public void close() {
        if (arrived != null) {
            arrived.page().close();
            arrived = null;
        }
        ahead.clear();
    }
}
