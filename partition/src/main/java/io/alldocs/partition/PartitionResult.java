package io.alldocs.partition;

import io.alldocs.cache.CacheEntry;
import java.util.OptionalLong;

/**
 * One page of a walk: a partition with an entry of its own.
 *
 * @param partition the page's key range; all its rows, and no other, are in the entry
 * @param entry what is stored under the page's key
 * @param rows names in the page, {@code _design/…} documents not counted
 * @param last whether the page ends the walk of {@code walk}
 * @param walk the partition that was asked for
 * @param designDocuments {@code _design/…} documents in the page
 * @param offset documents before the page's first row as the server said; empty or 0 from servers that do not count them
 * @param totalRows documents in the database as the server said
 */
public record PartitionResult(
        Partition partition,
        CacheEntry entry,
        long rows,
        boolean last,
        Partition walk,
        long designDocuments,
        OptionalLong offset,
        OptionalLong totalRows) {}
