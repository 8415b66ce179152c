package io.alldocs.sync;

import io.alldocs.AllDocsException;
import io.alldocs.partition.Partition;
import java.util.Map;

/**
 * Thrown when requests for names of a batch failed; the other names are stored. Fetching the batch again requests only
 * the missing names.
 */
public final class IncompleteBatchException extends AllDocsException {
    private static final long serialVersionUID = 1L;

    private final boolean retryable;

    IncompleteBatchException(Partition partition, int batch, Map<String, String> reasons, boolean retryable) {
        super(reasons.size() + " names of batch " + batch + " of partition " + partition + " failed"
                + reasons.entrySet().stream()
                        .findFirst()
                        .map(first -> "; " + first.getKey() + ": " + first.getValue())
                        .orElse("."));
        this.retryable = retryable;
    }

    /** Returns whether the batch may succeed later: false if a retry will change none of the failures. */
    @Override
    public boolean retryable() {
        return retryable;
    }
}
