package io.alldocs.cache;

import io.alldocs.cache.body.Body;
import io.alldocs.cache.entry.EntryFormat;
import io.alldocs.cache.entry.EntryMetadata;

/**
 * A verified value read from a store.
 *
 * @param format format in which the value is stored
 */
record Stored(EntryMetadata head, Body body, EntryFormat format) {}
