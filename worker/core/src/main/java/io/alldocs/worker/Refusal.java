package io.alldocs.worker;

import java.util.Map;

/** Signals an error response. */
final class Refusal extends RuntimeException {
    private static final long serialVersionUID = 1L;
    final int status;
    final transient Map<String, String> headers;
    final String message;

    Refusal(int status, String message) {
        this(status, Map.of(), message);
    }

    Refusal(int status, Map<String, String> headers, String message) {
        super(message, null, false, false);
        this.status = status;
        this.headers = headers;
        this.message = message;
    }
}
