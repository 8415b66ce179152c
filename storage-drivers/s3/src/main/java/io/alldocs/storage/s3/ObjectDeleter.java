package io.alldocs.storage.s3;

import io.alldocs.cache.spi.KeyNames;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import software.amazon.awssdk.services.s3.model.Delete;
import software.amazon.awssdk.services.s3.model.DeleteObjectsResponse;
import software.amazon.awssdk.services.s3.model.DeletedObject;
import software.amazon.awssdk.services.s3.model.ObjectIdentifier;

/** Deletes objects of a bucket, alone or many per request. */
final class ObjectDeleter {
    /** Maximum number of keys in DeleteObjects. */
    static final int MAX_BATCH = 1000;

    private static final int NO_CONTENT = 204;

    private final Bucket bucket;
    private final KeyNames names;

    ObjectDeleter(Bucket bucket, KeyNames names) {
        this.bucket = bucket;
        this.names = names;
    }

    void delete(String key) {
        String name = bucket.support().nameOf(key);
        bucket.attemptOnObject(
                        "delete",
                        key,
                        () -> bucket.client()
                                .deleteObject(
                                        request -> request.bucket(bucket.name()).key(name)))
                .ifPresent(answer -> new Responses(bucket.support(), "delete", key)
                        .require(answer.sdkHttpResponse().statusCode() == NO_CONTENT, "the status 204", answer));
    }

    void deleteAll(Collection<String> keys) {
        bucket.support().requireAll(keys);
        List<String> batch = new ArrayList<>();
        for (String key : new LinkedHashSet<>(keys)) {
            if (isXml(key)) {
                batch.add(key);
            } else {
                delete(key);
            }
        }
        for (int i = 0; i < batch.size(); i += MAX_BATCH) {
            deleteBatch(batch.subList(i, Math.min(batch.size(), i + MAX_BATCH)));
        }
    }

    /** Returns whether the object's name can be written in XML, which cannot represent two characters. */
    private static boolean isXml(String key) {
        return key.indexOf('\ufffe') < 0 && key.indexOf('\uffff') < 0;
    }

    /** Deletes keys in a batch, then deletes those that the response does not confirm one at a time. */
    private void deleteBatch(List<String> keys) {
        List<ObjectIdentifier> objects = keys.stream()
                .map(key -> ObjectIdentifier.builder().key(names.of(key)).build())
                .toList();
        String first = keys.get(0);
        DeleteObjectsResponse answer = bucket.attempt(
                "delete a batch that begins with",
                first,
                () -> bucket.client()
                        .deleteObjects(request -> request.bucket(bucket.name())
                                .delete(Delete.builder().objects(objects).build())));
        if (answer.hasErrors() && !answer.errors().isEmpty()) {
            var error = answer.errors().get(0);
            String key = names.key(String.valueOf(error.key())).orElse(first);
            throw Failures.of(bucket.support(), "delete", key, String.valueOf(error.code()), error.message());
        }
        Set<String> deleted =
                answer.deleted().stream().map(DeletedObject::key).collect(Collectors.toCollection(HashSet::new));
        keys.stream().filter(key -> !deleted.contains(names.of(key))).forEach(this::delete);
    }
}
