package io.alldocs.sync;

import io.alldocs.AllDocsException;
import org.jspecify.annotations.Nullable;

/** The root of the exceptions of jobs that cannot run as they are configured. */
public abstract class SyncException extends AllDocsException {
    private static final long serialVersionUID = 1L;

    SyncException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    /** Returns false, except for {@link JobInUseException}: the configuration must be corrected first. */
    @Override
    public boolean retryable() {
        return false;
    }
}
