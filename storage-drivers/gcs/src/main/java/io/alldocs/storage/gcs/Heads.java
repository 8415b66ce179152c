package io.alldocs.storage.gcs;

import io.alldocs.cache.EntryHead;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Heads as custom metadata of objects: one value with the head's JSON, in ASCII because it comes back as a header of a download. Google keeps
 * <a href="https://cloud.google.com/storage/quotas#objects">8 KiB of custom metadata</a>, names and values together.
 */
final class Heads {
    static final String NAME = "alldocs-head";

    /** Of the write that made the object, when it was conditional: tells a writer whose answer was lost that the object is its own. */
    static final String WRITE = "alldocs-write";

    /** What custom metadata are called in the headers of a download. */
    static final String HEADER_PREFIX = "x-goog-meta-";

    private static final int MAX_BYTES =
            (8 << 10) - NAME.length() - WRITE.length() - "00000000-0000-0000-0000-000000000000".length();

    private Heads() {}

    /** The head as a value of metadata, null when it is too large for that. */
    static @Nullable String value(EntryHead head) {
        String json = head.toAsciiJson();
        return json.length() > MAX_BYTES ? null : json;
    }

    /** All of an object's metadata. */
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

    /** The head as metadata have it, empty for objects that have none. */
    static Optional<String> json(@Nullable Map<String, String> metadata) {
        return metadata == null ? Optional.empty() : Optional.ofNullable(metadata.get(NAME));
    }
}
