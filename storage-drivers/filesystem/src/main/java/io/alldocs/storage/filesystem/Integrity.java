package io.alldocs.storage.filesystem;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.StringTokenizer;

/**
 * One hash of a Subresource Integrity string. cacache addresses content by the strongest hash of an entry's integrity.
 *
 * @param algorithm as SRI and cacache's folders name it: sha512, sha384, sha256, sha1 or md5
 * @param hex the digest in lower-case hex
 */
record Integrity(Algorithm algorithm, String hex) {

    /** Hash algorithms, weakest first. */
    enum Algorithm {
        MD5("MD5", 16),
        SHA1("SHA-1", 20),
        SHA256("SHA-256", 32),
        SHA384("SHA-384", 48),
        SHA512("SHA-512", 64);

        private final String javaName;
        private final int digestBytes;

        Algorithm(String javaName, int digestBytes) {
            this.javaName = javaName;
            this.digestBytes = digestBytes;
        }

        /** Returns the name used in an SRI string and for the folder below {@code content-v2}. */
        String label() {
            return switch (this) {
                case MD5 -> "md5";
                case SHA1 -> "sha1";
                case SHA256 -> "sha256";
                case SHA384 -> "sha384";
                case SHA512 -> "sha512";
            };
        }

        static Optional<Algorithm> of(String label) {
            for (Algorithm algorithm : values()) {
                if (algorithm.label().equals(label)) {
                    return Optional.of(algorithm);
                }
            }
            return Optional.empty();
        }

        MessageDigest newDigest() {
            try {
                return MessageDigest.getInstance(javaName);
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException("This Java runtime has no " + javaName, e);
            }
        }
    }

    private static final HexFormat HEX = HexFormat.of();

    static Integrity of(Algorithm algorithm, byte[] digest) {
        return new Integrity(algorithm, HEX.formatHex(digest));
    }

    /** Parses the complete name of a content file; empty if the name is not one. */
    static Optional<Integrity> ofFile(Algorithm algorithm, String hex) {
        boolean valid = hex.length() == 2 * algorithm.digestBytes
                && hex.chars().allMatch(c -> (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'));
        return valid ? Optional.of(new Integrity(algorithm, hex)) : Optional.empty();
    }

    /**
     * Returns the hashes of {@code sri} that can be checked. Ignores options after a {@code ?} and unknown algorithms,
     * as SRI requires.
     */
    static List<Integrity> parse(String sri) {
        List<Integrity> hashes = new ArrayList<>(1);
        for (StringTokenizer parts = new StringTokenizer(sri); parts.hasMoreTokens(); ) {
            String part = parts.nextToken();
            int dash = part.indexOf('-');
            if (dash > 0) {
                int end = part.indexOf('?', dash) < 0 ? part.length() : part.indexOf('?', dash);
                Algorithm.of(part.substring(0, dash))
                        .flatMap(algorithm -> decode(algorithm, part.substring(dash + 1, end)))
                        .ifPresent(hashes::add);
            }
        }
        return hashes;
    }

    private static Optional<Integrity> decode(Algorithm algorithm, String base64) {
        try {
            byte[] digest = Base64.getDecoder().decode(base64);
            return digest.length == algorithm.digestBytes ? Optional.of(of(algorithm, digest)) : Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** Returns the hash that addresses the content: the first one of the strongest algorithm. */
    static Optional<Integrity> strongest(String sri) {
        Integrity best = null;
        for (Integrity hash : parse(sri)) {
            if (best == null || hash.algorithm.compareTo(best.algorithm) > 0) {
                best = hash;
            }
        }
        return Optional.ofNullable(best);
    }

    /** Returns this hash as an SRI string. */
    String sri() {
        return algorithm.label() + "-" + Base64.getEncoder().encodeToString(HEX.parseHex(hex));
    }

    /** Returns the first eight bytes of the digest. */
    long fingerprint() {
        return HexFormat.fromHexDigitsToLong(hex, 0, 16);
    }

    /** Returns the first byte of the digest. */
    int firstByte() {
        return HexFormat.fromHexDigits(hex, 0, 2);
    }
}
