package io.alldocs.cli;

import io.alldocs.packument.NameFilter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Options that select packages. A picocli mixin. */
public final class FilterOptions {
    @Option(
            names = "--allow",
            paramLabel = "PATTERN",
            split = "\\s*,\\s*",
            splitSynopsisLabel = ",",
            description = "Only packuments of these names, such as @types/* or *-loader. May be repeated.")
    private List<String> allow = List.of();

    @Option(
            names = "--deny",
            paramLabel = "PATTERN",
            split = "\\s*,\\s*",
            splitSynopsisLabel = ",",
            description = "No packuments of these names, even if --allow matches. May be repeated.")
    private List<String> deny = List.of();

    @Option(
            names = "--allow-file",
            paramLabel = "FILE",
            description =
                    "File of patterns for --allow, one per line; blank lines and lines that begin with # are ignored.")
    private @Nullable Path allowFile;

    @Option(names = "--deny-file", paramLabel = "FILE", description = "File of patterns for --deny, one per line.")
    private @Nullable Path denyFile;

    /** Creates the options; called by picocli. */
    public FilterOptions() {}

    /** Returns whether any of these options was given. */
    public boolean areGiven() {
        return !allow.isEmpty() || !deny.isEmpty() || allowFile != null || denyFile != null;
    }

    /** Returns the given options as arguments for another process. */
    public List<String> arguments() {
        List<String> arguments = new ArrayList<>();
        allow.forEach(pattern -> arguments.add("--allow=" + pattern));
        deny.forEach(pattern -> arguments.add("--deny=" + pattern));
        Optional.ofNullable(allowFile).ifPresent(file -> arguments.add("--allow-file=" + file));
        Optional.ofNullable(denyFile).ifPresent(file -> arguments.add("--deny-file=" + file));
        return arguments;
    }

    /**
     * Returns the filter that the options describe.
     *
     * @throws UsageException if a file cannot be read or allows no package, or a pattern cannot match any name
     */
    public NameFilter filter() {
        try {
            List<String> allowed = with(allow, allowFile);
            UsageException.refuse(
                    allowFile != null && allowed.isEmpty(), "the file of --allow-file contains no pattern");
            return NameFilter.of(allowed, with(deny, denyFile));
        } catch (IllegalArgumentException e) {
            throw new UsageException(String.valueOf(e.getMessage()), e);
        }
    }

    private static List<String> with(List<String> patterns, @Nullable Path file) {
        if (file == null) {
            return patterns;
        }
        List<String> all = new ArrayList<>(patterns);
        try {
            all.addAll(NameFilter.readPatterns(file));
            return all;
        } catch (IOException e) {
            throw new UsageException(
                    "Cannot read the patterns in " + file + " (" + e.getClass().getSimpleName() + ").", e);
        }
    }
}
