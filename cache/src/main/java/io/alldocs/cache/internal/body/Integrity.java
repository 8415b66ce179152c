package io.alldocs.cache.internal.body;

import io.alldocs.cache.internal.key.Utf8;
import io.alldocs.spi.SriHash;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.List;

/**
 * Digests in the notation of Subresource Integrity (W3C): {@code algorithm-base64}. Several are separated by white
 * space; see {@link SriHash}. This project writes sha256; npm's cacache writes sha512.
 */
public final class Integrity {
    private static final MessageDigest SHA256 = SriHash.Algorithm.SHA256.newDigest();

    private final MessageDigest digest;
    private final List<SriHash> expected;

    private Integrity(MessageDigest digest, List<SriHash> expected) {
        this.digest = digest;
        this.expected = expected;
    }

    /** Returns a new SHA-256 digest. */
    public static MessageDigest sha256() {
        try {
            return (MessageDigest) SHA256.clone();
        } catch (CloneNotSupportedException e) {
            return SriHash.Algorithm.SHA256.newDigest();
        }
    }

    /** Returns the notation of a finished SHA-256 digest. */
    public static String sri(byte[] sha256) {
        return "sha256-" + Base64.getEncoder().encodeToString(sha256);
    }

    /** Returns the notation of the SHA-256 digest of a range of {@code bytes}. */
    public static String sriOf(byte[] bytes, int offset, int length) {
        MessageDigest digest = sha256();
        digest.update(bytes, offset, length);
        return sri(digest.digest());
    }

    /** Returns the notation of the SHA-256 digest of {@code bytes}. */
    public static String sriOf(byte[] bytes) {
        return sriOf(bytes, 0, bytes.length);
    }

    /**
     * Parses the notation.
     *
     * @throws IllegalArgumentException if {@code sri} contains no digest that can be checked
     */
    public static Integrity of(String sri) {
        SriHash.Algorithm strongest = SriHash.strongestAlgorithm(sri)
                .filter(algorithm -> algorithm != SriHash.Algorithm.MD5)
                .orElseThrow(() -> new IllegalArgumentException("cannot check " + Utf8.quote(sri)
                        + ": the supported digest algorithms are sha512, sha384, sha256 and sha1"));
        List<SriHash> expected = SriHash.parse(sri).stream()
                .filter(hash -> hash.algorithm() == strongest)
                .toList();
        if (expected.isEmpty()) {
            throw new IllegalArgumentException("cannot check a digest that is not the base64 form of "
                    + strongest.label() + ": " + Utf8.quote(sri));
        }
        return new Integrity(strongest == SriHash.Algorithm.SHA256 ? sha256() : strongest.newDigest(), expected);
    }

    /** Returns an instance for values without a recorded digest, of which only the size is compared. */
    public static Integrity ofAnything() {
        return new Integrity(sha256(), List.of());
    }

    /** Returns whether a range of {@code bytes} has this digest. */
    public boolean matches(byte[] bytes, int offset, int length) {
        digest.update(bytes, offset, length);
        return digestMatches();
    }

    private boolean digestMatches() {
        if (expected.isEmpty()) {
            return true;
        }
        byte[] found = digest.digest();
        return expected.stream().anyMatch(hash -> hash.matches(found));
    }

    /**
     * Reads all of {@code body} and does not close it.
     *
     * @param sizeBytes number of bytes that it must have
     * @return whether its size and digest are correct
     * @throws IOException if {@code body} cannot be read
     */
    public boolean matches(InputStream body, long sizeBytes) throws IOException {
        long size = 0;
        byte[] buffer = new byte[(int) Math.min(64 * 1024, Math.max(1, sizeBytes))];
        for (int count = body.read(buffer); count >= 0; count = body.read(buffer)) {
            digest.update(buffer, 0, count);
            size += count;
        }
        return size == sizeBytes && digestMatches();
    }
}
