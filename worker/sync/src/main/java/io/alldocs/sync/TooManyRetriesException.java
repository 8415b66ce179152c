package io.alldocs.sync;

import io.alldocs.AllDocsException;

/**
 * Thrown when too many changed names could not be fetched. The job follows the feed no further until some of them are
 * fetched.
 */
public final class TooManyRetriesException extends AllDocsException {
    private static final long serialVersionUID = 1L;

    TooManyRetriesException(int most) {
        super("More than " + most
                + " changed names could not be fetched: the registry is behind its feed, or refuses the"
                + " requests. Retry later.");
    }

    /** Returns true: the registry may catch up. */
    @Override
    public boolean retryable() {
        return true;
    }
}
