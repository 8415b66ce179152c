package io.alldocs.sync;

import io.alldocs.AllDocsException;
import io.alldocs.partition.Partition;
import java.util.Map;

/**
 * Thrown when some partitions are not listed, or the cache has lost their pages. Names are missing, so no packument of
 * them was requested. Another listing may succeed.
 */
public final class UnlistedException extends AllDocsException {
    private static final long serialVersionUID = 1L;

    UnlistedException(int missing, int total, Map<String, String> reasons) {
        super(missing + " of " + total + " partitions could not be listed"
                + reasons.entrySet().stream()
                        .findFirst()
                        .map(first -> "; " + first.getKey() + ": " + first.getValue())
                        .orElse("."));
    }

    UnlistedException(Partition partition) {
        super("Partition " + partition + " is not listed. List it before its names are fetched.");
    }

    /** @param reopened how many partitions must be listed again */
    UnlistedException(int reopened, RuntimeException cause) {
        super(
                "The cache has lost stored pages of " + reopened + " listed partitions, which must be listed again. "
                        + cause.getMessage(),
                cause);
    }

    /** Returns true: another listing may succeed. */
    @Override
    public boolean retryable() {
        return true;
    }
}
