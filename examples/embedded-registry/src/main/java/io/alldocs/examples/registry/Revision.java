package io.alldocs.examples.registry;

import java.nio.charset.StandardCharsets;

/**
 * Revisions and entity tags. They are functions of the seed, the name and the number of changes, so none of them is
 * stored.
 */
final class Revision {
    /** An entity tag also depends on the form, because the full and the abbreviated body of one revision differ. */
    private static final long ETAG_SALT = 0x6a09e667f3bcc909L;

    private final long seed;

    Revision(long seed) {
        this.seed = seed;
    }

    /** Returns the initial generation of a name. Most names were published a few times. */
    int firstGeneration(byte[] name, int offset, int length) {
        long hash = Hashing.hash(seed, name, offset, length);
        return 1 + (int) (3 / (0.02 + Hashing.unit(hash)));
    }

    int firstGeneration(byte[] name) {
        return firstGeneration(name, 0, name.length);
    }

    /** Appends {@code generation-32 hex digits}, CouchDB's format. */
    void write(ByteWriter out, byte[] name, int offset, int length, int generation) {
        long hash = Hashing.hash(seed, name, offset, length);
        out.putNumber(generation).put((byte) '-');
        long high = Hashing.mix(hash + generation);
        out.putHex(high).putHex(Hashing.mix(high ^ hash));
    }

    String of(byte[] name, int generation) {
        ByteWriter out = new ByteWriter(44);
        write(out, name, 0, name.length, generation);
        return new String(out.toByteArray(), StandardCharsets.US_ASCII);
    }

    /**
     * Returns 32 hex digits in quotes. The strong entity tags of npm have this format, which is that of an MD5 digest.
     */
    String etag(byte[] name, int generation, NameState state, PackumentForm form) {
        long variant =
                seed ^ ETAG_SALT ^ state.name().hashCode() ^ ((long) form.name().hashCode() << 32);
        long hash = Hashing.hash(variant, name) + generation;
        long high = Hashing.mix(hash);
        ByteWriter out = new ByteWriter(34).put((byte) '"').putHex(high).putHex(Hashing.mix(high ^ hash));
        return new String(out.put((byte) '"').toByteArray(), StandardCharsets.US_ASCII);
    }
}
