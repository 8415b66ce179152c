package io.alldocs.cache;

/**
 * Thrown when a body decodes to more bytes than the limit, as a decompression bomb does. A retry does not help; a
 * higher limit may.
 */
public final class BodyTooLargeException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    BodyTooLargeException(String message) {
        super(message);
    }

    static BodyTooLargeException decodingTo(long maxDecodedBytes) {
        return new BodyTooLargeException("The decoded body is larger than the limit of " + maxDecodedBytes
                + " bytes. If bodies of this size are expected, raise BODY_MAX_DECODED_BYTES or"
                + " maxDecodedBytes of the BodyReceiver.");
    }
}
