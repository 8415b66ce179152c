package io.alldocs.sync;

import org.jspecify.annotations.Nullable;

/**
 * Thrown when a list of names cannot be read, is empty, has lines that are not package names, or changed during a run.
 */
public final class NameListException extends SyncException {
    private static final long serialVersionUID = 1L;

    NameListException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
