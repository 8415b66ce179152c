package io.alldocs.partition;

import io.alldocs.AllDocsException;

/**
 * Thrown when the origin's sequence is before the stored one. The feed was reset, as npm's was in 2015, 2016, 2019,
 * 2021 and 2025, and does not contain the changes made since. Walk {@code _all_docs} again and compare revisions;
 * stored data need not be deleted.
 */
public final class SequenceResetException extends AllDocsException {
    private static final long serialVersionUID = 1L;

    private final transient Sequence stored;
    private final transient Sequence current;

    SequenceResetException(String origin, Sequence stored, Sequence current) {
        super("The changes feed of " + origin + " began a new epoch: its sequence is " + current + ", below the"
                + " sequence " + stored + " that was reached before. Walk _all_docs again and compare revisions;"
                + " keep what is stored.");
        this.stored = stored;
        this.current = current;
    }

    /** Returns the position from which the feed was requested. */
    public Sequence stored() {
        return stored;
    }

    /** Returns the origin's current position. */
    public Sequence current() {
        return current;
    }

    /** Returns false: names must be listed again first. */
    @Override
    public boolean retryable() {
        return false;
    }
}
