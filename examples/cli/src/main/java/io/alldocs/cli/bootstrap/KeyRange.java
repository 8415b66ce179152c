package io.alldocs.cli.bootstrap;

import io.alldocs.cli.UsageException;
import io.alldocs.partition.Partition;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Creates a partition from the key options of a command line. */
final class KeyRange {
    private KeyRange() {}

    /**
     * Returns the names from {@code start} inclusive to {@code end} exclusive that begin with {@code prefix}. A null
     * argument sets no bound.
     *
     * @throws IllegalArgumentException if a key is empty or not valid Unicode, or start is not below end
     * @throws UsageException if no name can be in the range
     */
    static Partition of(@Nullable String start, @Nullable String end, @Nullable String prefix) {
        Partition range = Partition.of(start, end);
        if (prefix == null) {
            return range;
        }
        return range.intersect(Partition.of(prefix, successor(prefix).orElse(null)))
                .orElseThrow(
                        () -> new UsageException(
                                "No name that begins with the --prefix lies between --start and --end; leave one of them out."));
    }

    /**
     * Returns the first key after all keys that begin with {@code prefix}, in the order of UTF-8 bytes. Empty if there
     * is none.
     */
    private static Optional<String> successor(String prefix) {
        int end = prefix.length();
        while (end > 0) {
            int last = prefix.codePointBefore(end);
            end -= Character.charCount(last);
            if (last < Character.MAX_CODE_POINT) {
                return Optional.of(prefix.substring(0, end) + Character.toString(above(last)));
            }
        }
        return Optional.empty();
    }

    /** Returns the next code point, and skips surrogates, which are not characters. */
    private static int above(int codePoint) {
        return codePoint + 1 == Character.MIN_SURROGATE ? Character.MAX_SURROGATE + 1 : codePoint + 1;
    }
}
