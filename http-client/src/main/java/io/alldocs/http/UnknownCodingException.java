package io.alldocs.http;

import java.io.IOException;

/**
 * Thrown by a {@link ResponseReader} for a body in a content coding that it cannot decode. An immediate retry would
 * return the same coding.
 */
public final class UnknownCodingException extends IOException {
    private static final long serialVersionUID = 1L;

    /** Creates an exception whose message states what was received, such as {@code Content-Encoding: br}. */
    public UnknownCodingException(String message) {
        super(message);
    }
}
