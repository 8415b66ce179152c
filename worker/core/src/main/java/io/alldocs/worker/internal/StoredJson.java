package io.alldocs.worker.internal;

import io.alldocs.cache.body.Body;
import io.alldocs.cache.entry.EntryMetadata;
import io.alldocs.cache.spi.StoredEntry;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.util.Base64;

/** Encodes JSON as a store's value, with a digest that detects damage. */
public final class StoredJson {
    private StoredJson() {}

    public static StoredEntry entry(byte[] json, Clock clock) {
        return new StoredEntry(EntryMetadata.bare(json.length, sha256(json), clock.instant()), Body.of(json));
    }

    private static String sha256(byte[] bytes) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(bytes);
            return "sha256-" + Base64.getEncoder().encodeToString(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java platform has SHA-256.", e);
        }
    }
}
