package io.alldocs.sync;

/**
 * Thrown when too many changed names could not be fetched. The job follows the feed no further until some of them are
 * fetched.
 */
public final class TooManyRetriesException extends IllegalStateException {
    private static final long serialVersionUID = 1L;

    TooManyRetriesException(int most) {
        super("More than " + most
                + " changed names could not be fetched: the registry is behind its feed, or refuses the"
                + " requests. Retry later.");
    }
}
