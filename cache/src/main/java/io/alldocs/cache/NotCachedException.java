package io.alldocs.cache;

/** Thrown in mode {@link CacheMode#ONLY_IF_CACHED} when no entry is stored under the key. */
public final class NotCachedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    NotCachedException(String message) {
        super(message);
    }
}
