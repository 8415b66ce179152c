package io.alldocs.worker.spi;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;

/** Checks and batches that implementations of {@link WorkQueue} share. */
public final class QueueSupport {

    private QueueSupport() {}

    /**
     * Checks a length of time.
     *
     * @param what names the length in the message, for example {@code delay}
     * @throws IllegalArgumentException if it is negative
     */
    public static void requireNotNegative(String what, Duration length) {
        if (length.isNegative()) {
            throw new IllegalArgumentException("The " + what + " must not be negative, but is " + length + ".");
        }
    }

    /**
     * Checks the number of items to reserve.
     *
     * @throws IllegalArgumentException if it is below 1
     */
    public static void requireCount(int max) {
        if (max < 1) {
            throw new IllegalArgumentException(
                    "The number of items to reserve must be at least 1, but is " + max + ".");
        }
    }

    /** Splits {@code all} into lists of at most {@code size} elements, in order. */
    public static <T> Stream<List<T>> batches(Collection<? extends T> all, int size) {
        List<T> list = List.copyOf(all);
        return Stream.iterate(0, from -> from < list.size(), from -> from + size)
                .map(from -> list.subList(from, Math.min(from + size, list.size())));
    }
}
