package io.alldocs.partition;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** An answer that arrived whole but does not say what it should; perhaps a passing fault of the origin, so it is worth another request. */
final class MalformedAnswerException extends IOException {
    private static final long serialVersionUID = 1L;

    MalformedAnswerException(String message) {
        this(message, null);
    }

    MalformedAnswerException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
