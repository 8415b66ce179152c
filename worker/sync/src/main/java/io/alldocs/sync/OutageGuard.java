package io.alldocs.sync;

import io.alldocs.http.AuthException;
import io.alldocs.http.CancelledException;
import io.alldocs.packument.NotARegistryException;

/**
 * Tells a registry that refuses or is away from names that fail: the former ends the run before it has failed every
 * name. Safe for concurrent use.
 */
final class OutageGuard {
    private final int limit;
    private int failuresInARow;

    /** @param limit failures without any success between them that end a run */
    OutageGuard(int limit) {
        this.limit = limit;
    }

    synchronized void succeeded() {
        failuresInARow = 0;
    }

    /**
     * Counts one failure.
     *
     * @throws RuntimeException {@code failure} itself when it ends the run
     */
    synchronized void failed(RuntimeException failure) {
        failuresInARow++;
        boolean refused = failure instanceof AuthException || failure instanceof NotARegistryException;
        if (refused || failure instanceof CancelledException || failuresInARow >= limit) {
            throw failure;
        }
    }
}
