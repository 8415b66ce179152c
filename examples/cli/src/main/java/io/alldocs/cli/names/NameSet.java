package io.alldocs.cli.names;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * A set that detects duplicate names and needs 16 bytes per name. It stores the first 64 bits of each name's SHA-256.
 * Among five million names, the probability that any two have the same bits is below one in a million. Not thread-safe.
 */
final class NameSet {
    private static final int INITIAL_SLOTS = 1 << 10;

    private final MessageDigest sha256 = sha256();
    private long[] slots = new long[INITIAL_SLOTS];
    private int size;

    /** Adds {@code name}, and returns whether it is new. */
    boolean add(String name) {
        if (size * 2 >= slots.length) {
            grow();
        }
        long hash = ByteBuffer.wrap(sha256.digest(name.getBytes(StandardCharsets.UTF_8)))
                .getLong();
        boolean isNew = put(slots, hash == 0 ? 1 : hash); // 0 marks a free slot
        size += isNew ? 1 : 0;
        return isNew;
    }

    private void grow() {
        long[] larger = new long[slots.length * 2];
        for (long hash : slots) {
            if (hash != 0) {
                put(larger, hash);
            }
        }
        slots = larger;
    }

    private static boolean put(long[] slots, long hash) {
        int slot = (int) hash & (slots.length - 1);
        while (slots[slot] != 0) {
            if (slots[slot] == hash) {
                return false;
            }
            slot = (slot + 1) & (slots.length - 1);
        }
        slots[slot] = hash;
        return true;
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java platform has SHA-256", e);
        }
    }
}
