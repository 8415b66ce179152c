package io.alldocs.sync;

import io.alldocs.cache.NotCachedException;
import io.alldocs.cache.entry.IntegrityException;
import io.alldocs.partition.PartitionRow;
import io.alldocs.partition.PartitionRows;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/** Rows of stored pages. */
final class PageRows implements NameSource.Rows {
    private final PartitionRows rows;
    private final UnaryOperator<RuntimeException> lost;

    /** @param lost called when a page cannot be read; returns the exception to throw */
    PageRows(PartitionRows rows, UnaryOperator<RuntimeException> lost) {
        this.rows = rows;
        this.lost = lost;
    }

    @Override
    public boolean hasNext() {
        return read(rows::hasNext);
    }

    @Override
    public PartitionRow next() {
        return read(rows::next);
    }

    private <T> T read(Supplier<T> call) {
        try {
            return call.get();
        } catch (NotCachedException | IntegrityException e) {
            throw lost.apply(e);
        }
    }

    @Override
    public void close() {
        rows.close();
    }
}
