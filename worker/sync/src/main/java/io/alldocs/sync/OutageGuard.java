package io.alldocs.sync;

import io.alldocs.OperationInterruptedException;
import io.alldocs.http.AuthException;
import io.alldocs.packument.NotARegistryException;

/**
 * Distinguishes a registry that refuses requests or is unavailable from names that fail. It ends the run in the first
 * case before every name has failed. Safe for concurrent use.
 */
final class OutageGuard {
    private final int limit;
    private int failuresInARow;

    /** @param limit number of consecutive failures that ends a run */
    OutageGuard(int limit) {
        this.limit = limit;
    }

    synchronized void succeeded() {
        failuresInARow = 0;
    }

    /**
     * Counts one failure.
     *
     * @throws RuntimeException {@code failure} itself if it ends the run
     */
    synchronized void failed(RuntimeException failure) {
        failuresInARow++;
        boolean refused = failure instanceof AuthException || failure instanceof NotARegistryException;
        if (refused || failure instanceof OperationInterruptedException || failuresInARow >= limit) {
            throw failure;
        }
    }
}
