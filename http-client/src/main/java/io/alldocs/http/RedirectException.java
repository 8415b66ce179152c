package io.alldocs.http;

import java.io.IOException;

/**
 * Thrown when the redirects of an origin cannot be followed. They form a loop, are more than 10, or lead to an address
 * that is refused. The cause of the {@link PermanentException} that the caller receives. The message contains no
 * address.
 */
public final class RedirectException extends IOException {

    private static final long serialVersionUID = 1L;

    RedirectException(String message) {
        super(message);
    }
}
