package io.alldocs.cache;

/**
 * What was read from a store and found whole.
 *
 * @param format how it is stored
 */
record Stored(EntryHead head, Body body, EntryFormat format) {}
