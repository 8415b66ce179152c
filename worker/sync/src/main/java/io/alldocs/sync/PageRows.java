package io.alldocs.sync;

import io.alldocs.partition.PartitionRow;
import io.alldocs.partition.PartitionRows;

/** Rows of stored pages. */
final class PageRows implements NameSource.Rows {
    private final PartitionRows rows;

    PageRows(PartitionRows rows) {
        this.rows = rows;
    }

    @Override
    public boolean hasNext() {
        return rows.hasNext();
    }

    @Override
    public PartitionRow next() {
        return rows.next();
    }

    @Override
    public void close() {
        rows.close();
    }
}
