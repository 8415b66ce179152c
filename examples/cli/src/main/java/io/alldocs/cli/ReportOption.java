package io.alldocs.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The option that writes a command's report to a file. A picocli mixin. */
public final class ReportOption {
    @Option(names = "--report", paramLabel = "FILE.json", description = "Write the report as JSON into this file.")
    private @Nullable Path file;

    /** Creates the option; called by picocli. */
    public ReportOption() {}

    /**
     * Checks that the report can be written.
     *
     * @throws UsageException if the folder of the file does not exist
     */
    public void check() {
        ReportFile.check("--report", file);
    }

    /**
     * Writes the JSON that {@code report} returns, if the option names a file.
     *
     * @throws java.io.UncheckedIOException if the file cannot be written
     */
    public void write(Supplier<JsonNode> report) {
        if (file != null) {
            ReportFile.write(file, report.get().toPrettyString() + "\n");
        }
    }
}
