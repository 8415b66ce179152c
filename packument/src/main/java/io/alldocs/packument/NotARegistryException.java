package io.alldocs.packument;

import io.alldocs.AllDocsException;

/**
 * Thrown when the responses for many different names in a row had status 200 and a body that is not JSON. Such a body
 * may be a login page, a proxy's notice, or a page of a web site. It ends a run, because every further name would
 * wrongly be recorded as {@link Outcome#MALFORMED}. Check the registry's URL and any proxy in front of it.
 */
public final class NotARegistryException extends AllDocsException {

    private static final long serialVersionUID = 1L;

    NotARegistryException(String message) {
        super(message);
    }

    /** Returns false: the registry's URL or a proxy must be corrected first. */
    @Override
    public boolean retryable() {
        return false;
    }
}
