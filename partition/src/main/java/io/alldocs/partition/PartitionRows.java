package io.alldocs.partition;

import java.util.Iterator;

/** Rows. */
public final class PartitionRows implements Iterator<PartitionRow>, AutoCloseable {
    PartitionRows() {}

    @Override
    public boolean hasNext() {
        throw new AssertionError("skeleton");
    }

    @Override
    public PartitionRow next() {
        throw new AssertionError("skeleton");
    }

    @Override
    public void close() {}
}
