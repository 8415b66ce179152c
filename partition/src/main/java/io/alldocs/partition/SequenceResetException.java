package io.alldocs.partition;

/**
 * The origin's sequence lies before the stored one: the feed began a new epoch, as npm's did in 2015, 2016, 2019, 2021 and 2025, and says nothing
 * of what changed meanwhile. Walk {@code _all_docs} again and compare revisions; nothing that is stored needs to go.
 */
public final class SequenceResetException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient Sequence stored;
    private final transient Sequence current;

    SequenceResetException(String origin, Sequence stored, Sequence current) {
        super("The feed of " + origin + " began a new epoch: its sequence is " + current + ", below " + stored
                + " that was reached before. Walk _all_docs again and compare revisions; keep what is stored.");
        this.stored = stored;
        this.current = current;
    }

    /** The position that was asked from. */
    public Sequence stored() {
        return stored;
    }

    /** The origin's position now. */
    public Sequence current() {
        return current;
    }
}
