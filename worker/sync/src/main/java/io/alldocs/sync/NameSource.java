package io.alldocs.sync;

import io.alldocs.partition.Partition;
import io.alldocs.partition.PartitionRow;
import java.util.Iterator;
import java.util.List;

/** Where the names of a job come from: pages in the cache, or a file. Read once for each pass, lazily. */
interface NameSource {

    /** The parts in which progress is kept; every name lies in one. */
    List<Partition> partitions();

    /** Names, part after part in order, with the revision that the origin gave for them. */
    Rows rows();

    /** How many names part {@code index} holds. */
    long size(int index);

    /** Rows that must be closed. */
    interface Rows extends Iterator<PartitionRow>, AutoCloseable {
        @Override
        void close();
    }
}
