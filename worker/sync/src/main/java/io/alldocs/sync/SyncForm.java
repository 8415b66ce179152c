package io.alldocs.sync;

import io.alldocs.cache.CacheKey;
import java.net.URI;
import java.util.Locale;

/** What is fetched for each name. */
public enum SyncForm {
    /** Nothing: the names are all. */
    NAMES,
    /** The whole packument. */
    FULL,
    /** What an installer needs of it. */
    ABBREVIATED;

    /** As it stands in reports and checkpoints. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Where the cache keeps this form of {@code name}. */
    CacheKey key(URI registry, String name) {
        return this == ABBREVIATED ? CacheKey.abbreviated(registry, name) : CacheKey.packument(registry, name);
    }
}
