package io.alldocs.examples.registry;

import java.util.Map;
import java.util.NavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.ObjLongConsumer;

/**
 * The order in which documents changed. The initial order needs no memory. An affine permutation maps positions to
 * documents, and a stride maps positions to sequences. The sequences are sparse, like those of npm. Its last sequence
 * is 126,365,434 for 4,373,599 names, which is 29 per document. Later changes are in {@link #tail}.
 */
final class Feed {
    private static final int FIRST_STRIDE = 29;

    private final long seed;
    private final int live;
    private final int documents;
    private final long factor;
    private final int stride;
    private final NavigableMap<Long, byte[]> tail = new ConcurrentSkipListMap<>();
    private volatile long updateSeq;

    Feed(long seed, int live, int deleted) {
        this(seed, live, live + deleted, FIRST_STRIDE);
    }

    private Feed(long seed, int live, int documents, int stride) {
        this.seed = seed;
        this.live = live;
        this.documents = documents;
        this.stride = stride;
        this.factor = coprimeTo(documents);
        this.updateSeq = documents == 0 ? 0 : seq(documents - 1);
    }

    /** Returns a feed whose sequences restart at lower numbers, with the same documents in the same order. */
    Feed restarted(ObjLongConsumer<byte[]> moved) {
        Feed next = new Feed(seed, live, documents, Math.max(1, stride / 3));
        for (byte[] name : tail.values()) {
            moved.accept(name, next.append(name));
        }
        return next;
    }

    /**
     * Records a change of {@code name}. The caller removes the former sequence of {@code name} with {@link #forget}.
     * Callers must synchronize.
     */
    long append(byte[] name) {
        long seq = updateSeq + 1 + Math.floorMod(Hashing.mix(seed ^ updateSeq), Math.max(1, stride / 2));
        tail.put(seq, name);
        updateSeq = seq;
        return seq;
    }

    void forget(long seq) {
        tail.remove(seq);
    }

    long updateSeq() {
        return updateSeq;
    }

    /** Returns the number of documents the feed started with. */
    int documents() {
        return documents;
    }

    long seq(int position) {
        return 1 + (long) position * stride + Math.floorMod(Hashing.mix(seed + position), stride);
    }

    /** Returns the first position whose sequence is above {@code since}; {@link #documents()} if there is none. */
    int positionAfter(long since) {
        if (since < 1) {
            return 0;
        }
        long position = (since - 1) / stride;
        if (position >= documents) {
            return documents;
        }
        return seq((int) position) > since ? (int) position : (int) position + 1;
    }

    /**
     * Returns the number of the document at a position. A number below the number of live names is a rank in the arena.
     * A higher number is a name that was deleted before the start.
     */
    int document(int position) {
        return (int) ((position * factor + documents / 3) % documents);
    }

    Map<Long, byte[]> tailAfter(long since) {
        return tail.tailMap(since, false);
    }

    Map<Long, byte[]> tailDescending(long since) {
        return tail.tailMap(since, false).descendingMap();
    }

    /** Returns the rank of the live name from which the name of a deleted document is derived. */
    int rootOf(int document) {
        return (int) Math.floorMod(Hashing.mix(document), (long) live);
    }

    /** Returns the name of a document deleted before the start. */
    byte[] goneName(NameArena names, int document) {
        ByteWriter name = new ByteWriter(64);
        if (live == 0) {
            name.put("package");
        } else {
            int root = rootOf(document);
            name.put(names.array(), names.offset(root), names.length(root));
        }
        return name.put("-gone-" + Integer.toString(document - live, 36)).toByteArray();
    }

    /**
     * Returns a factor near the golden section of {@code n}. With this factor, neighbours in the feed are far apart in
     * the alphabet, as in the feed of npm.
     */
    private static long coprimeTo(int n) {
        for (long candidate = Math.max(1, (long) (n * 0.6180339887)); ; candidate++) {
            if (gcd(candidate, n) == 1) {
                return candidate;
            }
        }
    }

    private static long gcd(long a, long b) {
        return b == 0 ? a : gcd(b, a % b);
    }
}
