package io.alldocs.cache;

/**
 * A value is larger than the store takes ({@link io.alldocs.cache.spi.StorageCapabilities#maxValueBytes}); nothing was sent. Asking again will not
 * help; another store may take it.
 */
public final class ValueTooLargeException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    /**
     * For drivers.
     *
     * @param message names the key, the size and the limit
     */
    public ValueTooLargeException(String message) {
        super(message);
    }
}
