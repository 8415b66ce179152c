package io.alldocs.http;

import java.net.URI;

/**
 * Decides whether a call may send a request to an address. The client calls it for the address of the call and for the
 * target of each redirect, before it sends anything there. Safe for concurrent use.
 */
@FunctionalInterface
public interface AddressCheck {

    /**
     * Returns if requests may be sent to {@code address}. Any exception that it throws ends the call and reaches the
     * caller unchanged.
     *
     * @param redirected whether a server named the address in a redirect
     */
    void check(URI address, boolean redirected);
}
