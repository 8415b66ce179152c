package io.alldocs.sync;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;

/**
 * A set of names with 8 bytes per name (35 MB for all of npm): 64 bits of their SHA-256. The probability that two of
 * 4.4 million names share a hash is below one in a million. Such a name is then requested, or not requested,
 * unnecessarily. Immutable after it has been read.
 */
final class NameHashes {
    private final long[] sorted;

    private NameHashes(long[] sorted) {
        this.sorted = sorted;
    }

    static NameHashes of(NameSource source) {
        long[] hashes = new long[1024];
        int count = 0;
        MessageDigest sha256 = sha256();
        try (NameSource.Rows rows = source.rows()) {
            while (rows.hasNext()) {
                if (count == hashes.length) {
                    hashes = Arrays.copyOf(hashes, count + count / 2);
                }
                hashes[count++] = hash(sha256, rows.next().id());
            }
        }
        long[] sorted = Arrays.copyOf(hashes, count);
        Arrays.sort(sorted);
        return new NameHashes(sorted);
    }

    boolean contains(String name) {
        return Arrays.binarySearch(sorted, hash(sha256(), name)) >= 0;
    }

    private static long hash(MessageDigest sha256, String name) {
        return ByteBuffer.wrap(sha256.digest(name.getBytes(StandardCharsets.UTF_8)))
                .getLong();
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java platform has SHA-256", e);
        }
    }
}
