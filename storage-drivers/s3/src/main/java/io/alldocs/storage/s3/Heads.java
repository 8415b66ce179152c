package io.alldocs.storage.s3;

import io.alldocs.cache.EntryHead;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Heads as user metadata of objects: one header with the head's JSON, in ASCII. S3 keeps
 * <a href="https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html">2 KB of user metadata</a>, names and values together.
 */
final class Heads {
    /** The name that the header {@code x-amz-meta-alldocs-head} gives the value. */
    static final String NAME = "alldocs-head";

    private static final int MAX_BYTES = 2048 - ("x-amz-meta-" + NAME).length();

    private Heads() {}

    /** The metadata of an object, null when the head is too large for it. */
    static @Nullable Map<String, String> metadata(EntryHead head) {
        String json = head.toAsciiJson();
        return json.length() > MAX_BYTES ? null : Map.of(NAME, json);
    }

    /** The head as metadata has it, empty for objects that have none. */
    static Optional<String> json(Map<String, String> metadata) {
        return Optional.ofNullable(metadata.get(NAME));
    }
}
