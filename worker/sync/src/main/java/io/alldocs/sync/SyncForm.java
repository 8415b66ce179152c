package io.alldocs.sync;

import io.alldocs.cache.CacheKey;
import java.net.URI;
import java.util.Locale;

/** What is fetched for each name. */
public enum SyncForm {
    /** Nothing: only the names are listed. */
    NAMES,
    /** The whole packument. */
    FULL,
    /** The abbreviated packument, which installers use. */
    ABBREVIATED;

    /** Returns the form in lower case, as reports and checkpoints have it. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Returns the cache key of {@code name} in this form. */
    CacheKey key(URI registry, String name) {
        return this == ABBREVIATED ? CacheKey.abbreviated(registry, name) : CacheKey.packument(registry, name);
    }
}
