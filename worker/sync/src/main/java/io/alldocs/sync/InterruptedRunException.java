package io.alldocs.sync;

import org.jspecify.annotations.Nullable;

/** Thrown when the run was interrupted between requests; the thread's interrupt flag is set. */
final class InterruptedRunException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    InterruptedRunException(String message, @Nullable InterruptedException cause) {
        super(message, cause);
    }
}
