package io.alldocs.cache;

/** The store cannot do this at all; see its {@link io.alldocs.cache.spi.StorageCapabilities}. */
public final class UnsupportedStorageOperationException extends StorageException {
    private static final long serialVersionUID = 1L;

    /** The message names driver, key and operation. */
    public UnsupportedStorageOperationException(String message) {
        super(message, false, null);
    }
}
