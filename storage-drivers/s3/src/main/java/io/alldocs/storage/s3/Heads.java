package io.alldocs.storage.s3;

import io.alldocs.cache.entry.EntryMetadata;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Stores heads as user metadata of objects: one header with the head's JSON in ASCII. S3 allows <a
 * href="https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html">2 KB of user metadata</a>, names and
 * values together.
 */
final class Heads {
    /** Name of the metadata entry, sent as the header {@code x-amz-meta-alldocs-head}. */
    static final String NAME = "alldocs-head";

    private static final int MAX_BYTES = 2048 - ("x-amz-meta-" + NAME).length();

    private Heads() {}

    /** Returns the metadata of an object, or null if the head is too large for it. */
    static @Nullable Map<String, String> metadata(EntryMetadata head) {
        String json = head.toAsciiJson();
        return json.length() > MAX_BYTES ? null : Map.of(NAME, json);
    }

    /** Returns the head stored in the metadata; empty if there is none. */
    static Optional<String> json(Map<String, String> metadata) {
        return Optional.ofNullable(metadata.get(NAME));
    }
}
