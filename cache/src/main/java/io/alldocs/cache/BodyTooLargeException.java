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
        return new BodyTooLargeException("The body decodes to more than " + maxDecodedBytes
                + " bytes; if that is expected, raise BODY_MAX_DECODED_BYTES or the receiver's cap.");
    }
}
