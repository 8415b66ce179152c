package io.alldocs.storage.fastly;

import io.alldocs.cache.EntryHead;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Heads as metadata of items: the head's JSON, in ASCII because it travels as a header. Fastly keeps
 * <a href="https://www.fastly.com/documentation/reference/api/services/resources/kv-store-item">2,000 bytes of metadata</a>. A conditional write puts one more member
 * before the head's own, {@code write}, of which readers of heads know nothing; without a head it stands alone.
 */
final class Heads {
    private static final String WRITE = "{\"write\":\"";
    private static final String NIL = "00000000-0000-0000-0000-000000000000";
    private static final String LONE_WRITE = WRITE + NIL + "\"}";
    private static final int MAX_BYTES = 2000 - LONE_WRITE.length();

    private Heads() {}

    /** The head as metadata have it, null when it is too large for them. */
    static @Nullable String json(EntryHead head) {
        String json = head.toAsciiJson();
        return json.length() > MAX_BYTES ? null : json;
    }

    /**
     * An item's metadata, empty for none.
     *
     * @param json of the head; null when it stands before the body
     * @param write the name of a conditional write, as long as that of a {@link java.util.UUID}; else null
     */
    static String metadata(@Nullable String json, @Nullable String write) {
        if (write == null) {
            return json == null ? "" : json;
        }
        return WRITE + write + (json == null ? "\"}" : "\"," + json.substring(1));
    }

    /** The head as metadata have it, empty when they have none. */
    static Optional<String> json(Optional<String> metadata) {
        return metadata.filter(text -> !text.isBlank()
                && !(text.length() == LONE_WRITE.length() && text.startsWith(WRITE) && text.endsWith("\"}")));
    }

    /** Whether an item is what the write of this name stored. */
    static boolean isOf(String write, Optional<String> metadata) {
        return metadata.filter(text -> text.startsWith(WRITE + write + "\"")).isPresent();
    }
}
