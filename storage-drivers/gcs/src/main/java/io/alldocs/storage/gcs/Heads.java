package io.alldocs.storage.gcs;

import io.alldocs.cache.entry.EntryMetadata;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Stores heads as custom metadata of objects: one value with the head's JSON, in ASCII because downloads return it as a
 * header. Google allows <a href="https://cloud.google.com/storage/quotas#objects">8 KiB of custom metadata</a>, names
 * and values together.
 */
final class Heads {
    static final String NAME = "alldocs-head";

    /**
     * Identifies the conditional write that created the object. A writer whose response was lost uses it to recognize
     * its own object.
     */
    static final String WRITE = "alldocs-write";

    /** Prefix of custom metadata in the headers of a download. */
    static final String HEADER_PREFIX = "x-goog-meta-";

    private static final int MAX_BYTES =
            (8 << 10) - NAME.length() - WRITE.length() - "00000000-0000-0000-0000-000000000000".length();

    private Heads() {}

    /** Returns the head as a metadata value, or null if it is too large. */
    static @Nullable String value(EntryMetadata head) {
        String json = head.toAsciiJson();
        return json.length() > MAX_BYTES ? null : json;
    }

    /** Returns the complete metadata of an object. */
    static Map<String, String> metadata(@Nullable String head, @Nullable String write) {
        Map<String, String> metadata = new LinkedHashMap<>();
        if (head != null) {
            metadata.put(NAME, head);
        }
        if (write != null) {
            metadata.put(WRITE, write);
        }
        return metadata;
    }

    /** Returns the head stored in the metadata; empty if there is none. */
    static Optional<String> json(@Nullable Map<String, String> metadata) {
        return metadata == null ? Optional.empty() : Optional.ofNullable(metadata.get(NAME));
    }
}
