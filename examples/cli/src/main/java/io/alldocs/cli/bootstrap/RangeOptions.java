package io.alldocs.cli.bootstrap;

import io.alldocs.partition.Partition;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Options that select a range of names. A picocli mixin. */
public final class RangeOptions {
    @Option(names = "--start", paramLabel = "KEY", description = "First name of a range.")
    private @Nullable String start;

    @Option(names = "--end", paramLabel = "KEY", description = "Name before which the range ends.")
    private @Nullable String end;

    @Option(names = "--prefix", paramLabel = "P", description = "Only names that begin with P.")
    private @Nullable String prefix;

    /** Creates the options; called by picocli. */
    public RangeOptions() {}

    /** Returns whether any of these options was given. */
    public boolean areGiven() {
        return start != null || end != null || prefix != null;
    }

    /** Returns the given options as arguments for another process. */
    public List<String> arguments() {
        List<String> arguments = new ArrayList<>();
        Optional.ofNullable(start).ifPresent(key -> arguments.add("--start=" + key));
        Optional.ofNullable(end).ifPresent(key -> arguments.add("--end=" + key));
        Optional.ofNullable(prefix).ifPresent(key -> arguments.add("--prefix=" + key));
        return arguments;
    }

    /**
     * Returns the range, which contains all names if no option was given.
     *
     * @throws IllegalArgumentException if a key is empty or not valid Unicode, or start is not below end
     * @throws io.alldocs.cli.UsageException if no name can be in the range
     */
    public Partition range() {
        return KeyRange.of(start, end, prefix);
    }
}
