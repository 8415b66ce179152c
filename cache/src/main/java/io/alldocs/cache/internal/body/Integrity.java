package io.alldocs.cache.internal.body;

import io.alldocs.cache.internal.key.Utf8;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Digests in the notation of Subresource Integrity (W3C): {@code algorithm-base64}. Several are separated by white
 * space, and the strongest applies. This project writes sha256; npm's cacache writes sha512.
 */
public final class Integrity {
    /** Algorithms from strong to weak. Old caches of cacache still contain sha1. */
    private static final List<String> ALGORITHMS = List.of("sha512", "sha384", "sha256", "sha1");

    private static final Pattern WHITE_SPACE = Pattern.compile("\\s+");
    private static final MessageDigest SHA256 = digest("SHA-256");

    private final MessageDigest digest;
    private final byte @Nullable [] expected;

    private Integrity(MessageDigest digest, byte @Nullable [] expected) {
        this.digest = digest;
        this.expected = expected;
    }

    /** Returns a new SHA-256 digest. */
    public static MessageDigest sha256() {
        try {
            return (MessageDigest) SHA256.clone();
        } catch (CloneNotSupportedException e) {
            return digest("SHA-256");
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
        List<String> parts = WHITE_SPACE.splitAsStream(sri).toList();
        for (String algorithm : ALGORITHMS) {
            for (String part : parts) {
                if (part.startsWith(algorithm + "-")) {
                    return of(algorithm, part.substring(algorithm.length() + 1));
                }
            }
        }
        throw new IllegalArgumentException(
                "cannot check " + Utf8.quote(sri) + ": the supported digest algorithms are " + ALGORITHMS);
    }

    private static Integrity of(String algorithm, String base64) {
        int options = base64.indexOf('?');
        try {
            byte[] expected = Base64.getDecoder().decode(options < 0 ? base64 : base64.substring(0, options));
            MessageDigest digest = algorithm.equals("sha256") ? sha256() : digest(algorithm.replace("sha", "SHA-"));
            return new Integrity(digest, expected);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "cannot check a digest that is not base64-encoded: " + Utf8.quote(base64), e);
        }
    }

    /** Returns an instance for values without a recorded digest, of which only the size is compared. */
    public static Integrity ofAnything() {
        return new Integrity(sha256(), null);
    }

    /** Returns whether a range of {@code bytes} has this digest. */
    public boolean matches(byte[] bytes, int offset, int length) {
        digest.update(bytes, offset, length);
        return digestMatches();
    }

    private boolean digestMatches() {
        return expected == null || MessageDigest.isEqual(expected, digest.digest());
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

    private static MessageDigest digest(String algorithm) {
        try {
            return MessageDigest.getInstance(algorithm);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("This Java runtime has no " + algorithm, e);
        }
    }
}
