package io.alldocs.cache;

/** A body that decodes to more than the cap: perhaps a bomb. Asking again will not help; raising the cap may. */
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
