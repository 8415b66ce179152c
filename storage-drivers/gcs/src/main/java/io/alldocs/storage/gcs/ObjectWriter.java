package io.alldocs.storage.gcs;

import com.google.cloud.BaseServiceException;
import com.google.cloud.storage.Blob;
import com.google.cloud.storage.BlobId;
import com.google.cloud.storage.Storage.BlobTargetOption;
import io.alldocs.cache.body.Body;
import io.alldocs.cache.entry.EntryMetadata;
import io.alldocs.cache.spi.StorageException;
import io.alldocs.storage.gcs.ObjectReader.Version;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Stores entries and their heads as objects of a bucket. */
final class ObjectWriter {
    /** Maximum number of times a head is stored again because its object was replaced meanwhile. */
    private static final int CONFLICTS = 5;

    private static final int NOT_FOUND = 404;
    private static final int PRECONDITION_FAILED = 412;

    private final Bucket bucket;
    private final ObjectReader reader;

    ObjectWriter(Bucket bucket, ObjectReader reader) {
        this.bucket = bucket;
        this.reader = reader;
    }

    void put(String key, EntryMetadata head, Body body) {
        store(key, head, body, null, null);
    }

    boolean putIfAbsent(String key, EntryMetadata head, Body body) {
        String write = UUID.randomUUID().toString();
        try {
            store(key, head, body, 0L, write);
            return true;
        } catch (StorageException e) {
            if (status(e) != PRECONDITION_FAILED) {
                throw e;
            }
            return bucket.look("store", key)
                    .map(Blob::getMetadata)
                    .filter(metadata -> write.equals(metadata.get(Heads.WRITE)))
                    .isPresent();
        }
    }

    private static int status(StorageException e) {
        return e.getCause() instanceof BaseServiceException answer ? answer.getCode() : 0;
    }

    private void store(String key, EntryMetadata head, Body body, @Nullable Long generation, @Nullable String write) {
        BlobId id = BlobId.of(bucket.name(), bucket.support().nameOf(key, head, body));
        bucket.support().requireOpen();
        Upload upload;
        try {
            upload = Upload.of(id, head, body, write);
        } catch (IOException e) {
            throw bucket.support().unreadableBody("store", key, e);
        }
        bucket.attempt("store", key, () -> {
            upload.send(bucket.client(), generation)
                    .ifPresent(object -> bucket.requireGeneration(object, "store", key));
            return upload;
        });
        bucket.seen();
    }

    boolean putHead(String key, EntryMetadata head) {
        String value = Heads.value(head);
        for (int conflicts = 0; ; conflicts++) {
            try {
                Optional<Blob> found = bucket.look("store the head of", key);
                if (found.isEmpty()) {
                    return false;
                }
                Optional<String> stored = Heads.json(found.get().getMetadata());
                if (value == null || stored.isEmpty()) {
                    return rewrite(key, head);
                }
                if (!bucket.support().head(key, stored.get()).isOfSameBody(head)) {
                    return false;
                }
                if (replaceMetadata(key, head, value, found.get())) {
                    return true;
                }
                if (conflicts == CONFLICTS) {
                    throw bucket.support()
                            .foreignResponse("store the head of", key, "a success without a description", null);
                }
            } catch (StorageException e) {
                boolean changed = status(e) == PRECONDITION_FAILED || status(e) == NOT_FOUND;
                if (!changed || conflicts == CONFLICTS) {
                    throw e;
                }
            }
        }
    }

    /** Returns false if the response does not describe the object; then a look decides what was stored. */
    private boolean replaceMetadata(String key, EntryMetadata head, String value, Blob found) {
        Map<String, String> metadata = new HashMap<>(Objects.requireNonNullElse(found.getMetadata(), Map.of()));
        metadata.put(Heads.NAME, value);
        var changed = found.toBuilder()
                .setMetadata(metadata)
                .setContentType(Upload.contentType(head))
                .build();
        Optional<Blob> updated = bucket.attempt(
                "store the head of",
                key,
                () -> Optional.ofNullable(bucket.client()
                        .update(changed, BlobTargetOption.generationMatch(), BlobTargetOption.metagenerationMatch())));
        updated.ifPresent(object -> bucket.requireGeneration(object, "store the head of", key));
        return updated.isPresent();
    }

    /** Writes the body again with another head before it. */
    private boolean rewrite(String key, EntryMetadata head) {
        Optional<Version> stored = reader.get(key);
        if (stored.isEmpty()) {
            return false;
        }
        try (Body body = stored.get().entry().body()) {
            if (!stored.get().entry().head().isOfSameBody(head)) {
                return false;
            }
            store(key, head, body, stored.get().generation(), null);
        }
        return true;
    }
}
