package io.alldocs.sync;

/** Too many changed names could not be fetched; the feed is followed no further until some of them were. */
public final class TooManyRetriesException extends IllegalStateException {
    private static final long serialVersionUID = 1L;

    TooManyRetriesException(int most) {
        super(
                "More than " + most
                        + " changed names could not be fetched: the registry does not keep up with its feed, or refuses us. Try again later.");
    }
}
