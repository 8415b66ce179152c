package io.alldocs.http;

import java.net.http.HttpTimeoutException;

/** Thrown by a transport when no byte arrived for longer than {@link Timeouts#stall()}. */
public final class StallTimeoutException extends HttpTimeoutException {

    private static final long serialVersionUID = 1L;

    /** @param message the duration, and the number of bytes received before */
    public StallTimeoutException(String message) {
        super(message);
    }
}
