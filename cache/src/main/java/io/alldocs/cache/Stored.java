package io.alldocs.cache;

/**
 * A verified value read from a store.
 *
 * @param format format in which the value is stored
 */
record Stored(EntryHead head, Body body, EntryFormat format) {}
