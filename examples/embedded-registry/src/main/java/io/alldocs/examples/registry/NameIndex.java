package io.alldocs.examples.registry;

import java.util.Arrays;

/**
 * The live names at one moment: the names of the arena without the removed ranks, and the names added since. Immutable.
 * A change creates another index, so each page shows one consistent state, even while names change.
 */
final class NameIndex {
    private final NameArena base;
    private final int[] removed;
    private final byte[][] added;

    private NameIndex(NameArena base, int[] removed, byte[][] added) {
        this.base = base;
        this.removed = removed;
        this.added = added;
    }

    static NameIndex of(NameArena base) {
        return new NameIndex(base, new int[0], new byte[0][]);
    }

    int size() {
        return base.size() - removed.length + added.length;
    }

    boolean contains(byte[] name) {
        int rank = base.rank(name);
        if (base.isAt(rank, name)) {
            return Arrays.binarySearch(removed, rank) < 0;
        }
        return addedAt(name) >= 0;
    }

    /** Returns how many live names are lower than {@code key}. */
    int rank(byte[] key) {
        int rank = base.rank(key);
        return rank - insertion(Arrays.binarySearch(removed, rank)) + insertion(addedAt(key));
    }

    NameIndex with(byte[] name) {
        if (contains(name)) {
            return this;
        }
        int rank = base.rank(name);
        if (base.isAt(rank, name)) {
            int at = Arrays.binarySearch(removed, rank);
            int[] fewer = new int[removed.length - 1];
            System.arraycopy(removed, 0, fewer, 0, at);
            System.arraycopy(removed, at + 1, fewer, at, fewer.length - at);
            return new NameIndex(base, fewer, added);
        }
        int at = insertion(addedAt(name));
        byte[][] more = Arrays.copyOf(added, added.length + 1);
        System.arraycopy(added, at, more, at + 1, added.length - at);
        more[at] = name;
        return new NameIndex(base, removed, more);
    }

    NameIndex without(byte[] name) {
        if (!contains(name)) {
            return this;
        }
        int rank = base.rank(name);
        if (base.isAt(rank, name)) {
            int at = insertion(Arrays.binarySearch(removed, rank));
            int[] more = Arrays.copyOf(removed, removed.length + 1);
            System.arraycopy(removed, at, more, at + 1, removed.length - at);
            more[at] = rank;
            return new NameIndex(base, more, added);
        }
        int at = addedAt(name);
        byte[][] fewer = new byte[added.length - 1][];
        System.arraycopy(added, 0, fewer, 0, at);
        System.arraycopy(added, at + 1, fewer, at, fewer.length - at);
        return new NameIndex(base, removed, fewer);
    }

    /** Returns the live name at {@code rank}. */
    byte[] get(int rank) {
        int low = 0;
        int high = base.size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (rank(base.get(middle)) + (isRemoved(middle) ? 0 : 1) <= rank) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        // base[low] is the first name of the arena above the requested rank; one of the added names before it may have
        // that rank.
        int below = low == base.size() ? size() : rank(base.get(low));
        if (rank == below) {
            return base.get(low);
        }
        int addedBelow = low == base.size() ? added.length : insertion(addedAt(base.get(low)));
        return added[addedBelow - (below - rank)];
    }

    Cursor from(byte[] key) {
        return new Cursor(base.rank(key), insertion(addedAt(key)));
    }

    Cursor all() {
        return new Cursor(0, 0);
    }

    private boolean isRemoved(int rank) {
        return Arrays.binarySearch(removed, rank) >= 0;
    }

    private int addedAt(byte[] name) {
        return Arrays.binarySearch(added, name, Arrays::compareUnsigned);
    }

    private static int insertion(int found) {
        return found < 0 ? -found - 1 : found;
    }

    /**
     * Iterates over live names in byte order. Call {@link #advance()} before reading a name. The name is then
     * {@code length} bytes of {@code bytes}, starting at {@code offset}.
     */
    final class Cursor {
        byte[] bytes = base.array();
        int offset;
        int length;

        private int atBase;
        private int atAdded;
        private int atRemoved;

        private Cursor(int atBase, int atAdded) {
            this.atBase = atBase;
            this.atAdded = atAdded;
            this.atRemoved = insertion(Arrays.binarySearch(removed, atBase));
        }

        boolean advance() {
            while (atRemoved < removed.length && removed[atRemoved] == atBase) {
                atRemoved++;
                atBase++;
            }
            if (atAdded < added.length && (atBase == base.size() || isAddedLower())) {
                bytes = added[atAdded++];
                offset = 0;
                length = bytes.length;
                return true;
            }
            if (atBase == base.size()) {
                return false;
            }
            bytes = base.array();
            offset = base.offset(atBase);
            length = base.length(atBase);
            atBase++;
            return true;
        }

        private boolean isAddedLower() {
            int from = base.offset(atBase);
            byte[] candidate = added[atAdded];
            return Arrays.compareUnsigned(
                            candidate, 0, candidate.length, base.array(), from, from + base.length(atBase))
                    < 0;
        }
    }
}
