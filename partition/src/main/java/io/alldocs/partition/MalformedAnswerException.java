package io.alldocs.partition;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Thrown when a complete response has invalid content. The fault of the origin may be temporary, so the request is
 * retried.
 */
final class MalformedAnswerException extends IOException {
    private static final long serialVersionUID = 1L;

    MalformedAnswerException(String message) {
        this(message, null);
    }

    MalformedAnswerException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
