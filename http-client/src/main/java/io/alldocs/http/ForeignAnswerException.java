package io.alldocs.http;

import java.io.IOException;

/**
 * A {@link ReplyReader} throws it for an answer that is not the origin's: the page of a login or a filter, an empty
 * body. It says nothing about what was asked for. The cause of the {@link TemporaryException} that the caller gets.
 */
public final class ForeignAnswerException extends IOException {
    private static final long serialVersionUID = 1L;

    /** Makes one from a message that says what was received, such as {@code HTTP 404 and text/html}. */
    public ForeignAnswerException(String message) {
        super(message);
    }
}
