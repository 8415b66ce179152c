package io.alldocs.partition;

/** A partition holds more rows than one page: asking again will not help. Stream it with {@code rows}, or store it with {@code requestAll}. */
public final class PartitionTooLargeException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient Partition partition;
    private final long rowsSeen;

    PartitionTooLargeException(Partition partition, String origin, long rowsSeen, String lastId) {
        super(
                "Partition " + partition + " of " + origin + " does not fit one page: " + rowsSeen
                        + " rows came, up to "
                        + Keys.quote(lastId)
                        + ", and more follow. Stream it with PartitionClient.rows, or store it page by page with PartitionClient.requestAll.");
        this.partition = partition;
        this.rowsSeen = rowsSeen;
    }

    /** What was asked for. */
    public Partition partition() {
        return partition;
    }

    /** Rows that came in the first page. */
    public long rowsSeen() {
        return rowsSeen;
    }
}
