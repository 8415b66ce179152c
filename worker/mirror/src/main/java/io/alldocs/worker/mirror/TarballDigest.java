package io.alldocs.worker.mirror;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The digest of a tarball in its packument. The strongest algorithm of {@code dist.integrity} applies, and one of its
 * values must match (<a href="https://www.w3.org/TR/SRI/">Subresource Integrity</a>, as npm's ssri reads it). Without
 * {@code dist.integrity}, it is the SHA-1 of {@code dist.shasum}. Not thread-safe; for one body.
 */
final class TarballDigest {
    /** Strongest first. */
    private static final List<String> ALGORITHMS = List.of("sha512", "sha384", "sha256", "sha1");

    private static final Map<String, String> NAMES =
            Map.of("sha512", "SHA-512", "sha384", "SHA-384", "sha256", "SHA-256", "sha1", "SHA-1");

    private final MessageDigest digest;
    private final List<byte[]> expected;

    private TarballDigest(String algorithm, List<byte[]> expected) {
        try {
            this.digest = MessageDigest.getInstance(NAMES.getOrDefault(algorithm, algorithm));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every JDK has " + algorithm, e);
        }
        this.expected = expected;
    }

    /** Returns the digest to check; empty if the packument contains none that can be checked. */
    static Optional<TarballDigest> of(@Nullable String integrity, @Nullable String shasum) {
        for (String algorithm : ALGORITHMS) {
            List<byte[]> values = values(integrity == null ? "" : integrity, algorithm);
            if (!values.isEmpty()) {
                return Optional.of(new TarballDigest(algorithm, values));
            }
        }
        return shasum != null && shasum.matches("[0-9a-fA-F]{40}")
                ? Optional.of(new TarballDigest("sha1", List.of(HexFormat.of().parseHex(shasum))))
                : Optional.empty();
    }

    private static List<byte[]> values(String integrity, String algorithm) {
        List<byte[]> values = new ArrayList<>();
        for (String hash : integrity.trim().split("\\s+", -1)) {
            if (hash.startsWith(algorithm + '-')) {
                int end = hash.indexOf('?') < 0 ? hash.length() : hash.indexOf('?');
                try {
                    values.add(Base64.getDecoder().decode(hash.substring(algorithm.length() + 1, end)));
                } catch (IllegalArgumentException e) {
                    values.add(new byte[0]); // matches nothing
                }
            }
        }
        return values;
    }

    void update(byte[] bytes, int offset, int length) {
        digest.update(bytes, offset, length);
    }

    /** Returns whether the bytes so far match the digest. Call this once. */
    boolean matches() {
        byte[] found = digest.digest();
        return expected.stream().anyMatch(value -> MessageDigest.isEqual(value, found));
    }
}
