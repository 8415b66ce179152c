package io.alldocs.cache.spi;

/**
 * Thrown when a value is larger than the store allows ({@link io.alldocs.cache.spi.StorageCapabilities#maxValueBytes});
 * nothing was sent. A retry does not help, but another store may accept the value.
 */
public final class ValueTooLargeException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    /**
     * Creates an exception. Called by drivers.
     *
     * @param message contains the key, the size and the limit
     */
    public ValueTooLargeException(String message) {
        super(message);
    }
}
