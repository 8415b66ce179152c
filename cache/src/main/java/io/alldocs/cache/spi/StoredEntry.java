package io.alldocs.cache.spi;

import io.alldocs.cache.Body;
import io.alldocs.cache.EntryHead;

/** A stored value: its metadata and its body as stored. */
public record StoredEntry(EntryHead head, Body body) {}
