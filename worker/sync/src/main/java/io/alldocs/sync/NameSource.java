package io.alldocs.sync;

import io.alldocs.partition.Partition;
import io.alldocs.partition.PartitionRow;
import java.util.Iterator;
import java.util.List;

/** Provides the names of a job from stored pages or from a file. Read lazily, once per pass. */
interface NameSource {

    /** Returns the parts for which progress is recorded; every name is in one part. */
    List<Partition> partitions();

    /** Returns the names, part by part in order, with the revision that the origin listed for them. */
    Rows rows();

    /** Returns the number of names in part {@code index}. */
    long size(int index);

    /** Rows that must be closed. */
    interface Rows extends Iterator<PartitionRow>, AutoCloseable {
        @Override
        void close();
    }
}
