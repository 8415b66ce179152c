package io.alldocs.http;

import java.io.IOException;

/**
 * A {@link ReplyReader} throws it for a body in a content coding that it cannot decode: to ask again at once would
 * bring the same.
 */
public final class UnknownCodingException extends IOException {
    private static final long serialVersionUID = 1L;

    /** Makes one from a message that says what was received, such as {@code Content-Encoding: br}. */
    public UnknownCodingException(String message) {
        super(message);
    }
}
