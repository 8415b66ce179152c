package io.alldocs.examples.registry;

import java.util.Arrays;
import java.util.Collection;

/**
 * A sorted set of names in one byte array. With 5,000,000 names, each name needs about 25 bytes. A binary search finds
 * the rank of a name. The byte array stores the names in insertion order, each after two bytes with its length. A
 * second array maps the ranks in byte order to offsets.
 */
final class NameArena {
    private final byte[] bytes;
    private final int[] starts;

    private NameArena(byte[] bytes, int[] starts) {
        this.bytes = bytes;
        this.starts = starts;
    }

    static NameArena of(Collection<String> names) {
        Builder builder = new Builder(names.size(), 32);
        names.forEach(builder::add);
        builder.sort();
        return builder.build();
    }

    int size() {
        return starts.length;
    }

    byte[] array() {
        return bytes;
    }

    int offset(int rank) {
        return starts[rank];
    }

    int length(int rank) {
        return length(bytes, starts[rank]);
    }

    byte[] get(int rank) {
        return Arrays.copyOfRange(bytes, starts[rank], starts[rank] + length(rank));
    }

    /** Returns how many names are lower than {@code key}. */
    int rank(byte[] key) {
        return rank(key, 0, starts.length);
    }

    /**
     * Returns the same as {@link #rank}, and is faster if {@code key} is close to the name at {@code from}. The key
     * must not be lower than that name.
     */
    int rankFrom(byte[] key, int from) {
        int step = 1;
        while (from + step < starts.length && compare(from + step, key) < 0) {
            step *= 2;
        }
        return rank(key, from + step / 2, Math.min(starts.length, from + step));
    }

    private int rank(byte[] key, int from, int to) {
        int low = from;
        int high = to;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (compare(middle, key) < 0) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    boolean isAt(int rank, byte[] key) {
        return rank < starts.length && compare(rank, key) == 0;
    }

    private int compare(int rank, byte[] key) {
        return Arrays.compareUnsigned(bytes, starts[rank], starts[rank] + length(rank), key, 0, key.length);
    }

    private static int length(byte[] bytes, int start) {
        return (bytes[start - 2] & 0xff) << 8 | (bytes[start - 1] & 0xff);
    }

    /**
     * Accepts names in any order. Names that are added together are adjacent in memory, so sorting them has good
     * locality.
     */
    static final class Builder {
        private static final int MAX_BYTES = 0xffff;

        private final ByteWriter bytes;
        private int[] starts;
        private int size;

        Builder(int names, int usualBytes) {
            bytes = new ByteWriter(names * (usualBytes + 2) + 64);
            starts = new int[names];
        }

        void add(String... parts) {
            int start = bytes.size() + 2;
            bytes.put((byte) 0).put((byte) 0);
            for (String part : parts) {
                bytes.put(part);
            }
            int length = bytes.size() - start;
            if (length > MAX_BYTES) {
                throw new IllegalArgumentException(
                        "A name must be at most 65,535 bytes long, but has " + length + " bytes.");
            }
            bytes.array()[start - 2] = (byte) (length >> 8);
            bytes.array()[start - 1] = (byte) length;
            starts[size++] = start;
        }

        /** Sorts the names and removes duplicates. Returns how many there are. */
        int sort() {
            sort(starts.clone(), starts, 0, size);
            int kept = 0;
            for (int i = 0; i < size; i++) {
                if (kept == 0 || compare(starts[kept - 1], starts[i]) != 0) {
                    starts[kept++] = starts[i];
                }
            }
            size = kept;
            return kept;
        }

        /**
         * Removes {@code surplus} sorted names at regular intervals, but none of the names in the first
         * {@code keptBytes} bytes.
         */
        void drop(int surplus, int keptBytes) {
            int candidates = 0;
            for (int i = 0; i < size; i++) {
                candidates += starts[i] > keptBytes ? 1 : 0;
            }
            int seen = 0;
            int kept = 0;
            for (int i = 0; i < size; i++) {
                boolean stays = starts[i] <= keptBytes
                        || (long) surplus * (seen + 1) / candidates == (long) surplus * seen++ / candidates;
                if (stays) {
                    starts[kept++] = starts[i];
                }
            }
            size = kept;
        }

        int bytes() {
            return bytes.size();
        }

        NameArena build() {
            boolean wasteful = bytes.array().length - bytes.size() > bytes.size() / 8;
            return new NameArena(wasteful ? bytes.toByteArray() : bytes.array(), Arrays.copyOf(starts, size));
        }

        private int compare(int a, int b) {
            byte[] array = bytes.array();
            return Arrays.compareUnsigned(array, a, a + length(array, a), array, b, b + length(array, b));
        }

        /**
         * Merge sort that skips sorted runs. {@code source} and {@code target} have the same contents on entry;
         * {@code target} is sorted on return.
         */
        private void sort(int[] source, int[] target, int from, int to) {
            if (to - from < 8) {
                insertionSort(target, from, to);
                return;
            }
            int middle = (from + to) >>> 1;
            sort(target, source, from, middle);
            sort(target, source, middle, to);
            if (compare(source[middle - 1], source[middle]) <= 0) {
                System.arraycopy(source, from, target, from, to - from);
                return;
            }
            int left = from;
            int right = middle;
            for (int i = from; i < to; i++) {
                boolean takeLeft = right >= to || (left < middle && compare(source[left], source[right]) <= 0);
                target[i] = takeLeft ? source[left++] : source[right++];
            }
        }

        private void insertionSort(int[] target, int from, int to) {
            for (int i = from + 1; i < to; i++) {
                int moved = target[i];
                int at = i;
                for (; at > from && compare(target[at - 1], moved) > 0; at--) {
                    target[at] = target[at - 1];
                }
                target[at] = moved;
            }
        }
    }
}
