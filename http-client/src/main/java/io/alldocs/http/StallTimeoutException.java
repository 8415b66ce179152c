package io.alldocs.http;

import java.net.http.HttpTimeoutException;

/** No byte came for longer than {@link Timeouts#stall()}. */
final class StallTimeoutException extends HttpTimeoutException {

    private static final long serialVersionUID = 1L;

    StallTimeoutException(String message) {
        super(message);
    }
}
