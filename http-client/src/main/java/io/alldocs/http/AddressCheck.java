package io.alldocs.http;

import java.net.URI;

/**
 * Decides where a call may go: asked for its address and for that of each redirect, before anything is sent there. Safe
 * for concurrent use.
 */
@FunctionalInterface
public interface AddressCheck {

    /**
     * Returns if requests may be sent to {@code address}. Whatever it throws ends the call and reaches the caller as it
     * is.
     *
     * @param redirected whether a server named the address in a redirect
     */
    void check(URI address, boolean redirected);
}
