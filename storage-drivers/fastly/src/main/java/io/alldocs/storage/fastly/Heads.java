package io.alldocs.storage.fastly;

import io.alldocs.cache.entry.EntryMetadata;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Stores heads as metadata of items: the head's JSON, in ASCII because it is sent as a header. Fastly allows <a
 * href="https://www.fastly.com/documentation/reference/api/services/resources/kv-store-item">2,000 bytes of
 * metadata</a>. A conditional write adds the member {@code write} before the members of the head; readers of heads
 * ignore it. If the head is not in the metadata, {@code write} is the only member.
 */
final class Heads {
    private static final String WRITE = "{\"write\":\"";
    private static final String NIL = "00000000-0000-0000-0000-000000000000";
    private static final String LONE_WRITE = WRITE + NIL + "\"}";
    private static final int MAX_BYTES = 2000 - LONE_WRITE.length();

    private Heads() {}

    /** Returns the head in its metadata form, or null if it is too large. */
    static @Nullable String json(EntryMetadata head) {
        String json = head.toAsciiJson();
        return json.length() > MAX_BYTES ? null : json;
    }

    /**
     * Returns an item's metadata, or the empty string if there is none.
     *
     * @param json of the head; null if the head is stored before the body
     * @param write the name of a conditional write, of the length of a {@link java.util.UUID}; otherwise null
     */
    static String metadata(@Nullable String json, @Nullable String write) {
        if (write == null) {
            return json == null ? "" : json;
        }
        return WRITE + write + (json == null ? "\"}" : "\"," + json.substring(1));
    }

    /** Returns the head stored in the metadata; empty if there is none. */
    static Optional<String> json(Optional<String> metadata) {
        return metadata.filter(text -> !text.isBlank()
                && !(text.length() == LONE_WRITE.length() && text.startsWith(WRITE) && text.endsWith("\"}")));
    }

    /** Returns whether the write with this name stored the item. */
    static boolean isOf(String write, Optional<String> metadata) {
        return metadata.filter(text -> text.startsWith(WRITE + write + "\"")).isPresent();
    }
}
