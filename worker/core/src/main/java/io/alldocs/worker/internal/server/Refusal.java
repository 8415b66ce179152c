package io.alldocs.worker.internal.server;

import java.util.Map;

/** Signals an error response. */
public final class Refusal extends RuntimeException {
    private static final long serialVersionUID = 1L;
    public final int status;
    public final transient Map<String, String> headers;
    public final String message;

    public Refusal(int status, String message) {
        this(status, Map.of(), message);
    }

    public Refusal(int status, Map<String, String> headers, String message) {
        super(message, null, false, false);
        this.status = status;
        this.headers = headers;
        this.message = message;
    }
}
