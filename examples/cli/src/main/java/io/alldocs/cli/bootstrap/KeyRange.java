package io.alldocs.cli.bootstrap;

import io.alldocs.cli.UsageException;
import io.alldocs.partition.Partition;
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
        return range.intersect(Partition.ofPrefix(prefix))
                .orElseThrow(() -> new UsageException(
                        "No name that begins with the --prefix lies between --start and --end; remove one of"
                                + " the options."));
    }
}
