package io.alldocs.http;

import java.net.http.HttpTimeoutException;

/** No byte came for longer than {@link Timeouts#stall()}. A transport throws it. */
public final class StallTimeoutException extends HttpTimeoutException {

    private static final long serialVersionUID = 1L;

    /** @param message how long, and how many bytes had come before */
    public StallTimeoutException(String message) {
        super(message);
    }
}
