package io.alldocs.examples.registry;

/**
 * The only source of randomness. Everything that the registry generates is a function of its seed, so a run can be
 * repeated.
 */
final class Hashing {
    private Hashing() {}

    /** Returns the FNV-1a hash of the bytes, passed through {@link #mix}. */
    static long hash(long seed, byte[] bytes, int offset, int length) {
        long hash = 0xcbf29ce484222325L ^ seed;
        for (int i = offset; i < offset + length; i++) {
            hash = (hash ^ (bytes[i] & 0xff)) * 0x100000001b3L;
        }
        return mix(hash);
    }

    static long hash(long seed, byte[] bytes) {
        return hash(seed, bytes, 0, bytes.length);
    }

    /** Applies the finalizer of SplitMix64 (Steele, Lea and Flood 2014). Every input bit affects every output bit. */
    static long mix(long value) {
        long z = value + 0x9e3779b97f4a7c15L;
        z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
        z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
        return z ^ (z >>> 31);
    }

    /** Maps a hash to [0, 1). */
    static double unit(long hash) {
        return (hash >>> 11) * 0x1.0p-53;
    }
}
