package io.alldocs.cache.spi;

import io.alldocs.cache.body.Body;
import io.alldocs.cache.entry.EntryMetadata;

/** A stored value: its metadata and its body as stored. */
public record StoredEntry(EntryMetadata head, Body body) {}
