package io.alldocs.packument;

/**
 * Many different names in a row were answered with 200 and something that is not JSON: a login page, a proxy's notice, a web site. Ends a run,
 * since every further name would be recorded as {@link Outcome#MALFORMED} for nothing. Check the registry's address, and what stands before it.
 */
public final class NotARegistryException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    NotARegistryException(String message) {
        super(message);
    }
}
