package io.alldocs.storage.s3;

import io.alldocs.cache.body.Body;
import io.alldocs.cache.entry.EntryMetadata;
import io.alldocs.cache.entry.IntegrityException;
import io.alldocs.cache.spi.StorageException;
import io.alldocs.cache.spi.StoredEntry;
import io.alldocs.cache.spi.StoredForm;
import io.alldocs.cache.spi.ValueReceiver;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.RetryableException;
import software.amazon.awssdk.http.AbortableInputStream;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;

/** Reads entries and their heads from the objects of a bucket. */
final class ObjectReader {
    private final Bucket bucket;
    private final ValueReceiver values;

    /** @param spoolDirectory for bodies over 1 MiB */
    ObjectReader(Bucket bucket, Path spoolDirectory) {
        this.bucket = bucket;
        this.values = new ValueReceiver(spoolDirectory);
    }

    /** A received object. */
    private record Download(GetObjectResponse answer, Body bytes) {}

    Optional<StoredEntry> get(String key) {
        String name = bucket.support().nameOf(key);
        Optional<Download> download = bucket.attemptOnObject(
                "read",
                key,
                () -> bucket.client()
                        .getObject(request -> request.bucket(bucket.name()).key(name), this::receive));
        return download.map(arrived -> entry(key, arrived));
    }

    private StoredEntry entry(String key, Download arrived) {
        GetObjectResponse answer = arrived.answer();
        try {
            new Responses(bucket.support(), "read", key).requireObject(answer.metadata(), answer.eTag(), answer);
        } catch (StorageException e) {
            arrived.bytes().close();
            throw e;
        }
        return bucket.support().entry(key, Heads.json(answer.metadata()), arrived.bytes(), time(answer.lastModified()));
    }

    /** Receives an object. Called for each attempt of the SDK. */
    private Download receive(GetObjectResponse answer, AbortableInputStream in) {
        try {
            Long length = answer.contentLength();
            OptionalLong declared = length == null ? OptionalLong.empty() : OptionalLong.of(length);
            return new Download(answer, values.receive(in, declared));
        } catch (IOException e) {
            throw RetryableException.create("The response body was incomplete: " + e.getMessage(), e);
        }
    }

    private static Instant time(@Nullable Instant lastModified) {
        return lastModified == null ? Instant.EPOCH : lastModified;
    }

    Optional<EntryMetadata> head(String key) {
        return bucket.look("read the head of", key)
                .flatMap(found -> Heads.json(found.metadata())
                        .map(json -> bucket.support().head(key, json))
                        .or(() -> headBeforeBody(key)));
    }

    /** Reads a head that was too large for metadata, or derives one for an object that another program wrote. */
    private Optional<EntryMetadata> headBeforeBody(String key) {
        String name = bucket.support().nameOf(key);
        try {
            return bucket.attemptOnObject(
                    "read the head of",
                    key,
                    () -> bucket.client()
                            .getObject(
                                    request -> request.bucket(bucket.name()).key(name), ObjectReader::headBeforeBody));
        } catch (IntegrityException e) {
            throw bucket.support().damaged(key, e);
        }
    }

    private static EntryMetadata headBeforeBody(GetObjectResponse answer, AbortableInputStream in) {
        long length = Objects.requireNonNullElse(answer.contentLength(), Long.MAX_VALUE);
        try {
            return StoredForm.head(in, length, time(answer.lastModified()));
        } catch (IOException e) {
            throw RetryableException.create("The response head was incomplete: " + e.getMessage(), e);
        } finally {
            // Do not read the body.
            in.abort();
        }
    }
}
