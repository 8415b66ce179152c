package io.alldocs.partition;

import io.alldocs.cache.CacheEntry;
import io.alldocs.cache.entry.IntegrityException;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.zip.ZipException;
import org.jspecify.annotations.Nullable;

/**
 * A stored page of {@code _all_docs}: all rows that its range contained when it was requested. Within
 * {@link PartitionFrame#map} and similar methods, it is valid only until the function returns. Closing it is optional;
 * see {@link CacheEntry}.
 *
 * @param partition range of the page
 * @param entry bytes and metadata of the page
 */
public record CachedPartition(Partition partition, CacheEntry entry) implements AutoCloseable {

    /** Requires both to be non-null. */
    public CachedPartition {
        Objects.requireNonNull(partition, "partition");
        Objects.requireNonNull(entry, "entry");
    }

    /**
     * Returns the rows in the order of their UTF-8 bytes, at most as many as a page contains (10,000 on npm).
     * {@code _design/…} documents are left out.
     *
     * @throws IntegrityException if the entry is not a page
     * @throws UncheckedIOException if the bytes are not accessible
     */
    public List<PartitionRow> rows() {
        List<PartitionRow> rows = new ArrayList<>();
        try (RowReader reader = new RowReader(entry)) {
            for (@Nullable PartitionRow row = reader.next(); row != null; row = reader.next()) {
                rows.add(row);
            }
            return rows;
        } catch (MalformedAnswerException
                | EOFException
                | ZipException
                | com.fasterxml.jackson.core.JacksonException e) {
            throw new IntegrityException("The stored page " + partition + " cannot be read: " + e.getMessage(), e);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read the stored page " + partition, e);
        }
    }

    /** Closes {@link #entry()}, after which the rows cannot be read. Idempotent. */
    @Override
    public void close() {
        entry.close();
    }

    /** Returns the range of the page. */
    @Override
    public String toString() {
        return partition.toString();
    }
}
