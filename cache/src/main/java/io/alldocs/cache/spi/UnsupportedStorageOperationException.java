package io.alldocs.cache.spi;

/** Thrown when the store does not support an operation; see its {@link io.alldocs.cache.spi.StorageCapabilities}. */
public final class UnsupportedStorageOperationException extends StorageException {
    private static final long serialVersionUID = 1L;

    /**
     * Creates an exception.
     *
     * @param message contains the driver, the key and the operation
     */
    public UnsupportedStorageOperationException(String message) {
        super(message, false, null);
    }
}
