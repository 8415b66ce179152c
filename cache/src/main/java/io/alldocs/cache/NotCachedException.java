package io.alldocs.cache;

import io.alldocs.AllDocsException;

/** Thrown in mode {@link CacheMode#ONLY_IF_CACHED} when no entry is stored under the key. */
public final class NotCachedException extends AllDocsException {
    private static final long serialVersionUID = 1L;

    NotCachedException(String message) {
        super(message, null);
    }

    /** Returns false: only a request to the origin or another program can store the entry. */
    @Override
    public boolean retryable() {
        return false;
    }
}
