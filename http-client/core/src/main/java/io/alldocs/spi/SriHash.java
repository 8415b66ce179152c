package io.alldocs.spi;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.StringTokenizer;

/**
 * One hash of a string of <a href="https://www.w3.org/TR/SRI/">Subresource Integrity</a>. Such a string contains hashes
 * separated by white space. The strongest algorithm applies, and content is accepted if it has one of its hashes.
 *
 * @param algorithm algorithm of the hash
 * @param hex the digest in lower-case hex
 */
public record SriHash(Algorithm algorithm, String hex) {

    /** Hash algorithms, weakest first. MD5 and SHA-1 occur in caches of npm. */
    public enum Algorithm {
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

        /** Returns the name in a string, such as {@code sha256}. */
        public String label() {
            return switch (this) {
                case MD5 -> "md5";
                case SHA1 -> "sha1";
                case SHA256 -> "sha256";
                case SHA384 -> "sha384";
                case SHA512 -> "sha512";
            };
        }

        /** Returns the algorithm with this name; empty if it is unknown. */
        public static Optional<Algorithm> of(String label) {
            for (Algorithm algorithm : values()) {
                if (algorithm.label().equals(label)) {
                    return Optional.of(algorithm);
                }
            }
            return Optional.empty();
        }

        /** Returns a new digest. */
        public MessageDigest newDigest() {
            try {
                return MessageDigest.getInstance(javaName);
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException("This Java runtime has no " + javaName, e);
            }
        }
    }

    private static final HexFormat HEX = HexFormat.of();

    /** Returns the hash with this digest. */
    public static SriHash of(Algorithm algorithm, byte[] digest) {
        return new SriHash(algorithm, HEX.formatHex(digest));
    }

    /** Parses a digest in lower-case hexadecimal; empty if {@code hex} is not one of this algorithm. */
    public static Optional<SriHash> ofHex(Algorithm algorithm, String hex) {
        boolean valid = hex.length() == 2 * algorithm.digestBytes
                && hex.chars().allMatch(c -> (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'));
        return valid ? Optional.of(new SriHash(algorithm, hex)) : Optional.empty();
    }

    /**
     * Returns the hashes of {@code sri} that can be checked. Ignores options after a {@code ?} and unknown algorithms,
     * as the standard requires.
     */
    public static List<SriHash> parse(String sri) {
        List<SriHash> hashes = new ArrayList<>(1);
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

    private static Optional<SriHash> decode(Algorithm algorithm, String base64) {
        try {
            byte[] digest = Base64.getDecoder().decode(base64);
            return digest.length == algorithm.digestBytes ? Optional.of(of(algorithm, digest)) : Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** Returns the first hash of the strongest algorithm; empty if there is none that can be checked. */
    public static Optional<SriHash> strongest(String sri) {
        SriHash best = null;
        for (SriHash hash : parse(sri)) {
            if (best == null || hash.algorithm.compareTo(best.algorithm) > 0) {
                best = hash;
            }
        }
        return Optional.ofNullable(best);
    }

    /**
     * Returns the strongest algorithm that {@code sri} names, even if none of its hashes is valid; empty if it names no
     * known one. To accept a weaker algorithm instead would let a damaged string weaken the check.
     */
    public static Optional<Algorithm> strongestAlgorithm(String sri) {
        Algorithm best = null;
        for (StringTokenizer parts = new StringTokenizer(sri); parts.hasMoreTokens(); ) {
            String part = parts.nextToken();
            Algorithm algorithm = Algorithm.of(part.substring(0, Math.max(0, part.indexOf('-'))))
                    .orElse(null);
            if (algorithm != null && (best == null || algorithm.compareTo(best) > 0)) {
                best = algorithm;
            }
        }
        return Optional.ofNullable(best);
    }

    /** Returns whether {@code digest} is that of this hash. */
    public boolean matches(byte[] digest) {
        return MessageDigest.isEqual(HEX.parseHex(hex), digest);
    }

    /** Returns this hash as a string. */
    public String sri() {
        return algorithm.label() + "-" + Base64.getEncoder().encodeToString(HEX.parseHex(hex));
    }

    /** Returns the first eight bytes of the digest. */
    public long fingerprint() {
        return HexFormat.fromHexDigitsToLong(hex, 0, 16);
    }

    /** Returns the first byte of the digest. */
    public int firstByte() {
        return HexFormat.fromHexDigits(hex, 0, 2);
    }
}
