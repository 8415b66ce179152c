package io.alldocs.partition;

import io.alldocs.AllDocsException;

/**
 * Thrown when a partition contains more rows than one page; a retry does not help. Stream the partition with
 * {@code rows}, or store it with {@code requestAll}.
 */
public final class PartitionTooLargeException extends AllDocsException {
    private static final long serialVersionUID = 1L;

    private final transient Partition partition;
    private final long rowsSeen;

    PartitionTooLargeException(Partition partition, String origin, long rowsSeen, String lastId) {
        super("Partition " + partition + " of " + origin + " is too large for one page: it"
                + " returned " + rowsSeen + " rows, up to " + Keys.quote(lastId) + ", and has more. Stream"
                + " it with PartitionClient.rows, or store it page by page with PartitionClient.requestAll.");
        this.partition = partition;
        this.rowsSeen = rowsSeen;
    }

    /** Returns the partition that was requested. */
    public Partition partition() {
        return partition;
    }

    /** Returns the number of rows in the first page. */
    public long rowsSeen() {
        return rowsSeen;
    }

    /** Returns false: the partition is as large next time. */
    @Override
    public boolean retryable() {
        return false;
    }
}
