package io.alldocs.partition;

import io.alldocs.cache.CacheEntry;
import io.alldocs.cache.IntegrityException;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.zip.ZipException;
import org.jspecify.annotations.Nullable;

/**
 * A stored page of {@code _all_docs}: all that its range held when it was asked for. Inside of {@link PartitionFrame#map} and its relatives it is to
 * be used until the function returns.
 *
 * @param partition its range
 * @param entry its bytes and what is known of them
 */
public record CachedPartition(Partition partition, CacheEntry entry) {

    /** Requires both. */
    public CachedPartition {
        Objects.requireNonNull(partition, "partition");
        Objects.requireNonNull(entry, "entry");
    }

    /**
     * Its rows, at most those of a page (10,000 on npm), in the order of UTF-8 bytes; {@code _design/…} documents are left out.
     *
     * @throws IntegrityException when it is no page
     * @throws UncheckedIOException when its bytes cannot be reached
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

    /** Its range. */
    @Override
    public String toString() {
        return partition.toString();
    }
}
