package io.alldocs.worker.mirror;

import io.alldocs.spi.SriHash;
import java.security.MessageDigest;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The digest of a tarball in its packument. The strongest algorithm of {@code dist.integrity} applies, and one of its
 * values must match (<a href="https://www.w3.org/TR/SRI/">Subresource Integrity</a>, as npm's ssri reads it). Without
 * {@code dist.integrity}, it is the SHA-1 of {@code dist.shasum}. Not thread-safe; for one body.
 */
final class TarballDigest {
    private final MessageDigest digest;
    private final List<SriHash> expected;

    private TarballDigest(SriHash.Algorithm algorithm, List<SriHash> expected) {
        this.digest = algorithm.newDigest();
        this.expected = expected;
    }

    /**
     * Returns the digest to check; empty if the packument contains none that can be checked. If no hash of the
     * strongest algorithm is valid, no tarball matches.
     */
    static Optional<TarballDigest> of(@Nullable String integrity, @Nullable String shasum) {
        Optional<SriHash.Algorithm> strongest = Optional.ofNullable(integrity)
                .flatMap(SriHash::strongestAlgorithm)
                .filter(algorithm -> algorithm != SriHash.Algorithm.MD5);
        if (strongest.isPresent()) {
            List<SriHash> hashes = SriHash.parse(String.valueOf(integrity)).stream()
                    .filter(hash -> hash.algorithm() == strongest.get())
                    .toList();
            return Optional.of(new TarballDigest(strongest.get(), hashes));
        }
        return Optional.ofNullable(shasum)
                .flatMap(hex -> SriHash.ofHex(SriHash.Algorithm.SHA1, hex.toLowerCase(Locale.ROOT)))
                .map(hash -> new TarballDigest(hash.algorithm(), List.of(hash)));
    }

    void update(byte[] bytes, int offset, int length) {
        digest.update(bytes, offset, length);
    }

    /** Returns whether the bytes so far match the digest. Call this once. */
    boolean matches() {
        byte[] found = digest.digest();
        return expected.stream().anyMatch(hash -> hash.matches(found));
    }
}
