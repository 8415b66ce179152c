package io.alldocs.packument;

/**
 * Thrown when many different names in a row were answered with 200 and a body that is not JSON: a login page, a proxy's
 * notice, or a web site. It ends a run, because every further name would wrongly be recorded as
 * {@link Outcome#MALFORMED}. Check the registry's URL and any proxy in front of it.
 */
public final class NotARegistryException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    NotARegistryException(String message) {
        super(message);
    }
}
