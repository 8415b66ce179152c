package io.alldocs.storage.gcs;

import com.google.cloud.storage.Blob;
import io.alldocs.cache.body.Body;
import io.alldocs.cache.entry.EntryMetadata;
import io.alldocs.cache.entry.IntegrityException;
import io.alldocs.cache.spi.StoredEntry;
import io.alldocs.storage.gcs.Downloads.Download;
import java.nio.file.Path;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Optional;

/** Reads entries and their heads from the objects of a bucket. */
final class ObjectReader {
    /** Maximum number of times an object is read again because it was replaced during the read. */
    private static final int CONFLICTS = 5;

    private final Bucket bucket;
    private final Downloads downloads;

    /** @param spoolDirectory for bodies over 1 MiB */
    ObjectReader(Bucket bucket, Path spoolDirectory) {
        this.bucket = bucket;
        this.downloads = new Downloads(bucket.api(), spoolDirectory);
    }

    /** An entry and the generation of its object. */
    record Version(StoredEntry entry, long generation) {}

    Optional<Version> get(String key) {
        String name = bucket.support().nameOf(key);
        for (int changes = 0; changes <= CONFLICTS; changes++) {
            Optional<Download> download = bucket.attempt("read", key, () -> downloads.whole(bucket.name(), name));
            bucket.require(download.isPresent(), "read", key);
            if (download.isEmpty()) {
                return Optional.empty();
            }
            Optional<Version> version = version(key, download.get());
            if (version.isPresent()) {
                return version;
            }
        }
        throw bucket.support()
                .failure(
                        "read",
                        key,
                        "it was replaced during each of " + (CONFLICTS + 1)
                                + " attempts, or the responses have no generation; retry",
                        true,
                        null);
    }

    /** Returns the entry of a download; empty if the object was replaced before its metadata could be read. */
    private Optional<Version> version(String key, Download download) {
        Body bytes = download.bytes();
        long generation = download.generation();
        if (download.head() != null && generation != 0) {
            StoredEntry entry =
                    bucket.support().entry(key, Optional.of(download.head()), bytes, /* storedAt= */ Instant.EPOCH);
            return Optional.of(new Version(entry, generation));
        }
        Optional<Blob> found = look(key, bytes);
        if (found.isEmpty() || found.get().getGeneration() != generation) {
            bytes.close();
            return Optional.empty();
        }
        StoredEntry entry =
                bucket.support().entry(key, Heads.json(found.get().getMetadata()), bytes, updated(found.get()));
        return Optional.of(new Version(entry, generation));
    }

    private Optional<Blob> look(String key, Body bytes) {
        try {
            return bucket.look("read", key);
        } catch (RuntimeException e) {
            bytes.close();
            throw e;
        }
    }

    private static Instant updated(Blob object) {
        OffsetDateTime time = object.getUpdateTimeOffsetDateTime();
        return time == null ? Instant.EPOCH : time.toInstant();
    }

    Optional<EntryMetadata> head(String key) {
        return bucket.look("read the head of", key)
                .flatMap(object -> Heads.json(object.getMetadata())
                        .map(json -> bucket.support().head(key, json))
                        .or(() -> headBeforeBody(key, object)));
    }

    /** Reads a head that was too large for metadata, or derives one for an object that another program wrote. */
    private Optional<EntryMetadata> headBeforeBody(String key, Blob object) {
        try {
            return bucket.attempt(
                    "read the head of",
                    key,
                    () -> downloads.headBeforeBody(bucket.name(), object.getName(), object.getSize(), updated(object)));
        } catch (IntegrityException e) {
            throw bucket.support().damaged(key, e);
        }
    }
}
