package io.alldocs.cache.spi;

import io.alldocs.cache.Body;
import io.alldocs.cache.EntryHead;

/** A stored value: its head and its bytes as stored. */
public record StoredEntry(EntryHead head, Body body) {}
