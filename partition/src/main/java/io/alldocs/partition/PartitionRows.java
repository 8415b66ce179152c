package io.alldocs.partition;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The rows of partitions of any size, one partition after the other, in the order of UTF-8 bytes within each partition.
 * {@code _design/…} documents are left out. Pages are fetched as the reader reaches them, so only a few are in memory
 * at a time. Not thread-safe. The caller closes it, even after reading to the end.
 *
 * <p>{@link #hasNext()} and {@link #next()} throw the exceptions that {@link PartitionClient} lists.
 */
public final class PartitionRows implements Iterator<PartitionRow>, AutoCloseable {
    private final Iterator<? extends Partition> partitions;
    private final Function<Partition, PageWalk> walks;

    private @Nullable PageWalk walk;
    private @Nullable RowReader page;
    private @Nullable PartitionRow upcoming;

    PartitionRows(Iterator<? extends Partition> partitions, Function<Partition, PageWalk> walks) {
        this.partitions = partitions;
        this.walks = walks;
    }

    @Override
    public boolean hasNext() {
        if (upcoming == null) {
            upcoming = advance();
        }
        return upcoming != null;
    }

    @Override
    public PartitionRow next() {
        if (!hasNext() || upcoming == null) {
            throw new NoSuchElementException("All rows have been read.");
        }
        PartitionRow row = upcoming;
        upcoming = null;
        return row;
    }

    private @Nullable PartitionRow advance() {
        try {
            while (page != null || openPage()) {
                @Nullable PartitionRow row = page == null ? null : page.next();
                if (row != null) {
                    return row;
                }
                closePage();
            }
            return null;
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read a stored page: " + e.getMessage(), e);
        }
    }

    private boolean openPage() throws IOException {
        while (walk == null || !walk.hasNext()) {
            closeWalk();
            if (!partitions.hasNext()) {
                return false;
            }
            walk = walks.apply(partitions.next());
        }
        try (PartitionResult next = walk.next()) {
            page = new RowReader(next.entry()); // its stream stays readable
        }
        return true;
    }

    private void closePage() throws IOException {
        if (page != null) {
            page.close();
            page = null;
        }
    }

    private void closeWalk() {
        if (walk != null) {
            walk.close();
            walk = null;
        }
    }

    /** Stops reading. No more pages are fetched. */
    @Override
    public void close() {
        upcoming = null;
        try {
            closePage();
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot close a stored page.", e);
        } finally {
            closeWalk();
        }
    }
}
