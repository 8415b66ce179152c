package io.alldocs.storage.s3;

import io.alldocs.cache.body.Body;
import io.alldocs.cache.entry.EntryMetadata;
import io.alldocs.cache.spi.StorageException;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import software.amazon.awssdk.services.s3.model.CopyObjectRequest;
import software.amazon.awssdk.services.s3.model.CopyObjectResponse;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.MetadataDirective;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;
import software.amazon.awssdk.services.s3.model.PutObjectResponse;
import software.amazon.awssdk.services.s3.model.S3Exception;

/** Stores entries and their heads as objects of a bucket. */
final class ObjectWriter {
    /**
     * Maximum number of attempts after write conflicts. The documentation of S3 requires clients to retry after a
     * conflict, but specifies no number.
     */
    private static final int CONFLICTS = 5;

    private final Bucket bucket;
    private final ObjectReader reader;

    ObjectWriter(Bucket bucket, ObjectReader reader) {
        this.bucket = bucket;
        this.reader = reader;
    }

    void put(String key, EntryMetadata head, Body body) {
        store(key, head, body, request -> {});
    }

    boolean putIfAbsent(String key, EntryMetadata head, Body body) {
        for (int conflicts = 0; ; conflicts++) {
            try {
                store(key, head, body, request -> request.ifNoneMatch("*"));
                return true;
            } catch (StorageException e) {
                if (e.getCause() instanceof S3Exception answer && answer.statusCode() == 412) {
                    return wasSentBefore(answer)
                            && reader.head(key).filter(head::equals).isPresent();
                }
                if (status(e) != 409 || conflicts == CONFLICTS) {
                    throw e;
                }
            }
        }
    }

    private static int status(StorageException e) {
        return e.getCause() instanceof S3Exception answer ? answer.statusCode() : 0;
    }

    private static boolean wasSentBefore(S3Exception answer) {
        Integer attempts = answer.numAttempts();
        return attempts == null || attempts > 1;
    }

    private void store(String key, EntryMetadata head, Body body, Consumer<PutObjectRequest.Builder> condition) {
        String name = bucket.support().nameOf(key, head, body);
        bucket.support().requireOpen();
        Upload upload;
        try {
            upload = Upload.of(head, body);
        } catch (IOException e) {
            throw bucket.support().unreadableBody("store", key, e);
        }
        PutObjectResponse answer = bucket.attempt("store", key, () -> {
            PutObjectRequest.Builder request = upload.describe(
                    PutObjectRequest.builder().bucket(bucket.name()).key(name));
            condition.accept(request);
            return bucket.client().putObject(request.build(), upload.content());
        });
        new Responses(bucket.support(), "store", key).require(answer.eTag() != null, "an ETag", answer);
    }

    /**
     * Copies the object onto itself within the store, with the new head. Reads the object again if it changes
     * meanwhile.
     *
     * @return whether the head was stored, or empty if that takes writing the body again
     */
    Optional<Boolean> putHead(String key, EntryMetadata head) {
        Map<String, String> metadata = Heads.metadata(head);
        for (int conflicts = 0; ; conflicts++) {
            Optional<HeadObjectResponse> found = bucket.look("store the head of", key);
            if (found.isEmpty()) {
                return Optional.of(false);
            }
            Optional<String> stored = Heads.json(found.get().metadata());
            if (metadata == null || stored.isEmpty()) {
                return Optional.empty();
            }
            if (!bucket.support().head(key, stored.get()).isOfSameBody(head)) {
                return Optional.of(false);
            }
            try {
                return Optional.of(replaceMetadata(key, head, metadata, found.get()));
            } catch (StorageException e) {
                if ((status(e) != 412 && status(e) != 409) || conflicts == CONFLICTS) {
                    throw e;
                }
            }
        }
    }

    private boolean replaceMetadata(
            String key, EntryMetadata head, Map<String, String> metadata, HeadObjectResponse found) {
        String name = bucket.support().nameOf(key);
        CopyObjectRequest request = CopyObjectRequest.builder()
                .sourceBucket(bucket.name())
                .sourceKey(name)
                .destinationBucket(bucket.name())
                .destinationKey(name)
                .copySourceIfMatch(found.eTag())
                .metadataDirective(MetadataDirective.REPLACE)
                .metadata(metadata)
                .contentType(Upload.contentType(head))
                .contentEncoding(head.encoding())
                .build();
        Optional<CopyObjectResponse> answer = bucket.attemptOnObject(
                "store the head of", key, () -> bucket.client().copyObject(request));
        answer.ifPresent(copied -> new Responses(bucket.support(), "store the head of", key)
                .require(
                        copied.copyObjectResult() != null
                                && copied.copyObjectResult().eTag() != null,
                        "an ETag",
                        copied));
        return answer.isPresent();
    }
}
