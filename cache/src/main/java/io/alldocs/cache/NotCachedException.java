package io.alldocs.cache;

/** Mode {@link CacheMode#ONLY_IF_CACHED} found nothing stored. */
public final class NotCachedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    NotCachedException(String message) {
        super(message);
    }
}
