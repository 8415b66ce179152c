package io.alldocs.partition;

import io.alldocs.cache.CacheEntry;
import java.util.OptionalLong;

/**
 * One page of a walk, as a partition with its own entry. Closing it is optional; see {@link CacheEntry}.
 *
 * @param partition key range of the page; the entry contains exactly the rows of this range
 * @param entry entry stored under the page's key
 * @param rows number of names in the page, without {@code _design/…} documents
 * @param last whether the page is the last one of {@code walk}
 * @param walk partition that was requested
 * @param designDocuments number of {@code _design/…} documents in the page
 * @param offset number of documents before the page's first row, according to the server; empty or 0 from servers that
 *     do not count them
 * @param totalRows number of documents in the database, according to the server
 */
public record PartitionResult(
        Partition partition,
        CacheEntry entry,
        long rows,
        boolean last,
        Partition walk,
        long designDocuments,
        OptionalLong offset,
        OptionalLong totalRows)
        implements AutoCloseable {

    /** Closes {@link #entry()}, after which the rows cannot be read. Idempotent. */
    @Override
    public void close() {
        entry.close();
    }
}
