package io.alldocs.storage.cloudflare;

/** Thrown when the response reports an error. The message contains Cloudflare's error codes and texts. */
final class RefusedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int status;

    RefusedException(int status, String message) {
        super(message);
        this.status = status;
    }

    /** Returns the HTTP status of the response. */
    int status() {
        return status;
    }
}
