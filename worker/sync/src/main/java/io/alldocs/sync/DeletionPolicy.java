package io.alldocs.sync;

/** What becomes of a stored packument whose name the origin deleted. */
public enum DeletionPolicy {
    /** Nothing: it stays as it was stored, and nobody is asked. */
    KEEP,
    /** The registry is asked, and what it answers becomes the name's outcome; the last good packument stays beside it. */
    MARK,
    /** The registry is asked, and once it answers that it has the name no more, what is stored of it goes, in both forms. */
    DELETE
}
