package io.alldocs.storage.filesystem;

import io.alldocs.spi.SriHash;
import java.util.Arrays;

/**
 * A set of digests, identified by their first eight bytes, that verify uses for its marks. Each digest takes 8 to 12
 * bytes of heap, so 4.4 million take at most 53 MB. Two digests share eight bytes in about one of two million caches of
 * that size; one orphan is then kept, and nothing is lost. Concurrent additions are safe; call {@link #contains} only
 * after all additions are complete.
 */
final class DigestSet {
    private static final int PARTS = 256;

    private final Part[] parts = new Part[PARTS];

    DigestSet() {
        Arrays.setAll(parts, i -> new Part());
    }

    void add(SriHash integrity) {
        long fingerprint = integrity.fingerprint();
        parts[(int) (fingerprint >>> 56)].add(fingerprint);
    }

    boolean contains(SriHash integrity) {
        long fingerprint = integrity.fingerprint();
        return parts[(int) (fingerprint >>> 56)].contains(fingerprint);
    }

    boolean isEmpty() {
        return Arrays.stream(parts).allMatch(part -> part.size == 0);
    }

    private static final class Part {
        private long[] values = new long[16];
        private int size;
        private boolean sorted;

        synchronized void add(long value) {
            if (size == values.length) {
                values = Arrays.copyOf(values, size + size / 2);
            }
            values[size++] = value;
            sorted = false;
        }

        synchronized boolean contains(long value) {
            if (!sorted) {
                Arrays.sort(values, 0, size);
                sorted = true;
            }
            return Arrays.binarySearch(values, 0, size, value) >= 0;
        }
    }
}
