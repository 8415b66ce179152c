package io.alldocs.http;

import java.io.IOException;

/**
 * Thrown by a {@link ResponseReader} for a response that does not come from the origin: a login page, a filter page or
 * an empty body. Such a response contains no information about the requested resource. It is the cause of the
 * {@link TemporaryException} that the caller receives.
 */
public final class IntermediaryResponseException extends IOException {
    private static final long serialVersionUID = 1L;

    /** Creates an exception whose message states what was received, such as {@code HTTP 404 and text/html}. */
    public IntermediaryResponseException(String message) {
        super(message);
    }
}
