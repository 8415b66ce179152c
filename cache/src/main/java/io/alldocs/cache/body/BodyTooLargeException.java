package io.alldocs.cache.body;

import io.alldocs.AllDocsException;

/**
 * Thrown when a body decodes to more bytes than the limit, as a decompression bomb does. A retry does not help; a
 * higher limit may.
 */
public final class BodyTooLargeException extends AllDocsException {
    private static final long serialVersionUID = 1L;

    BodyTooLargeException(String message) {
        super(message, null);
    }

    static BodyTooLargeException decodingTo(long maxDecodedBytes) {
        return new BodyTooLargeException("The decoded body is larger than the limit of " + maxDecodedBytes
                + " bytes. If bodies of this size are expected, raise BODY_MAX_DECODED_BYTES or"
                + " maxDecodedBytes of the BodyReceiver.");
    }

    /** Returns false: the body has the same size next time. */
    @Override
    public boolean retryable() {
        return false;
    }
}
