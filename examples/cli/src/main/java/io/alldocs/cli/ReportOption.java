package io.alldocs.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The option that keeps a command's report in a file. To be mixed into a command. */
public final class ReportOption {
    @Option(names = "--report", paramLabel = "FILE.json", description = "Write the report as JSON into this file.")
    private @Nullable Path file;

    /** Made by picocli. */
    public ReportOption() {}

    /**
     * Checks that a report could be written.
     *
     * @throws UsageException when the folder does not exist
     */
    public void check() {
        ReportFile.check("--report", file);
    }

    /**
     * Writes what {@code report} gives, if a file was named.
     *
     * @throws java.io.UncheckedIOException when it cannot be written
     */
    public void write(Supplier<JsonNode> report) {
        if (file != null) {
            ReportFile.write(file, report.get().toPrettyString() + "\n");
        }
    }
}
